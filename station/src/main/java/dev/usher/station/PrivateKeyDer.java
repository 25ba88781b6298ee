package dev.usher.station;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The private key of a client certificate in an encoding that station reads.
 *
 * <p>A key stays as it was given where station reads it so: RSA in PKCS#1 or PKCS#8, EC in SEC1 or
 * PKCS#8 of less than 128 bytes. An EC key in the range station misreads (128 to 255 bytes) is
 * encoded again: P-256 as SEC1 with its public key (121 bytes), P-384 and P-521 as PKCS#8 without
 * it (80 and 98 bytes).
 */
public final class PrivateKeyDer {

    private static final byte[] VERSION_0 = Der.encode(Der.INTEGER, new byte[] {0});
    private static final byte[] VERSION_1 = Der.encode(Der.INTEGER, new byte[] {1});
    private static final byte[] RSA_ENCRYPTION = HexFormat.of().parseHex("2A864886F70D010101");
    private static final byte[] EC_PUBLIC_KEY = HexFormat.of().parseHex("2A8648CE3D0201");

    private enum Curve {
        P256("secp256r1", 32, "2A8648CE3D030107"),
        P384("secp384r1", 48, "2B81040022"),
        P521("secp521r1", 66, "2B81040023");

        private final String jdkName;
        private final int octets;
        private final String oid;

        Curve(String jdkName, int octets, String oid) {
            this.jdkName = jdkName;
            this.octets = octets;
            this.oid = oid;
        }

        static Curve of(Der.Element parameters) {
            return Arrays.stream(values())
                    .filter(
                            curve ->
                                    parameters.is(Der.OBJECT_IDENTIFIER)
                                            && Arrays.equals(curve.oid(), parameters.content()))
                    .findFirst()
                    .orElseThrow(() -> refusal("is on a curve other than P-256, P-384 or P-521"));
        }

        byte[] oid() {
            return HexFormat.of().parseHex(oid);
        }

        ECParameterSpec parameters() {
            try {
                AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
                parameters.init(new ECGenParameterSpec(jdkName));
                return parameters.getParameterSpec(ECParameterSpec.class);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this Java does not know " + jdkName, e);
            }
        }

        BigInteger order() {
            return parameters().getOrder();
        }
    }

    /** What a key is, whatever its encoding. */
    private sealed interface Parts {

        /** PKCS#8 without a public key, which the JDK and station both read. */
        byte[] pkcs8();

        String algorithm();
    }

    /**
     * @param pkcs1 the whole RSAPrivateKey of RFC 8017
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Rsa(byte[] pkcs1) implements Parts {

        @Override
        public byte[] pkcs8() {
            byte[] algorithm =
                    Der.encode(
                            Der.SEQUENCE,
                            Der.encode(Der.OBJECT_IDENTIFIER, RSA_ENCRYPTION),
                            Der.encode(Der.NULL));
            return Der.encode(
                    Der.SEQUENCE, VERSION_0, algorithm, Der.encode(Der.OCTET_STRING, pkcs1));
        }

        @Override
        public String algorithm() {
            return "RSA";
        }
    }

    /**
     * @param secret the private number, as long as the curve's field
     * @param point the public key as a SEC1 point
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Ec(Curve curve, byte[] secret, Optional<byte[]> point) implements Parts {

        @Override
        public byte[] pkcs8() {
            byte[] algorithm =
                    Der.encode(
                            Der.SEQUENCE,
                            Der.encode(Der.OBJECT_IDENTIFIER, EC_PUBLIC_KEY),
                            Der.encode(Der.OBJECT_IDENTIFIER, curve.oid()));
            byte[] key = Der.encode(Der.SEQUENCE, VERSION_1, Der.encode(Der.OCTET_STRING, secret));
            return Der.encode(
                    Der.SEQUENCE, VERSION_0, algorithm, Der.encode(Der.OCTET_STRING, key));
        }

        byte[] sec1(byte[] publicPoint) {
            byte[] unusedBits = {0};
            return Der.encode(
                    Der.SEQUENCE,
                    VERSION_1,
                    Der.encode(Der.OCTET_STRING, secret),
                    Der.encode(Der.EXPLICIT_0, Der.encode(Der.OBJECT_IDENTIFIER, curve.oid())),
                    Der.encode(
                            Der.EXPLICIT_1, Der.encode(Der.BIT_STRING, unusedBits, publicPoint)));
        }

        /** The shortest well-known encoding that station reads, with the public key if it fits. */
        byte[] legible() {
            return point.map(this::sec1).filter(Der::isLegibleToStation).orElseGet(this::pkcs8);
        }

        @Override
        public String algorithm() {
            return "EC";
        }
    }

    private final byte[] der;
    private final Parts parts;

    private PrivateKeyDer(byte[] der, Parts parts) {
        this.der = der;
        this.parts = parts;
    }

    /**
     * Takes one private key in DER or PEM: RSA as PKCS#1 or PKCS#8, EC on P-256, P-384 or P-521 as
     * SEC1 or PKCS#8.
     *
     * @throws IllegalArgumentException if it is anything else, or is encrypted, or station could
     *     not use it; the message says why and what to give, and shows nothing of the key
     */
    public static PrivateKeyDer of(byte[] bytes) {
        byte[] der = Pem.looksLike(bytes) ? fromPem(bytes) : bytes.clone();
        Parts parts = parse(der);
        checkUsable(parts);
        if (Der.isLegibleToStation(der)) {
            return new PrivateKeyDer(der, parts);
        }
        if (parts instanceof Ec ec) {
            return new PrivateKeyDer(ec.legible(), parts);
        }
        throw refusal("has " + der.length + " bytes, a length that station misreads");
    }

    /**
     * One whole element out of a blob.
     *
     * @throws IllegalArgumentException if it is not a private key
     */
    static PrivateKeyDer ofBlob(byte[] der) {
        return new PrivateKeyDer(der, parse(der));
    }

    private static byte[] fromPem(byte[] pem) {
        List<Pem> blocks;
        try {
            blocks = Pem.blocks(pem);
        } catch (IllegalArgumentException e) {
            throw refusal(String.valueOf(e.getMessage()));
        }
        // 'openssl ecparam -genkey' writes the name of the curve in a block of its own.
        List<Pem> keys =
                blocks.stream().filter(block -> !block.label().equals("EC PARAMETERS")).toList();
        if (keys.size() != 1 || !keys.getFirst().label().endsWith("PRIVATE KEY")) {
            throw refusal("is not alone in its file: give one PEM block 'PRIVATE KEY'");
        }
        return keys.getFirst().content();
    }

    private static Parts parse(byte[] der) {
        if (der.length == 0 || der[0] != Der.SEQUENCE) {
            throw refusal(mistakenFor(der));
        }
        try {
            List<Der.Element> fields = Der.only(der).children();
            if (isPkcs1(fields)) {
                return new Rsa(der);
            }
            if (isSec1(fields)) {
                return sec1(fields, Optional.empty());
            }
            if (isPkcs8(fields)) {
                return pkcs8(fields);
            }
        } catch (
                @SuppressWarnings("unused")
                Der.Malformed e) {
            throw refusal("is damaged DER, or more than one key: give one, and all of it");
        }
        throw refusal(mistakenFor(der));
    }

    private static String mistakenFor(byte[] der) {
        if (new String(der, US_ASCII).contains(": ")) {
            return "is a header line, which is for credentials without a certificate: give the"
                    + " certificate's private key";
        }
        return "is not a private key in DER or PEM: give PKCS#1, PKCS#8 or SEC1";
    }

    /** Whether this is the outside of a private key, be it one that station can use or not. */
    static boolean looksLike(Der.Element element) {
        try {
            List<Der.Element> fields = element.is(Der.SEQUENCE) ? element.children() : List.of();
            return isPkcs1(fields) || isSec1(fields) || isPkcs8(fields);
        } catch (
                @SuppressWarnings("unused")
                IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isPkcs1(List<Der.Element> fields) {
        return fields.size() >= 9 && fields.stream().limit(9).allMatch(f -> f.is(Der.INTEGER));
    }

    private static boolean isSec1(List<Der.Element> fields) {
        return fields.size() >= 2
                && fields.getFirst().is(Der.INTEGER)
                && fields.get(1).is(Der.OCTET_STRING);
    }

    private static boolean isPkcs8(List<Der.Element> fields) {
        return fields.size() >= 3
                && fields.getFirst().is(Der.INTEGER)
                && fields.get(1).is(Der.SEQUENCE)
                && fields.get(2).is(Der.OCTET_STRING);
    }

    private static Parts pkcs8(List<Der.Element> fields) {
        List<Der.Element> algorithm = fields.get(1).children();
        byte[] key = fields.get(2).content();
        byte[] type = fields.get(1).firstChild().content();
        if (Arrays.equals(type, RSA_ENCRYPTION)) {
            return new Rsa(key);
        }
        if (Arrays.equals(type, EC_PUBLIC_KEY)) {
            return sec1(
                    Der.only(key).children(),
                    algorithm.stream().skip(1).findFirst().map(Curve::of));
        }
        throw refusal(
                "is neither RSA nor EC, and station's TLS library knows no Ed25519 or other types:"
                        + " use EC P-256 or RSA");
    }

    private static Ec sec1(List<Der.Element> fields, Optional<Curve> outer) {
        if (!isSec1(fields)) {
            throw refusal(mistakenFor(new byte[0]));
        }
        Curve curve =
                child(fields, Der.EXPLICIT_0)
                        .map(Curve::of)
                        .or(() -> outer)
                        .orElseThrow(() -> refusal("does not say which curve it is on"));
        BigInteger secret = new BigInteger(1, fields.get(1).content());
        if (secret.signum() == 0 || secret.compareTo(curve.order()) >= 0) {
            throw refusal("is not a number of its curve");
        }
        Optional<byte[]> point = child(fields, Der.EXPLICIT_1).map(Der.Element::bits);
        return new Ec(curve, fixedLength(secret, curve.octets), point);
    }

    private static Optional<Der.Element> child(List<Der.Element> fields, int tag) {
        return fields.stream()
                .filter(field -> field.is(tag))
                .findFirst()
                .map(Der.Element::firstChild);
    }

    private static byte[] fixedLength(BigInteger number, int octets) {
        byte[] signed = number.toByteArray();
        byte[] fixed = new byte[octets];
        int kept = Math.min(signed.length, octets);
        System.arraycopy(signed, signed.length - kept, fixed, octets - kept, kept);
        return fixed;
    }

    /** Signs with the key, and looks whether the public key it carries is its own. */
    private static void checkUsable(Parts parts) {
        try {
            PrivateKey key = privateKey(parts);
            if (parts instanceof Ec(Curve curve, byte[] _, Optional<byte[]> point)
                    && point.isPresent()
                    && !arePair(key, publicKey(curve, point.get()))) {
                throw refusal("carries a public key that does not belong to it");
            }
        } catch (GeneralSecurityException e) {
            throw refusal("is damaged: its numbers are no " + parts.algorithm() + " key");
        }
    }

    private static PublicKey publicKey(Curve curve, byte[] point) throws GeneralSecurityException {
        if (point.length != 1 + 2 * curve.octets || point[0] != 4) {
            throw refusal("carries a public key that is not an uncompressed point of its curve");
        }
        int middle = 1 + curve.octets;
        ECPoint w =
                new ECPoint(
                        new BigInteger(1, Arrays.copyOfRange(point, 1, middle)),
                        new BigInteger(1, Arrays.copyOfRange(point, middle, point.length)));
        return KeyFactory.getInstance("EC")
                .generatePublic(new ECPublicKeySpec(w, curve.parameters()));
    }

    private static PrivateKey privateKey(Parts parts) throws GeneralSecurityException {
        return KeyFactory.getInstance(parts.algorithm())
                .generatePrivate(new PKCS8EncodedKeySpec(parts.pkcs8()));
    }

    private static boolean arePair(PrivateKey secret, PublicKey open)
            throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256with" + suffix(secret));
        byte[] message = "dev.usher.station".getBytes(US_ASCII);
        signature.initSign(secret);
        signature.update(message);
        byte[] signed = signature.sign();
        signature.initVerify(open);
        signature.update(message);
        return signature.verify(signed);
    }

    private static String suffix(PrivateKey key) {
        return key.getAlgorithm().equals("EC") ? "ECDSA" : "RSA";
    }

    private static IllegalArgumentException refusal(String reason) {
        return new IllegalArgumentException("the private key " + reason);
    }

    /** Whether this is the key of that certificate. It signs and verifies: about a millisecond. */
    public boolean fits(CertificateDer certificate) {
        PublicKey open = certificate.toX509().getPublicKey();
        if (!open.getAlgorithm().equals(parts.algorithm())) {
            return false;
        }
        try {
            return arePair(privateKey(parts), open);
        } catch (
                @SuppressWarnings("unused")
                GeneralSecurityException e) {
            return false; // a key of another size or curve
        }
    }

    /** The key in DER, as it goes into a credential blob. */
    public byte[] bytes() {
        return der.clone();
    }

    int length() {
        return der.length;
    }

    /**
     * The key, to sign with.
     *
     * @throws IllegalStateException if this Java does not know such keys
     */
    public PrivateKey toPrivateKey() {
        try {
            return privateKey(parts);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot use the private key", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PrivateKeyDer that && MessageDigest.isEqual(der, that.der);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(der);
    }

    /** Its type and size, nothing of the key. */
    @Override
    public String toString() {
        return "PrivateKeyDer[" + parts.algorithm() + ", " + der.length + " bytes]";
    }
}
