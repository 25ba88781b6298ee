package dev.usher.station;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.KeyPair;
import java.util.Arrays;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CertificateDerTest {

    private static final KeyPair EC = Certificates.ec("secp256r1");
    private static final byte[] DER = Certificates.selfSigned(EC, "Root CA of a network");
    private static final byte[] PEM = Certificates.pem("CERTIFICATE", DER);

    @Test
    void takesDer() {
        CertificateDer certificate = CertificateDer.of(DER);
        assertThat(certificate.bytes()).isEqualTo(DER);
        assertThat(certificate.toX509().getSubjectX500Principal().getName())
                .isEqualTo("CN=Root CA of a network");
    }

    @Test
    void convertsPem() {
        assertThat(CertificateDer.of(PEM)).isEqualTo(CertificateDer.of(DER));
        byte[] withText = Bytes.join("Certificate:\n    Data: 1\n".getBytes(US_ASCII), PEM);
        assertThat(CertificateDer.of(withText)).isEqualTo(CertificateDer.of(DER));
    }

    @Test
    void takesRsaOf2048BitsAndMore() {
        byte[] der = Certificates.selfSigned(Certificates.rsa(2048), "Root");
        assertThat(CertificateDer.of(der).bytes()).isEqualTo(der);
    }

    static Stream<Arguments> badCertificates() {
        byte[] key = EC.getPrivate().getEncoded();
        byte[] notACertificate = Der.encode(Der.SEQUENCE, new byte[300]);
        byte[] keyPem = Certificates.pem("PRIVATE KEY", key);
        byte[] requestPem = Certificates.pem("CERTIFICATE REQUEST", DER);
        byte[] emptyPem = Certificates.pem("CERTIFICATE", new byte[0]);
        byte[] endless = Arrays.copyOf(PEM, PEM.length / 2);
        byte[] noBase64 =
                "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----".getBytes(US_ASCII);
        KeyPair ed25519 = Certificates.ed25519();
        return Stream.of(
                Arguments.of("nothing", new byte[0], "is empty"),
                Arguments.of("text", "hello".getBytes(US_ASCII), "is neither DER nor PEM"),
                Arguments.of("two in DER", Bytes.join(DER, DER), "is more than one"),
                Arguments.of("two in PEM", Bytes.join(PEM, PEM), "is more than one"),
                Arguments.of("garbage behind it", Bytes.join(DER, new byte[1]), "neither DER"),
                Arguments.of("cut short", Arrays.copyOf(DER, DER.length - 1), "neither DER"),
                Arguments.of("another structure", notACertificate, "not an X.509 certificate"),
                Arguments.of("a key in DER", key, "is a private key"),
                Arguments.of("a key in PEM", keyPem, "comes with a private key"),
                Arguments.of("a key beside it", Bytes.join(PEM, keyPem), "with a private key"),
                Arguments.of("a request", requestPem, "holds something else"),
                Arguments.of("PEM without end", endless, "a PEM block without end"),
                Arguments.of("PEM without base64", noBase64, "a PEM block that is not base64"),
                Arguments.of("PEM without content", emptyPem, "is empty"),
                Arguments.of(
                        "192 to 255 bytes",
                        Certificates.selfSigned(ed25519, "x"),
                        "station misreads an element of 128 to 255"),
                Arguments.of(
                        "Ed25519",
                        Certificates.selfSigned(ed25519, "x".repeat(64)),
                        "has a key of type EdDSA"),
                Arguments.of(
                        "RSA of 1024 bits",
                        Certificates.selfSigned(Certificates.rsa(1024), "x"),
                        "has an RSA key of 1024 bits"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badCertificates")
    void refuses(String what, byte[] bytes, String message) {
        assertThatIllegalArgumentException()
                .as(what)
                .isThrownBy(() -> CertificateDer.of(bytes))
                .withMessageStartingWith("the certificate ")
                .withMessageContaining(message);
    }

    @Test
    void isAValue() {
        byte[] mine = DER.clone();
        CertificateDer certificate = CertificateDer.of(mine);
        mine[40] ^= 1;
        certificate.bytes()[40] ^= 1;
        assertThat(certificate)
                .isEqualTo(CertificateDer.of(DER))
                .hasSameHashCodeAs(CertificateDer.of(DER))
                .isNotEqualTo(CertificateDer.of(Certificates.selfSigned(EC, "Another root CA")))
                .hasToString("CertificateDer[" + DER.length + " bytes]");
    }

    @Property
    void neverFailsButAsDeclared(@ForAll byte[] bytes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CertificateDer.of(bytes))
                .withMessageStartingWith("the certificate ");
    }

    @Property(tries = 300)
    void neverFailsButAsDeclaredOnDamage(@ForAll int position, @ForAll byte damage) {
        byte[] damaged = DER.clone();
        damaged[Math.floorMod(position, damaged.length)] = damage;
        try {
            assertThat(CertificateDer.of(damaged).bytes()).isEqualTo(damaged);
        } catch (IllegalArgumentException declared) {
            assertThat(declared).hasMessageStartingWith("the certificate ");
        }
    }
}
