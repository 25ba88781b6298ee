package dev.usher.network.cups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.IssuedCertificate;
import dev.usher.station.CertificateDer;
import dev.usher.station.StationUri;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v1CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;

/** The roots of servers, asked of servers on loopback, which the guard is told to allow. */
class TrustTest {

    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final Duration YEAR = Duration.ofDays(365);
    private static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("Test root", () -> NOW);
    private static final IssuedCertificate LOCALHOST =
            AUTHORITY.issueServer(List.of("localhost"), YEAR);

    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);

    @Test
    void findsTheRootThatTheChainEndsIn() throws Exception {
        try (TlsServer server = TlsServer.with(LOCALHOST.privateKey(), LOCALHOST.certificate())) {
            assertThat(trust(server, AUTHORITY.certificate()).trustOf(uri(server)))
                    .isEqualTo(AUTHORITY.certificateDer());
        }
    }

    @Test
    void findsItBehindIntermediatesAndAmongOthers() throws Exception {
        Made root = Made.root("CN=Far root", "EC");
        Made middle = root.issue("CN=Middle", true, "EC");
        Made issuing = middle.issue("CN=Issuing", true, "EC");
        Made leaf = issuing.issue("CN=localhost", false, "EC");
        try (TlsServer server =
                TlsServer.with(
                        leaf.keys.getPrivate(),
                        leaf.certificate,
                        issuing.certificate,
                        middle.certificate)) {
            assertThat(
                            trust(server, AUTHORITY.certificate(), root.certificate)
                                    .trustOf(uri(server)))
                    .isEqualTo(root.certificate.getEncoded());
            // Whoever trusts an issuer half-way needs no more.
            assertThat(trust(server, root.certificate, issuing.certificate).trustOf(uri(server)))
                    .isEqualTo(issuing.certificate.getEncoded());
        }
    }

    @Test
    void aSelfSignedCertificateThatIsTrustedIsItsOwnRoot() throws Exception {
        Made alone = Made.root("CN=localhost", "EC");
        try (TlsServer server = TlsServer.with(alone.keys.getPrivate(), alone.certificate)) {
            assertThat(trust(server, alone.certificate).trustOf(uri(server)))
                    .isEqualTo(alone.certificate.getEncoded());
        }
    }

    @Test
    void findsItThoughTheServerWantsACertificateToo() throws Exception {
        try (TlsServer server =
                TlsServer.with(
                        socket -> socket.setNeedClientAuth(true),
                        LOCALHOST.privateKey(),
                        LOCALHOST.certificate())) {
            assertThat(trust(server, AUTHORITY.certificate()).trustOf(uri(server)))
                    .isEqualTo(AUTHORITY.certificateDer());
        }
    }

    @Test
    void refusesAChainThatEndsNowhereKnown() throws Exception {
        Made root = Made.root("CN=Root", "EC");
        Made middle = root.issue("CN=Middle", true, "EC");
        Made leaf = middle.issue("CN=localhost", false, "EC");
        try (TlsServer incomplete = TlsServer.with(leaf.keys.getPrivate(), leaf.certificate)) {
            assertRefused(
                    trust(incomplete, root.certificate),
                    incomplete,
                    "has a chain that ends in no root that is known here: let it send its"
                            + " intermediate certificates, or pin its root");
        }
        try (TlsServer server = TlsServer.with(LOCALHOST.privateKey(), LOCALHOST.certificate())) {
            assertRefused(trust(server, root.certificate), server, "has a chain that ends in no");
        }
    }

    @Test
    void refusesACertificateForAnotherName() throws Exception {
        IssuedCertificate other = AUTHORITY.issueServer(List.of("lns.example.com"), YEAR);
        try (TlsServer server = TlsServer.with(other.privateKey(), other.certificate())) {
            assertRefused(
                    trust(server, AUTHORITY.certificate()),
                    server,
                    "has a certificate for another name");
            // Not a host name for TLS, but name servers know such names.
            StationUri underscore = StationUri.lns("wss://my_lns:" + server.port());
            Trust trust = trust(server, AUTHORITY.certificate());
            assertThatIOException()
                    .isThrownBy(() -> trust.trustOf(underscore))
                    .withMessageContaining("has a certificate for another name");
        }
    }

    @Test
    void refusesWhatHasExpired() throws Exception {
        try (TlsServer server = TlsServer.with(LOCALHOST.privateKey(), LOCALHOST.certificate())) {
            now.set(NOW.plus(Duration.ofDays(366)));
            assertRefused(
                    trust(server, AUTHORITY.certificate()),
                    server,
                    "has a certificate that has expired");
        }
    }

    @Test
    void refusesARootThatStationsMisread() throws Exception {
        // With an Ed25519 key, and of 128 to 255 bytes: "30 81".
        Made tiny = Made.tinyRoot();
        assertThat(tiny.certificate.getEncoded()).hasSizeBetween(128, 255);
        Made leaf = tiny.issue("CN=localhost", false, "EC");
        try (TlsServer server = TlsServer.with(leaf.keys.getPrivate(), leaf.certificate)) {
            assertRefused(
                    trust(server, tiny.certificate),
                    server,
                    "has a chain whose root no station can use: the certificate has "
                            + tiny.certificate.getEncoded().length
                            + " bytes, and station misreads an element of 128 to 255");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                trust(1).pin(
                                                StationUri.lns("wss://a:443"),
                                                tiny.certificate.getEncoded()))
                .withMessageContaining("station misreads an element of 128 to 255");
    }

    @Test
    void refusesAServerOfTls13Alone() throws Exception {
        try (TlsServer server =
                TlsServer.with(
                        socket -> socket.setEnabledProtocols(new String[] {"TLSv1.3"}),
                        LOCALHOST.privateKey(),
                        LOCALHOST.certificate())) {
            assertRefused(
                    trust(server, AUTHORITY.certificate()),
                    server,
                    "does not complete a handshake of TLS 1.2, which stations need");
        }
    }

    @Test
    void givesUpOnAServerThatSendsTooMuch() throws Exception {
        try (TlsServer server = TlsServer.with(LOCALHOST.privateKey(), LOCALHOST.certificate())) {
            Trust impatient =
                    new Trust(
                            guard(server.port()),
                            Set.of(AUTHORITY.certificate()),
                            new ChainFetch.Limits(Duration.ofSeconds(10), 100),
                            now::get);
            assertRefused(impatient, server, "does not complete a handshake");
        }
    }

    @Test
    void givesUpOnAServerThatDripsOrIsSilent() throws Exception {
        Duration patience = Duration.ofMillis(300);
        try (TlsServer dripping = TlsServer.raw(TrustTest::drip);
                TlsServer silent = TlsServer.raw(socket -> socket.getInputStream().skip(1 << 20))) {
            for (TlsServer server : List.of(dripping, silent)) {
                Trust impatient =
                        new Trust(
                                guard(server.port()),
                                Set.of(AUTHORITY.certificate()),
                                new ChainFetch.Limits(patience, 64 * 1024),
                                now::get);
                long begun = System.nanoTime();
                assertRefused(impatient, server, "does not complete a handshake");
                assertThat(Duration.ofNanos(System.nanoTime() - begun))
                        .isBetween(patience.dividedBy(2), Duration.ofSeconds(5));
            }
        }
    }

    /** A record of a handshake that never ends, one byte at a time. */
    private static void drip(Socket socket) throws IOException {
        byte[] start = {0x16, 0x03, 0x03, 0x3F, 0x00};
        socket.setSoTimeout(20);
        InputStream in = socket.getInputStream();
        for (int sent = 0; ; sent++) {
            socket.getOutputStream().write(sent < start.length ? start[sent] : 0);
            try {
                if (in.read(new byte[1024]) < 0) {
                    return;
                }
            } catch (SocketTimeoutException e) {
                // That was the pause.
            }
        }
    }

    @Test
    void saysThatNobodyIsThere() throws Exception {
        TlsServer gone = TlsServer.raw(_ -> {});
        gone.close();
        assertRefused(
                trust(gone, AUTHORITY.certificate()), gone, "cannot be reached at the moment");
    }

    @Test
    void asksAServerOnceAndADayLaterAgain() throws Exception {
        try (TlsServer server = TlsServer.with(LOCALHOST.privateKey(), LOCALHOST.certificate())) {
            Trust trust = trust(server, AUTHORITY.certificate());
            trust.trustOf(uri(server));
            trust.trustOf(uri(server));
            now.set(NOW.plus(Duration.ofHours(23)));
            assertThat(trust.recheck()).isEmpty();
            trust.trustOf(uri(server));
            assertThat(server.visits()).isEqualTo(1);

            now.set(NOW.plus(Duration.ofHours(24)));
            assertThat(trust.recheck()).isEmpty();
            assertThat(server.visits()).isEqualTo(2);
            assertThat(trust.list())
                    .singleElement()
                    .satisfies(
                            known -> {
                                assertThat(known.server()).isEqualTo("localhost:" + server.port());
                                assertThat(known.checkedAt()).isEqualTo(now.get());
                                assertThat(known.problem()).isEmpty();
                                assertThat(known.endsAt()).isPresent();
                            });
        }
    }

    @Test
    void announcesAnotherRootAndGivesItFromThenOn() throws Exception {
        CertificateAuthority next = CertificateAuthority.create("The next root", () -> NOW);
        IssuedCertificate renewed = next.issueServer(List.of("localhost"), YEAR);
        Trust trust;
        int port;
        try (TlsServer server = TlsServer.with(LOCALHOST.privateKey(), LOCALHOST.certificate())) {
            port = server.port();
            trust = trust(server, AUTHORITY.certificate(), next.certificate());
            trust.trustOf(uri(server));
        }
        now.set(NOW.plus(Duration.ofDays(1)));
        try (TlsServer _ = TlsServer.at(port, renewed.privateKey(), renewed.certificate())) {
            assertThat(trust.recheck())
                    .singleElement()
                    .satisfies(changed -> assertThat(changed.changedAt()).contains(now.get()));
            assertThat(trust.trustOf(uri(port))).isEqualTo(next.certificateDer());
        }
    }

    @Test
    void keepsTheRootOfAServerThatIsAwayForAWeek() throws Exception {
        TlsServer server = TlsServer.with(LOCALHOST.privateKey(), LOCALHOST.certificate());
        Trust trust = trust(server, AUTHORITY.certificate());
        trust.trustOf(uri(server));
        server.close();

        now.set(NOW.plus(Duration.ofDays(6)));
        assertThat(trust.recheck())
                .singleElement()
                .satisfies(
                        away -> {
                            assertThat(away.problem()).contains("cannot be reached at the moment");
                            assertThat(away.root()).isPresent();
                            assertThat(away.checkedAt()).isEqualTo(NOW);
                        });
        assertThat(trust.trustOf(uri(server))).isEqualTo(AUTHORITY.certificateDer());

        now.set(NOW.plus(Duration.ofDays(7)));
        assertRefused(trust, server, "cannot be reached at the moment");
    }

    @Test
    void announcesARootThatEndsSoon() throws Exception {
        Made ending = Made.root("CN=Ending", "EC");
        Made leaf = ending.issue("CN=localhost", false, "EC");
        try (TlsServer server = TlsServer.with(leaf.keys.getPrivate(), leaf.certificate)) {
            Trust trust = trust(server, ending.certificate);
            now.set(ending.certificate.getNotAfter().toInstant().minus(Duration.ofDays(31)));
            trust.trustOf(uri(server));
            now.set(now.get().plus(Duration.ofDays(2)));
            assertThat(trust.recheck())
                    .singleElement()
                    .satisfies(
                            known ->
                                    assertThat(known.endsAt())
                                            .contains(
                                                    ending.certificate.getNotAfter().toInstant()));
        }
    }

    @Test
    void asksAgainAMinuteAfterAFailureAtTheEarliest() throws Exception {
        AtomicInteger lookups = new AtomicInteger();
        DialGuard guard =
                new DialGuard(
                        List.of(),
                        List.of(),
                        _ -> {
                            lookups.incrementAndGet();
                            return List.of(InetAddress.getLoopbackAddress());
                        });
        Trust trust = new Trust(guard, List.of(), now::get);
        StationUri uri = StationUri.cups("https://cups.example.com:443");
        assertThatIOException().isThrownBy(() -> trust.trustOf(uri));
        now.set(NOW.plusSeconds(59));
        assertThatIOException()
                .isThrownBy(() -> trust.trustOf(uri))
                .withMessageStartingWith("https://cups.example.com:443 has an address that is not");
        assertThat(lookups).hasValue(1);
        now.set(NOW.plusSeconds(60));
        assertThatIOException().isThrownBy(() -> trust.trustOf(uri));
        assertThat(lookups).hasValue(2);
    }

    @Test
    void aPinnedRootIsGivenWithoutAskingTheServer() throws Exception {
        try (TlsServer server = TlsServer.with(LOCALHOST.privateKey(), LOCALHOST.certificate())) {
            Trust trust = trust(server, AUTHORITY.certificate());
            Made pinned = Made.root("CN=Pinned", "EC");
            trust.pin(uri(server), pinned.certificate.getEncoded());

            assertThat(trust.trustOf(uri(server))).isEqualTo(pinned.certificate.getEncoded());
            assertThat(trust.list())
                    .containsExactly(
                            new TrustedServer(
                                    "localhost:" + server.port(),
                                    Optional.of(CertificateDer.of(pinned.certificate.getEncoded())),
                                    true,
                                    NOW,
                                    Optional.empty(),
                                    Optional.empty()));
            assertThat(server.visits()).isZero();

            assertThat(trust.unpin(uri(server))).isTrue();
            assertThat(trust.unpin(uri(server))).isFalse();
            assertThat(trust.trustOf(uri(server))).isEqualTo(AUTHORITY.certificateDer());
        }
    }

    @Test
    void thereIsNothingToTrustWithoutTls() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trust(1).trustOf(StationUri.lns("ws://lns.example.com:1887")))
                .withMessageContaining("is not over TLS");
    }

    private void assertRefused(Trust trust, TlsServer server, String message) {
        assertThatIOException()
                .isThrownBy(() -> trust.trustOf(uri(server)))
                .withMessageStartingWith(uri(server) + " " + message);
    }

    private Trust trust(TlsServer server, X509Certificate... authorities) {
        return trust(server.port(), authorities);
    }

    private Trust trust(int port, X509Certificate... authorities) {
        return new Trust(
                guard(port),
                Set.of(authorities),
                new ChainFetch.Limits(Duration.ofSeconds(10), 64 * 1024),
                now::get);
    }

    private static DialGuard guard(int port) {
        return new DialGuard(
                List.of(port),
                List.of("127.0.0.0/8"),
                _ -> List.of(InetAddress.ofLiteral("127.0.0.1")));
    }

    private static StationUri uri(TlsServer server) {
        return uri(server.port());
    }

    private static StationUri uri(int port) {
        return StationUri.lns("wss://localhost:" + port);
    }

    /** A certificate with its key, made for a test. */
    private record Made(KeyPair keys, X509Certificate certificate, String signature) {

        static Made root(String name, String algorithm) throws Exception {
            KeyPair keys = generate(algorithm);
            return new Made(
                    keys, sign(name, keys, name, keys, true, "SHA256withECDSA"), "SHA256withECDSA");
        }

        static Made tinyRoot() throws Exception {
            KeyPair keys = generate("Ed25519");
            X500Name name = new X500Name("CN=x");
            X509Certificate certificate =
                    new JcaX509CertificateConverter()
                            .getCertificate(
                                    new JcaX509v1CertificateBuilder(
                                                    name,
                                                    BigInteger.ONE,
                                                    Date.from(NOW.minus(YEAR)),
                                                    Date.from(NOW.plus(YEAR)),
                                                    name,
                                                    keys.getPublic())
                                            .build(
                                                    new JcaContentSignerBuilder("Ed25519")
                                                            .build(keys.getPrivate())));
            return new Made(keys, certificate, "Ed25519");
        }

        Made issue(String name, boolean isAuthority, String algorithm) throws Exception {
            KeyPair subject = generate(algorithm);
            String issuer =
                    X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded())
                            .toString();
            return new Made(
                    subject,
                    sign(issuer, keys, name, subject, isAuthority, signature),
                    "SHA256withECDSA");
        }

        private static KeyPair generate(String algorithm) throws Exception {
            return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
        }

        private static X509Certificate sign(
                String issuer,
                KeyPair issuerKeys,
                String name,
                KeyPair keys,
                boolean isAuthority,
                String signature)
                throws Exception {
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            new JcaX509v3CertificateBuilder(
                                            new X500Name(issuer),
                                            BigInteger.valueOf(name.hashCode()).abs(),
                                            Date.from(NOW.minus(YEAR)),
                                            Date.from(NOW.plus(YEAR)),
                                            new X500Name(name),
                                            keys.getPublic())
                                    .addExtension(
                                            Extension.basicConstraints,
                                            true,
                                            new BasicConstraints(isAuthority))
                                    .addExtension(
                                            Extension.subjectAlternativeName,
                                            false,
                                            new GeneralNames(
                                                    new GeneralName(
                                                            GeneralName.dNSName, "localhost")))
                                    .build(
                                            new JcaContentSignerBuilder(signature)
                                                    .build(issuerKeys.getPrivate())));
        }
    }
}
