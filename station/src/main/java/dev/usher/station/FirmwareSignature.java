package dev.usher.station;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECPoint;

/**
 * The signature of a firmware update: ECDSA on P-256 over the SHA-512 of the update, as {@code
 * openssl dgst -sha512 -sign} makes it.
 *
 * <p>Its numbers are of P-256, so it has at most 72 bytes; station has room for 128. As P-256 has
 * 256 bits, ECDSA takes the first 32 of the 64 bytes of the digest.
 */
public final class FirmwareSignature {

    private static final X9ECParameters P256 = CustomNamedCurves.getByName("secp256r1");

    private static final int SHA512_LENGTH = 64;

    private final int keyCrc;
    private final byte[] der;

    /**
     * @param keyCrc CRC-32 of the key it was made with ({@link SignatureKey#crc}); station logs it
     *     and tries all its keys
     * @param der ECDSA-Sig-Value in DER: a SEQUENCE of the numbers r and s
     * @throws IllegalArgumentException if it is not that, or could not be one of P-256
     */
    public FirmwareSignature(int keyCrc, byte[] der) {
        this.keyCrc = keyCrc;
        this.der = der.clone();
        parse(der);
    }

    private record Numbers(BigInteger r, BigInteger s) {}

    private static Numbers parse(byte[] der) {
        try {
            Der.Element root = Der.only(der);
            List<Der.Element> numbers = root.is(Der.SEQUENCE) ? root.children() : List.of();
            if (numbers.size() == 2) {
                BigInteger r = numbers.getFirst().number();
                BigInteger s = numbers.getLast().number();
                if (isInRange(r) && isInRange(s)) {
                    return new Numbers(r, s);
                }
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(notASignature(), e);
        }
        throw new IllegalArgumentException(notASignature());
    }

    private static boolean isInRange(BigInteger number) {
        return number.signum() > 0 && number.compareTo(P256.getN()) < 0;
    }

    private static String notASignature() {
        return "the signature is not an ECDSA signature of P-256 in DER: make it with 'openssl dgst"
                + " -sha512 -sign KEY UPDATE'";
    }

    /**
     * Whether this is the signature of that digest by that key, exactly as station decides it.
     *
     * @param sha512 SHA-512 of the update, 64 bytes
     */
    public boolean verifies(SignatureKey key, byte[] sha512) {
        try {
            Signature signature = Signature.getInstance("NONEwithECDSA");
            signature.initVerify(key.toPublicKey());
            signature.update(truncated(sha512));
            return signature.verify(der);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot verify ECDSA", e);
        }
    }

    /**
     * The key that made this signature of that digest, if its CRC is {@link #keyCrc}.
     *
     * <p>So a signature can be checked with no more than the CRC of its key, which is all that
     * gateways report and that owners give. From r, s and the digest follow the points that could
     * be the public key (SEC 1, 4.1.6): at most four, nearly always two. Each of them verifies the
     * signature, whatever the signature is; that one of them has the expected CRC tells that
     * update, signature and key belong together.
     *
     * <p>A wrong update, digest or key is taken for right with a probability of about 2 in 2^32. It
     * is a guard against mistakes and not against forgers, who can try 2^31 signatures until the
     * CRC fits. It need not be: the gateway verifies with the key itself.
     *
     * @param sha512 SHA-512 of the update, 64 bytes
     */
    public Optional<SignatureKey> signer(byte[] sha512) {
        return candidates(sha512).stream().filter(key -> key.crc() == keyCrc).findFirst();
    }

    /** Every Q with sR = eG + rQ, for the points R whose x is r modulo the order n. */
    List<SignatureKey> candidates(byte[] sha512) {
        Numbers numbers = parse(der);
        BigInteger digest = new BigInteger(1, truncated(sha512));
        BigInteger n = P256.getN();
        BigInteger fieldSize = P256.getCurve().getField().getCharacteristic();
        BigInteger inverse = numbers.r.modInverse(n);
        BigInteger byG = inverse.multiply(digest).negate().mod(n);
        BigInteger byR = inverse.multiply(numbers.s).mod(n);
        List<SignatureKey> keys = new ArrayList<>(4);
        for (BigInteger x = numbers.r; x.compareTo(fieldSize) < 0; x = x.add(n)) {
            for (byte parity = 2; parity <= 3; parity++) {
                pointOf(x, parity)
                        .map(r -> ECAlgorithms.sumOfTwoMultiplies(P256.getG(), byG, r, byR))
                        .filter(q -> !q.isInfinity())
                        .map(ECPoint::normalize)
                        .map(FirmwareSignature::key)
                        .ifPresent(keys::add);
            }
        }
        return keys;
    }

    /** The point with this x, if there is one: about half of all numbers have one. */
    private static Optional<ECPoint> pointOf(BigInteger x, byte parity) {
        byte[] compressed = new byte[33];
        byte[] bytes = x.toByteArray();
        int kept = Math.min(bytes.length, 32);
        System.arraycopy(bytes, bytes.length - kept, compressed, 33 - kept, kept);
        compressed[0] = parity;
        try {
            return Optional.of(P256.getCurve().decodePoint(compressed));
        } catch (
                @SuppressWarnings("unused")
                IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static SignatureKey key(ECPoint q) {
        return SignatureKey.of(
                q.getAffineXCoord().toBigInteger(), q.getAffineYCoord().toBigInteger());
    }

    private static byte[] truncated(byte[] sha512) {
        if (sha512.length != SHA512_LENGTH) {
            throw new IllegalArgumentException(
                    "digest of " + sha512.length + " bytes: SHA-512 has " + SHA512_LENGTH);
        }
        return Arrays.copyOf(sha512, 32);
    }

    /** CRC-32 of the key it was made with. */
    public int keyCrc() {
        return keyCrc;
    }

    /** ECDSA-Sig-Value in DER. */
    public byte[] der() {
        return der.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FirmwareSignature that
                && keyCrc == that.keyCrc
                && Arrays.equals(der, that.der);
    }

    @Override
    public int hashCode() {
        return 31 * keyCrc + Arrays.hashCode(der);
    }

    @Override
    public String toString() {
        return "FirmwareSignature[key %s, %d bytes]"
                .formatted(HexFormat.of().withUpperCase().toHexDigits(keyCrc), der.length);
    }
}
