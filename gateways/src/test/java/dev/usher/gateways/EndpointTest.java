package dev.usher.gateways;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.gateways.GatewayRow.EndpointKind;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.IssuedCertificate;
import dev.usher.lorawan.Eui64;
import dev.usher.station.Credentials;
import java.math.BigInteger;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How a setup changes an endpoint, and everything it is refused for. */
class EndpointTest {

    private static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("Network", InstantSource.system());
    private static final byte[] TRUST = AUTHORITY.certificateDer();
    private static final byte[] OTHER_TRUST =
            CertificateAuthority.create("Other", InstantSource.system()).certificateDer();
    private static final IssuedCertificate CLIENT =
            AUTHORITY.issueGateway(new Eui64(1), Duration.ofDays(1));
    private static final IssuedCertificate OTHER_CLIENT =
            AUTHORITY.issueGateway(new Eui64(2), Duration.ofDays(1));
    private static final byte[] HEADER = ascii("Authorization: Bearer secret\r\n");
    private static final String URI = "wss://lns.example.org:8887";

    private static final Setting<String> SAME_URI = Setting.unchanged();
    private static final Setting<byte[]> SAME = Setting.unchanged();
    private static final Setting<byte[]> CLEAR = Setting.cleared();

    @Test
    void whatIsNotSaidStaysAsItIs() {
        Endpoint before = made(lns(to(URI), to(TRUST), SAME, to(HEADER)));

        assertThat(merge(Optional.of(before), EndpointChange.NONE).endpoint()).hasValue(before);
        assertThat(merged(before, lns(to("wss://new.example.org:1"), SAME, SAME, SAME)))
                .isEqualTo(made(lns(to("wss://new.example.org:1"), to(TRUST), SAME, to(HEADER))));
        assertThat(merged(before, lns(SAME_URI, to(OTHER_TRUST), SAME, SAME)))
                .isEqualTo(made(lns(to(URI), to(OTHER_TRUST), SAME, to(HEADER))));
        assertThat(merged(before, lns(SAME_URI, SAME, SAME, to(ascii("X-Key: other\r\n")))))
                .isEqualTo(made(lns(to(URI), to(TRUST), SAME, to(ascii("X-Key: other\r\n")))));
    }

    @Test
    void whatIsClearedIsGone() {
        Endpoint before = made(lns(to(URI), to(TRUST), SAME, to(HEADER)));

        assertThat(merged(before, lns(SAME_URI, SAME, SAME, CLEAR)).credentials())
                .hasValueSatisfying(c -> assertThat(c).isInstanceOf(Credentials.ServerAuth.class));
        assertThat(merged(before, lns(SAME_URI, SAME, SAME, to(new byte[0]))).credentials())
                .hasValueSatisfying(c -> assertThat(c).isInstanceOf(Credentials.ServerAuth.class));
        assertThat(merge(Optional.of(before), lns(Setting.cleared(), SAME, SAME, SAME)).endpoint())
                .isEmpty();
        assertThat(merge(Optional.of(before), lns(to(""), CLEAR, CLEAR, CLEAR)).endpoint())
                .isEmpty();
        assertThat(merge(Optional.empty(), lns(SAME_URI, CLEAR, SAME, SAME)).endpoint()).isEmpty();
    }

    @Test
    void aTokenGivesWayToACertificateAndBack() {
        Endpoint token = made(lns(to(URI), to(TRUST), SAME, to(HEADER)));

        Endpoint mutual =
                merged(
                        token,
                        lns(
                                SAME_URI,
                                SAME,
                                to(CLIENT.certificateDer()),
                                to(CLIENT.privateKeySec1())));
        assertThat(mutual.credentials())
                .hasValueSatisfying(c -> assertThat(c).isInstanceOf(Credentials.Mutual.class));

        assertThat(merged(mutual, lns(SAME_URI, SAME, CLEAR, to(HEADER)))).isEqualTo(token);
        assertThat(merged(mutual, lns(SAME_URI, SAME, CLEAR, CLEAR)))
                .isEqualTo(made(lns(to(URI), to(TRUST), SAME, SAME)));
    }

    @Test
    void aCertificateStaysWhenOnlyTheTrustChanges() {
        Endpoint mutual = made(mutualWith(CLIENT.privateKeySec1()));

        Endpoint after = merged(mutual, lns(SAME_URI, to(OTHER_TRUST), SAME, SAME));

        assertThat(after.credentials().orElseThrow().files().certificate())
                .isEqualTo(CLIENT.certificateDer());
        assertThat(after.credentials().orElseThrow().files().trust()).isEqualTo(OTHER_TRUST);
    }

    @Test
    void aRenewedCertificateOfTheSameKeyNeedsNoKey() throws Exception {
        Endpoint mutual = made(mutualWith(CLIENT.privateKeySec1()));
        byte[] renewed = selfSigned(CLIENT);

        Endpoint after = merged(mutual, lns(SAME_URI, SAME, to(renewed), SAME));

        assertThat(after.credentials().orElseThrow().files().certificate()).isEqualTo(renewed);
        assertThat(after.credentials().orElseThrow().files().key())
                .isEqualTo(CLIENT.privateKeySec1());
    }

    @ParameterizedTest
    @EnumSource(EndpointKind.class)
    void overPlainTextThereAreNoCredentials(EndpointKind kind) {
        String plain = kind == EndpointKind.CUPS ? "http://10.0.0.1:80" : "ws://10.0.0.1:80";
        String secure = kind == EndpointKind.CUPS ? "https://a.example:1" : "wss://a.example:1";
        Endpoint before =
                Endpoint.merge(
                                kind,
                                Optional.empty(),
                                lns(to(secure), to(TRUST), SAME, to(HEADER)),
                                new CredentialReader())
                        .endpoint()
                        .orElseThrow();

        Endpoint.Merged silent =
                Endpoint.merge(
                        kind,
                        Optional.of(before),
                        lns(to(plain), SAME, SAME, SAME),
                        new CredentialReader());
        Endpoint.Merged told =
                Endpoint.merge(
                        kind,
                        Optional.of(before),
                        lns(to(plain), to(TRUST), SAME, to(HEADER)),
                        new CredentialReader());

        assertThat(silent.endpoint().orElseThrow().credentials()).isEmpty();
        assertThat(silent.notices()).isEmpty();
        assertThat(told.endpoint()).isEqualTo(silent.endpoint());
        assertThat(told.notices())
                .containsExactly(
                        kind.prefix
                                + " credentials were left out: nothing is authenticated over "
                                + plain.substring(0, plain.indexOf(':'))
                                + "://");
        // What was forgotten has to be said again.
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                Endpoint.merge(
                                        kind,
                                        silent.endpoint(),
                                        lns(to(secure), SAME, SAME, SAME),
                                        new CredentialReader()))
                .withMessageStartingWith(kind.prefix + "Trust is missing: over ");
    }

    @Test
    void aMissingCrlfIsAddedAndSaid() {
        Endpoint.Merged merged =
                merge(
                        Optional.empty(),
                        lns(to(URI), to(TRUST), SAME, to(ascii("Authorization: Bearer secret"))));

        assertThat(merged.endpoint()).hasValue(made(lns(to(URI), to(TRUST), SAME, to(HEADER))));
        assertThat(merged.notices())
                .containsExactly("the CRLF missing at the end of lnsKey was added");
        assertThat(merge(merged.endpoint(), lns(to(URI), SAME, SAME, SAME)).notices()).isEmpty();
    }

    @Test
    void pemIsConverted() {
        EndpointChange pem =
                lns(
                        to(URI),
                        to(ascii(AUTHORITY.certificatePem())),
                        to(ascii(CLIENT.certificatePem())),
                        to(ascii(CLIENT.privateKeyPem())));

        Credentials credentials = made(pem).credentials().orElseThrow();

        assertThat(credentials.files().trust()).isEqualTo(TRUST);
        assertThat(credentials.files().certificate()).isEqualTo(CLIENT.certificateDer());
        assertThat(Credentials.parseBlob(credentials.blob()).crc()).isEqualTo(credentials.crc());
    }

    @Test
    void aP256KeyThatStationWouldMisreadIsEncodedAnew() throws Exception {
        // PKCS#8 with the public key, as OpenSSL writes it: 138 bytes, a length station misreads.
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", new BouncyCastleProvider());
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        var keys = generator.generateKeyPair();
        byte[] pkcs8 = keys.getPrivate().getEncoded();
        assertThat(PrivateKeyInfo.getInstance(pkcs8).getEncoded()).isEqualTo(pkcs8);
        assertThat(pkcs8).hasSizeBetween(128, 255);
        byte[] certificate = selfSigned(keys.getPublic(), keys.getPrivate());

        Endpoint endpoint = made(lns(to(URI), to(TRUST), to(certificate), to(pkcs8)));

        assertThat(endpoint.credentials().orElseThrow().files().key())
                .hasSize(121)
                .startsWith(0x30, 0x77);
    }

    static Stream<Arguments> refusals() {
        byte[] two = concat(TRUST, OTHER_TRUST);
        byte[] twoPem = ascii(AUTHORITY.certificatePem() + AUTHORITY.certificatePem());
        byte[] crt = CLIENT.certificateDer();
        byte[] key = CLIENT.privateKeySec1();
        Setting<byte[]> trust = to(TRUST);
        return Stream.of(
                refusal(
                        "credentials without URI",
                        lns(SAME_URI, trust, SAME, SAME),
                        "lnsUri is missing"),
                refusal(
                        "URI without port",
                        lns(to("wss://lns.example.org"), trust, SAME, SAME),
                        "lnsUri: "),
                refusal(
                        "URI with path",
                        lns(to(URI + "/router-info"), trust, SAME, SAME),
                        "lnsUri: "),
                refusal(
                        "URI too long",
                        lns(to("wss://" + "a.".repeat(60) + "org:1234567"), trust, SAME, SAME),
                        "lnsUri: "),
                refusal(
                        "URI of CUPS",
                        lns(to("https://lns.example.org:1"), trust, SAME, SAME),
                        "lnsUri: "),
                refusal("URI of two lines", lns(to(URI + "\r\n"), trust, SAME, SAME), "lnsUri: "),
                refusal(
                        "wss without trust",
                        lns(to(URI), SAME, SAME, to(HEADER)),
                        "lnsTrust is missing: over wss://"),
                refusal(
                        "wss with empty trust",
                        lns(to(URI), to(new byte[0]), SAME, SAME),
                        "lnsTrust is missing"),
                refusal(
                        "two trusts",
                        lns(to(URI), to(two), SAME, SAME),
                        "lnsTrust: the certificate is more than one"),
                refusal(
                        "two trusts in PEM",
                        lns(to(URI), to(twoPem), SAME, SAME),
                        "lnsTrust: the certificate is more than one"),
                refusal(
                        "trust is a key",
                        lns(to(URI), to(key), SAME, SAME),
                        "lnsTrust: the certificate is a private key"),
                refusal(
                        "trust is text",
                        lns(to(URI), to(ascii("hello")), SAME, SAME),
                        "lnsTrust: "),
                refusal(
                        "certificate without key",
                        lns(to(URI), trust, to(crt), SAME),
                        "lnsCrt comes without its private key: send lnsKey with it"),
                refusal(
                        "certificate with empty key",
                        lns(to(URI), trust, to(crt), CLEAR),
                        "lnsCrt comes without its private key: send lnsKey with it"),
                refusal(
                        "certificate with header",
                        lns(to(URI), trust, to(crt), to(HEADER)),
                        "lnsKey: "),
                refusal(
                        "key of another certificate",
                        lns(to(URI), trust, to(crt), to(OTHER_CLIENT.privateKeySec1())),
                        "lnsKey: the private key does not belong to the certificate"),
                refusal(
                        "key without certificate",
                        lns(to(URI), trust, SAME, to(key)),
                        "lnsKey: the header line"),
                refusal(
                        "two header lines",
                        lns(to(URI), trust, SAME, header("Authorization: a\r\nHost: evil\r\n")),
                        "lnsKey: the header line has more than one line"),
                refusal(
                        "line feed inside",
                        lns(to(URI), trust, SAME, header("Authorization: a\nX-B: c")),
                        "lnsKey: the header line has more than one line"),
                refusal(
                        "carriage return inside",
                        lns(to(URI), trust, SAME, header("Authorization: a\rb\r\n")),
                        "lnsKey: the header line has more than one line"),
                refusal(
                        "NUL",
                        lns(to(URI), trust, SAME, header("Authorization: a\0b\r\n")),
                        "lnsKey: the header line has a control character"),
                refusal(
                        "8 bit",
                        lns(
                                to(URI),
                                trust,
                                SAME,
                                to(new byte[] {'X', '-', 'A', ':', ' ', (byte) 0xE9})),
                        "lnsKey: the header line has a control character or one that is not ASCII"),
                refusal(
                        "no colon",
                        lns(to(URI), trust, SAME, header("secret-token")),
                        "lnsKey: the header line has no colon"),
                refusal(
                        "leading space",
                        lns(to(URI), trust, SAME, header(" Authorization: a")),
                        "lnsKey: the header line has a name"),
                refusal(
                        "another header",
                        lns(to(URI), trust, SAME, header("Host: evil.example")),
                        "lnsKey: the header line has another name"),
                refusal(
                        "no value",
                        lns(to(URI), trust, SAME, header("Authorization: \r\n")),
                        "lnsKey: the header line has no value"),
                refusal(
                        "too long",
                        lns(to(URI), trust, SAME, header("Authorization: " + "x".repeat(7000))),
                        "lnsKey: the header line has 7017 bytes"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void refusesWhatWouldHurtTheGateway(String name, EndpointChange change, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> merge(Optional.empty(), change))
                .withMessageStartingWith(message)
                .withMessageNotContaining("secret")
                .withMessageNotContaining("evil");
    }

    @Test
    void refusesWhatDoesNotFitWhatIsThere() {
        Endpoint mutual = made(mutualWith(CLIENT.privateKeySec1()));
        Endpoint token = made(lns(to(URI), to(TRUST), SAME, to(HEADER)));

        assertThatThrownBy(() -> merged(mutual, lns(SAME_URI, SAME, CLEAR, SAME)))
                .hasMessage(
                        "lnsKey is the private key of the certificate that is taken away: send an"
                                + " Authorization line instead, or clear it");
        assertThatThrownBy(
                        () ->
                                merged(
                                        mutual,
                                        lns(
                                                SAME_URI,
                                                SAME,
                                                to(OTHER_CLIENT.certificateDer()),
                                                SAME)))
                .hasMessage(
                        "lnsCrt: the private key that was set up does not belong to the"
                                + " certificate: send both");
        assertThatThrownBy(
                        () -> merged(token, lns(SAME_URI, SAME, to(CLIENT.certificateDer()), SAME)))
                .hasMessage("lnsCrt comes without its private key: send lnsKey with it");
        assertThatThrownBy(() -> merged(mutual, lns(SAME_URI, SAME, SAME, CLEAR)))
                .hasMessage("lnsCrt comes without its private key: send lnsKey with it");
    }

    @Test
    void whatIsWrongIsWrongTheSecondTimeToo() {
        CredentialReader reader = new CredentialReader();
        EndpointChange change =
                lns(
                        to(URI),
                        to(TRUST),
                        to(CLIENT.certificateDer()),
                        to(OTHER_CLIENT.privateKeySec1()));
        reader.readAhead(change);
        for (int i = 0; i < 2; i++) {
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () ->
                                    Endpoint.merge(
                                            EndpointKind.LNS, Optional.empty(), change, reader))
                    .withMessage("lnsKey: the private key does not belong to the certificate");
        }
    }

    private static Arguments refusal(String name, EndpointChange change, String message) {
        return Arguments.of(name, change, message);
    }

    private static Endpoint.Merged merge(Optional<Endpoint> before, EndpointChange change) {
        return Endpoint.merge(EndpointKind.LNS, before, change, new CredentialReader());
    }

    private static Endpoint made(EndpointChange change) {
        Endpoint.Merged merged = merge(Optional.empty(), change);
        assertThat(merged.notices()).isEqualTo(List.of());
        return merged.endpoint().orElseThrow();
    }

    private static Endpoint merged(Endpoint before, EndpointChange change) {
        return merge(Optional.of(before), change).endpoint().orElseThrow();
    }

    private static EndpointChange mutualWith(byte[] key) {
        return lns(to(URI), to(TRUST), to(CLIENT.certificateDer()), to(key));
    }

    private static EndpointChange lns(
            Setting<String> uri,
            Setting<byte[]> trust,
            Setting<byte[]> certificate,
            Setting<byte[]> key) {
        return new EndpointChange(uri, trust, certificate, key);
    }

    private static <T> Setting<T> to(T value) {
        return Setting.to(value);
    }

    private static Setting<byte[]> header(String line) {
        return Setting.to(ascii(line));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private static byte[] selfSigned(IssuedCertificate issued) throws Exception {
        return selfSigned(issued.certificate().getPublicKey(), issued.privateKey());
    }

    private static byte[] selfSigned(PublicKey publicKey, PrivateKey key) throws Exception {
        X500Name name = new X500Name("CN=renewed");
        return new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.TWO,
                        Date.from(Instant.EPOCH),
                        Date.from(Instant.parse("2090-01-01T00:00:00Z")),
                        name,
                        publicKey)
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key))
                .getEncoded();
    }
}
