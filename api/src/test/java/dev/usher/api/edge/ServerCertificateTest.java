package dev.usher.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.api.edge.TestAuthority.Identity;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.interfaces.ECPrivateKey;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ServerCertificateTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("Test Root");
    private static final Identity EC = AUTHORITY.server("localhost");
    private static final Identity RSA = AUTHORITY.serverWithRsaKey("localhost");

    static Stream<Arguments> goodPairs() throws Exception {
        return Stream.of(
                Arguments.of("PKCS #8, EC", EC, pkcs8(EC)),
                Arguments.of("PKCS #8, RSA", RSA, pkcs8(RSA)),
                Arguments.of("SEC 1, as openssl ecparam -genkey writes it", EC, sec1(EC)),
                Arguments.of(
                        "PKCS #1, as openssl genrsa -traditional writes it", RSA, pem(RSA.key())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("goodPairs")
    void readsWhatCertificateAuthoritiesWrite(String form, Identity identity, String key)
            throws Exception {
        String chain = pem(identity.certificate()) + pem(AUTHORITY.certificate());

        ServerCertificate certificate = ServerCertificate.ofPem(chain, key);

        assertThat(certificate.chain())
                .as(form)
                .containsExactly(identity.certificate(), AUTHORITY.certificate());
        assertThat(certificate.key().getAlgorithm()).isEqualTo(identity.key().getAlgorithm());
    }

    static Stream<Arguments> badPairs() throws IOException {
        String certificate = pem(EC.certificate());
        String key = pkcs8(EC);
        return Stream.of(
                Arguments.of("nothing", key, "The server certificate is not PEM"),
                Arguments.of("", key, "The server certificate is not PEM"),
                Arguments.of(certificate, "nothing", "The server key is not a PEM private key"),
                Arguments.of(certificate, certificate, "The server key is not a PEM private key"),
                Arguments.of(
                        certificate,
                        """
                        -----BEGIN ENCRYPTED PRIVATE KEY-----
                        AAAA
                        -----END ENCRYPTED PRIVATE KEY-----
                        """,
                        "without a passphrase"),
                Arguments.of(
                        certificate.replace("M", "?"),
                        key,
                        "The server certificate cannot be read."),
                Arguments.of(
                        certificate,
                        key.substring(0, key.length() / 2),
                        "The server key cannot be read"),
                Arguments.of(
                        certificate,
                        pkcs8(AUTHORITY.server("localhost")),
                        "The server key does not belong to the certificate of CN=localhost."),
                Arguments.of(
                        certificate,
                        pem(RSA.key()),
                        "The server key does not belong to the certificate of CN=localhost."));
    }

    @ParameterizedTest
    @MethodSource("badPairs")
    void saysWhatIsWrongAndNeverShowsTheKey(String certificates, String key, String message) {
        String secret = key.lines().skip(1).findFirst().orElse("there is no second line");
        assertThatThrownBy(() -> ServerCertificate.ofPem(certificates, key))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .message()
                .doesNotContain(secret);
    }

    @Test
    void refusesAnEmptyChain() {
        assertThatThrownBy(() -> new ServerCertificate(List.of(), EC.key()))
                .hasMessage("The server certificate chain is empty.");
    }

    @Test
    void keepsTheKeyOutOfItsText() {
        assertThat(EC.forServer()).hasToString("ServerCertificate[CN=localhost]");
    }

    private static String pkcs8(Identity identity) throws IOException {
        return pem(new PemObject("PRIVATE KEY", identity.key().getEncoded()));
    }

    private static String sec1(Identity identity) throws IOException {
        BigInteger secret = ((ECPrivateKey) identity.key()).getS();
        return pem(
                new PemObject(
                        "EC PRIVATE KEY",
                        new org.bouncycastle.asn1.sec.ECPrivateKey(
                                        256, secret, SECObjectIdentifiers.secp256r1)
                                .getEncoded()));
    }

    private static String pem(Object object) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }
}
