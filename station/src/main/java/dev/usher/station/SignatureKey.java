package dev.usher.station;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;

/**
 * The public key a gateway verifies firmware with: a point of P-256, kept in its home as the 64
 * bytes X, Y of {@code sig-N.key}.
 */
public final class SignatureKey {

    /** How many bytes a key has. */
    public static final int LENGTH = 64;

    private static final ECParameterSpec P256 = p256();

    private final byte[] point;

    /**
     * @param point X and Y, 32 bytes each, most significant first
     * @throws IllegalArgumentException if they are not a point of P-256
     */
    public SignatureKey(byte[] point) {
        if (point.length != LENGTH) {
            throw new IllegalArgumentException(
                    "signature key of " + point.length + " bytes: X and Y of P-256 are 64 bytes");
        }
        this.point = point.clone();
        if (!isOnCurve(coordinate(point, 0), coordinate(point, 1))) {
            throw new IllegalArgumentException(
                    "signature key is not a point of P-256: give the 64 bytes X, Y");
        }
    }

    /**
     * The key of this public key.
     *
     * @throws IllegalArgumentException if it is not on P-256
     */
    public static SignatureKey ofPublicKey(ECPublicKey key) {
        ECParameterSpec curve = key.getParams();
        if (!curve.getCurve().equals(P256.getCurve())) {
            throw new IllegalArgumentException(
                    "signature key on a curve of "
                            + curve.getCurve().getField().getFieldSize()
                            + " bits: station verifies with P-256 only");
        }
        ECPoint w = key.getW();
        return of(w.getAffineX(), w.getAffineY());
    }

    static SignatureKey of(BigInteger x, BigInteger y) {
        byte[] point = new byte[LENGTH];
        writeCoordinate(x, point, 0);
        writeCoordinate(y, point, 1);
        return new SignatureKey(point);
    }

    /** The key, to verify with. */
    public ECPublicKey toPublicKey() {
        ECPoint w = new ECPoint(coordinate(point, 0), coordinate(point, 1));
        try {
            return (ECPublicKey)
                    KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(w, P256));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java does not know P-256", e);
        }
    }

    /** The CRC-32 a gateway reports for it in {@code keys}. */
    public int crc() {
        CRC32 crc = new CRC32();
        crc.update(point);
        return (int) crc.getValue();
    }

    /** X and Y, the content of {@code sig-N.key}. */
    public byte[] point() {
        return point.clone();
    }

    private static BigInteger coordinate(byte[] point, int index) {
        return new BigInteger(1, point, index * 32, 32);
    }

    private static void writeCoordinate(BigInteger value, byte[] point, int index) {
        byte[] bytes = value.toByteArray(); // a leading 0 where the number begins with a 1 bit
        int kept = Math.min(bytes.length, 32);
        System.arraycopy(bytes, bytes.length - kept, point, index * 32 + 32 - kept, kept);
    }

    private static boolean isOnCurve(BigInteger x, BigInteger y) {
        BigInteger p = ((ECFieldFp) P256.getCurve().getField()).getP();
        BigInteger right =
                x.multiply(x)
                        .add(P256.getCurve().getA())
                        .multiply(x)
                        .add(P256.getCurve().getB())
                        .mod(p);
        return x.compareTo(p) < 0 && y.compareTo(p) < 0 && y.multiply(y).mod(p).equals(right);
    }

    private static ECParameterSpec p256() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java does not know P-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SignatureKey that && Arrays.equals(point, that.point);
    }

    @Override
    public int hashCode() {
        return crc();
    }

    /** Its CRC, by which gateways and makers name it. */
    @Override
    public String toString() {
        return "SignatureKey[" + HexFormat.of().withUpperCase().toHexDigits(crc()) + "]";
    }
}
