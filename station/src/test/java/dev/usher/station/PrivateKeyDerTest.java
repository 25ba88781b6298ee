package dev.usher.station;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PrivateKeyDerTest {

    private static final KeyPair RSA = Certificates.rsa(2048);
    private static final KeyPair P256 = Certificates.ec("secp256r1");

    /** The encodings of {@code openssl ecparam -genkey}, {@code openssl pkcs8} and the JDK. */
    private static byte[] encode(String encoding, KeyPair keys) {
        SubjectPublicKeyInfo open = SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded());
        AlgorithmIdentifier algorithm = open.getAlgorithm();
        DERBitString point = new DERBitString(open.getPublicKeyData().getOctets());
        ECPrivateKey secret = (ECPrivateKey) keys.getPrivate();
        int bits = secret.getParams().getOrder().bitLength();
        BigInteger s = secret.getS();
        try {
            return switch (encoding) {
                case "SEC1" -> sec1(bits, s, point, algorithm.getParameters()).getEncoded();
                case "SEC1 without public key" ->
                        sec1(bits, s, null, algorithm.getParameters()).getEncoded();
                case "PKCS#8" ->
                        new PrivateKeyInfo(algorithm, sec1(bits, s, point, null)).getEncoded();
                case "PKCS#8 without public key" ->
                        new PrivateKeyInfo(algorithm, sec1(bits, s, null, null)).getEncoded();
                default -> throw new AssertionError(encoding);
            };
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ASN1Object sec1(
            int bits, BigInteger s, @Nullable DERBitString point, @Nullable ASN1Encodable curve) {
        return new org.bouncycastle.asn1.sec.ECPrivateKey(bits, s, point, curve);
    }

    private static byte[] pkcs1(KeyPair keys) {
        return Der.only(keys.getPrivate().getEncoded()).children().get(2).content();
    }

    @ParameterizedTest
    @CsvSource({
        "secp256r1, SEC1,                      121, 121",
        "secp256r1, SEC1 without public key,    51,  51",
        "secp256r1, PKCS#8,                    138, 121",
        "secp256r1, PKCS#8 without public key,  67,  67",
        "secp384r1, SEC1,                      167,  80",
        "secp384r1, SEC1 without public key,    64,  64",
        "secp384r1, PKCS#8,                    185,  80",
        "secp384r1, PKCS#8 without public key,  80,  80",
        "secp521r1, SEC1,                      223,  98",
        "secp521r1, SEC1 without public key,    82,  82",
        "secp521r1, PKCS#8,                    241,  98",
        "secp521r1, PKCS#8 without public key,  98,  98",
    })
    void encodesAnewWhatStationMisreads(String curve, String encoding, int given, int kept) {
        KeyPair keys = Certificates.ec(curve);
        byte[] der = encode(encoding, keys);
        assertThat(der).hasSize(given);
        PrivateKeyDer key = PrivateKeyDer.of(der);
        assertThat(key.bytes()).hasSize(kept);
        if (given == kept) {
            assertThat(key.bytes()).isEqualTo(der);
        }
        assertThat(key.toPrivateKey()).isEqualTo(keys.getPrivate());
        assertThat(PrivateKeyDer.of(key.bytes())).isEqualTo(key);
        assertThat(PrivateKeyDer.of(Certificates.pem("PRIVATE KEY", der))).isEqualTo(key);
        assertThat(key.fits(CertificateDer.of(Certificates.selfSigned(keys, "gateway 1"))))
                .isTrue();
    }

    @Test
    void writesSec1AsOpensslDoes() {
        assertThat(PrivateKeyDer.of(encode("PKCS#8", P256)).bytes())
                .isEqualTo(encode("SEC1", P256));
    }

    @Test
    void keepsRsaAsItIs() {
        byte[] pkcs8 = RSA.getPrivate().getEncoded();
        byte[] pkcs1 = pkcs1(RSA);
        CertificateDer certificate = CertificateDer.of(Certificates.selfSigned(RSA, "gateway 1"));
        assertThat(PrivateKeyDer.of(pkcs8).bytes()).isEqualTo(pkcs8);
        assertThat(PrivateKeyDer.of(pkcs1).bytes()).isEqualTo(pkcs1);
        assertThat(PrivateKeyDer.of(Certificates.pem("RSA PRIVATE KEY", pkcs1)).bytes())
                .isEqualTo(pkcs1);
        assertThat(PrivateKeyDer.of(pkcs1).fits(certificate)).isTrue();
        assertThat(PrivateKeyDer.of(pkcs1).toPrivateKey()).isEqualTo(RSA.getPrivate());
    }

    @Test
    void takesTheTwoBlocksOfOpensslEcparam() {
        byte[] file =
                Bytes.join(
                        Certificates.pem("EC PARAMETERS", new byte[] {6, 0}),
                        Certificates.pem("EC PRIVATE KEY", encode("SEC1", P256)));
        assertThat(PrivateKeyDer.of(file).bytes()).isEqualTo(encode("SEC1", P256));
    }

    @Test
    void fitsNoOtherCertificate() {
        PrivateKeyDer key = PrivateKeyDer.of(encode("SEC1", P256));
        for (KeyPair other :
                new KeyPair[] {RSA, Certificates.ec("secp256r1"), Certificates.ec("secp384r1")}) {
            byte[] certificate = Certificates.selfSigned(other, "another gateway");
            assertThat(key.fits(CertificateDer.of(certificate))).isFalse();
        }
    }

    static Stream<Arguments> badKeys() {
        byte[] sec1 = encode("SEC1", P256);
        byte[] otherPoint = sec1.clone();
        byte[] stranger = encode("SEC1", Certificates.ec("secp256r1"));
        System.arraycopy(stranger, 56, otherPoint, 56, 65);
        byte[] noPoint = sec1.clone();
        noPoint[60] ^= 1;
        byte[] zero = encode("SEC1 without public key", P256);
        Arrays.fill(zero, 7, 39, (byte) 0);
        byte[] tooLarge = encode("SEC1 without public key", P256);
        Arrays.fill(tooLarge, 7, 39, (byte) -1);
        byte[] noAlgorithm = Der.encode(Der.SEQUENCE, Bytes.ofHex("020100 3000 0400"));
        byte[] noInner = encode("PKCS#8", P256);
        noInner[30] ^= 1;
        byte[] nameless = Der.encode(Der.SEQUENCE, Bytes.ofHex("020101 0401 07"));
        byte[] brainpool =
                Bytes.ofHex(Bytes.hex(sec1).replace("2A8648CE3D030107", "2B24030302080101"));
        byte[] encrypted = Certificates.pem("ENCRYPTED PRIVATE KEY", new byte[9]);
        byte[] encryptedOldWay =
                ("-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00"
                                + "\n\nAAAA\n-----END EC PRIVATE KEY-----\n")
                        .getBytes(US_ASCII);
        byte[] twoInPem =
                Bytes.join(
                        Certificates.pem("EC PRIVATE KEY", sec1),
                        Certificates.pem("EC PRIVATE KEY", sec1));
        byte[] certificate = Certificates.selfSigned(P256, "gateway 1");
        byte[] brokenRsa = Der.encode(Der.SEQUENCE, Bytes.ofHex("020100".repeat(9)));
        return Stream.of(
                Arguments.of("nothing", new byte[0], "is not a private key"),
                Arguments.of("text", "hello".getBytes(US_ASCII), "is not a private key"),
                Arguments.of("header", "Authorization: x".getBytes(US_ASCII), "is a header line"),
                Arguments.of("certificate", certificate, "is not a private key"),
                Arguments.of(
                        "certificate in PEM",
                        Certificates.pem("CERTIFICATE", certificate),
                        "give one PEM block"),
                Arguments.of("two keys", Bytes.join(sec1, sec1), "more than one key"),
                Arguments.of("two keys in PEM", twoInPem, "is not alone in its file"),
                Arguments.of("cut short", Arrays.copyOf(sec1, 100), "is damaged DER"),
                Arguments.of("an empty algorithm", noAlgorithm, "is damaged DER"),
                Arguments.of("no key in PKCS#8", noInner, "is damaged DER"),
                Arguments.of("encrypted", encrypted, "is encrypted with a passphrase"),
                Arguments.of("encrypted the old way", encryptedOldWay, "is encrypted with a pass"),
                Arguments.of(
                        "Ed25519",
                        Certificates.ed25519().getPrivate().getEncoded(),
                        "is neither RSA nor EC"),
                Arguments.of("another curve", brainpool, "other than P-256, P-384 or P-521"),
                Arguments.of("no curve", nameless, "does not say which curve"),
                Arguments.of("zero", zero, "is not a number of its curve"),
                Arguments.of("over the order", tooLarge, "is not a number of its curve"),
                Arguments.of("another's point", otherPoint, "does not belong to it"),
                Arguments.of("no point of the curve", noPoint, "public key that does not belong"),
                Arguments.of("RSA of zeros", brokenRsa, "is damaged"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badKeys")
    void refuses(String what, byte[] bytes, String message) {
        assertThatIllegalArgumentException()
                .as(what)
                .isThrownBy(() -> PrivateKeyDer.of(bytes))
                .withMessageStartingWith("the private key ")
                .withMessageContaining(message);
    }

    @Test
    void isAValueThatKeepsItsSecret() {
        PrivateKeyDer key = PrivateKeyDer.of(encode("SEC1", P256));
        key.bytes()[40] ^= 1;
        assertThat(key)
                .isEqualTo(PrivateKeyDer.of(encode("SEC1", P256)))
                .hasSameHashCodeAs(PrivateKeyDer.of(encode("SEC1", P256)))
                .hasToString("PrivateKeyDer[EC, 121 bytes]");
    }

    @Property
    void neverFailsButAsDeclared(@ForAll byte[] bytes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PrivateKeyDer.of(bytes))
                .withMessageStartingWith("the private key ");
    }

    @Property(tries = 300)
    void neverFailsButAsDeclaredOnDamage(@ForAll int position, @ForAll byte damage) {
        byte[] damaged = encode("PKCS#8", P256);
        damaged[Math.floorMod(position, damaged.length)] = damage;
        try {
            assertThat(PrivateKeyDer.of(damaged).bytes()).hasSizeLessThan(128);
        } catch (IllegalArgumentException declared) {
            assertThat(declared).hasMessageStartingWith("the private key ");
        }
    }
}
