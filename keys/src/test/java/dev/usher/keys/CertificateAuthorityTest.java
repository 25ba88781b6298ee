package dev.usher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.usher.lorawan.Eui64;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateAuthorityTest {

    private static final Instant NOW = Instant.parse("2026-07-01T12:00:00Z");
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);
    private static final Duration YEAR = Duration.ofDays(365);
    private static final Eui64 EUI = Eui64.parse("58A0CBFFFE800BE7");
    private static final CertificateAuthority CA =
            CertificateAuthority.create("Usher root of a test", CLOCK);

    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    private static Stream<IssuedCertificate> everyKind() {
        return Stream.of(
                CA.issueServer(List.of("gwjs.example.org", "localhost", "127.0.0.1"), YEAR),
                CA.issueGateway(EUI, YEAR),
                CA.issueOwner("::1", YEAR));
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void issuesWhatTheJdkTrusts(IssuedCertificate issued) throws GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        PKIXParameters parameters =
                new PKIXParameters(Set.of(new TrustAnchor(CA.certificate(), null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(NOW));
        assertThat(
                        CertPathValidator.getInstance("PKIX")
                                .validate(
                                        factory.generateCertPath(List.of(issued.certificate())),
                                        parameters))
                .isNotNull();
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void issuesWhatOpenSslTrusts(IssuedCertificate issued, @TempDir Path home)
            throws IOException, InterruptedException {
        Path root = Files.writeString(home.resolve("root.pem"), CA.certificatePem());
        Path leaf = Files.writeString(home.resolve("leaf.pem"), issued.certificatePem());
        Path key = Files.writeString(home.resolve("key.pem"), issued.privateKeyPem());
        Path sec1 = Files.write(home.resolve("key.der"), issued.privateKeySec1());
        String purpose =
                issued.certificate().getKeyUsage() != null
                                && issued.toString().contains("OU=server")
                        ? "sslserver"
                        : "sslclient";

        assertThat(
                        openssl(
                                "verify",
                                "-x509_strict",
                                "-attime",
                                "" + NOW.getEpochSecond(),
                                "-purpose",
                                purpose,
                                "-CAfile",
                                root.toString(),
                                leaf.toString()))
                .endsWith("leaf.pem: OK");
        String publicKey = openssl("x509", "-in", leaf.toString(), "-noout", "-pubkey");
        assertThat(openssl("pkey", "-in", key.toString(), "-pubout")).isEqualTo(publicKey);
        assertThat(openssl("ec", "-inform", "DER", "-in", sec1.toString(), "-pubout"))
                .contains(publicKey);
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void issuesNothingARealGatewayMisreads(IssuedCertificate issued) {
        assertThat(issued.privateKeySec1()).hasSize(121).startsWith(0x30, 0x77);
        assertThat(issued.certificateDer()).hasSizeGreaterThan(255).startsWith(0x30, 0x82);
        assertThat(issued.certificate().getSigAlgName()).isEqualTo("SHA256withECDSA");
        assertThat(CA.certificateDer()).hasSizeGreaterThan(255).startsWith(0x30, 0x82);
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void handsOutThePrivateKey(IssuedCertificate issued) throws GeneralSecurityException {
        ECPrivateKey key =
                (ECPrivateKey)
                        KeyFactory.getInstance("EC")
                                .generatePrivate(new PKCS8EncodedKeySpec(issued.privateKeyPkcs8()));
        assertThat(key).isEqualTo(issued.privateKey());
        assertThat(issued.toString()).doesNotContain(key.getS().toString(16));
    }

    @Test
    void namesServersAsEveryClientLooksThemUp() throws GeneralSecurityException {
        X509Certificate certificate =
                CA.issueServer(
                                List.of("gwjs.example.org", "*.gw.example.org", "192.0.2.7", "::1"),
                                YEAR)
                        .certificate();
        // 2 is dNSName, 7 is iPAddress; mbedTLS 2.28 compares an IPv4 address with dNSNames
        assertThat(alternativeNames(certificate))
                .containsExactly(
                        "2 gwjs.example.org",
                        "2 *.gw.example.org",
                        "7 192.0.2.7",
                        "2 192.0.2.7",
                        "7 0:0:0:0:0:0:0:1");
        assertThat(certificate.getExtendedKeyUsage()).containsExactly(SERVER_AUTH);
        assertThat(CA.holderOf(certificate))
                .contains(new CertificateHolder(CertificateRole.SERVER, "gwjs.example.org"));
    }

    @Test
    void namesGatewaysByTheirEui() throws GeneralSecurityException {
        X509Certificate certificate = CA.issueGateway(EUI, YEAR).certificate();
        assertThat(alternativeNames(certificate)).containsExactly("2 58a0cbfffe800be7");
        assertThat(certificate.getExtendedKeyUsage()).containsExactly(CLIENT_AUTH);
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(CA.holderOf(certificate))
                .contains(new CertificateHolder(CertificateRole.GATEWAY, "58A0CBFFFE800BE7"));
    }

    @Test
    void tellsAnOwnerFromTheGatewayOfTheSameNumber() {
        assertThat(CA.holderOf(CA.issueOwner("58A0CBFFFE800BE7", YEAR).certificate()))
                .contains(new CertificateHolder(CertificateRole.OWNER, "58A0CBFFFE800BE7"));
    }

    @Test
    void keepsNamesAsTheyWere() {
        String name = "acme, \"Gateways\" + OU=owner";
        assertThat(CA.holderOf(CA.issueOwner(name, YEAR).certificate()))
                .contains(new CertificateHolder(CertificateRole.OWNER, name));
    }

    @Test
    void knowsItsOwnCertificatesOnly() {
        CertificateAuthority namesake = CertificateAuthority.create("Usher root of a test", CLOCK);
        assertThat(CA.holderOf(namesake.issueOwner("::1", YEAR).certificate())).isEmpty();
        assertThat(CA.holderOf(CA.certificate())).isEmpty();
    }

    @Test
    void lasts20Years() {
        X509Certificate root = CA.certificate();
        assertThat(root.getNotBefore().toInstant()).isEqualTo("2026-06-30T12:00:00Z");
        assertThat(root.getNotAfter().toInstant()).isEqualTo("2046-07-01T12:00:00Z");
        assertThat(root.getBasicConstraints()).isZero();
    }

    @Test
    void issuesNothingThatOutlivesIt() {
        assertThat(CA.issueGateway(EUI, YEAR).certificate().getNotAfter().toInstant())
                .isEqualTo("2027-07-01T12:00:00Z");
        for (Duration tooLong :
                List.of(Duration.ofDays(36_500), Duration.ofSeconds(Long.MAX_VALUE))) {
            assertThat(CA.issueGateway(EUI, tooLong).certificate().getNotAfter())
                    .isEqualTo(CA.certificate().getNotAfter());
        }
    }

    @Test
    void givesEveryCertificateASerialOfItsOwn() {
        assertThat(CA.issueGateway(EUI, YEAR).certificate().getSerialNumber())
                .isPositive()
                .isNotEqualTo(CA.issueGateway(EUI, YEAR).certificate().getSerialNumber());
    }

    @Test
    void comesBackFromWhatWasKept() {
        CertificateAuthority restored =
                CertificateAuthority.restore(CA.certificateDer(), CA.privateKeyPkcs8(), CLOCK);
        assertThat(restored.certificate()).isEqualTo(CA.certificate());
        assertThat(CA.holderOf(restored.issueOwner("::1", YEAR).certificate())).isPresent();
    }

    @Test
    void refusesToComeBackWrong() {
        IssuedCertificate server = CA.issueServer(List.of("localhost"), YEAR);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                CertificateAuthority.restore(
                                        server.certificateDer(), server.privateKeyPkcs8(), CLOCK))
                .withMessageContaining("is not one of a certificate authority");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                CertificateAuthority.restore(
                                        new byte[3], CA.privateKeyPkcs8(), CLOCK))
                .withMessageContaining("cannot be restored");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "https://host",
                "host:9191",
                "host name",
                "-host",
                "host-",
                "a..b",
                "999.1.1.1",
                "1.2.3",
                "*.*.org",
                "a.*.org",
                "::g",
                "fe80::1%eth0",
                "1::2::3",
                "h\u00F6st"
            })
    void refusesANameNobodyCanConnectTo(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CA.issueServer(List.of("localhost", name), YEAR))
                .withMessageContaining("is neither a DNS name nor an IP address");
    }

    @Test
    void refusesWhatMakesNoCertificate() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CA.issueServer(List.of(), YEAR))
                .withMessageContaining("at least one DNS name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CA.issueGateway(EUI, Duration.ZERO))
                .withMessageContaining("PT0S is not above 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CA.issueOwner("x".repeat(65), YEAR))
                .withMessageContaining("is not a common name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CertificateAuthority.create(" ", CLOCK))
                .withMessageContaining("is not a common name");
    }

    private static List<String> alternativeNames(X509Certificate certificate)
            throws GeneralSecurityException {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        return names.stream().map(name -> name.get(0) + " " + name.get(1)).toList();
    }

    private static String openssl(String... arguments) throws IOException, InterruptedException {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "openssl"))),
                "openssl is not on the PATH");
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
