package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.lorawan.Eui64;
import dev.usher.simulator.Authority.Identity;
import dev.usher.simulator.CupsOutcome.Result;
import dev.usher.station.Credentials;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;

/** Whom station trusts, and how it shows who it is. */
class TlsTest {

    private static final Authority AUTHORITY = new Authority("Root");
    private static final Identity LOCALHOST = AUTHORITY.issue("server", Authority.dns("localhost"));

    private final Home home = Home.inMemory();
    private final VirtualStation station = new VirtualStation(Eui64.parse("::1"), home);

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    private static TinyServer secure(Identity identity, boolean wantClients, String... protocols) {
        return new TinyServer(
                AUTHORITY.listeners(identity, wantClients, protocols), TinyServer.ok(new byte[14]));
    }

    private void install(Credentials credentials) {
        home.write("cups.trust", credentials.files().trust());
        home.write("cups.crt", credentials.files().certificate());
        home.write("cups.key", credentials.files().key());
    }

    private CupsOutcome checkIn(TinyServer server) {
        home.write("cups.uri", ascii(server.secureUri()));
        return station.checkIn();
    }

    private CupsOutcome checkIn(Identity identity) {
        home.write("cups.trust", AUTHORITY.der());
        try (TinyServer server = secure(identity, false)) {
            return checkIn(server);
        }
    }

    @Test
    void sendsItsToken() {
        install(
                Credentials.of(
                        AUTHORITY.der(),
                        Optional.empty(),
                        Optional.of(ascii("Authorization: Bearer abc"))));
        try (TinyServer server = secure(LOCALHOST, false)) {
            CupsOutcome outcome = checkIn(server);
            assertThat(outcome.isNothingToDo()).as(outcome.detail()).isTrue();
            assertThat(server.requests().getFirst().head())
                    .contains("\r\nAuthorization: Bearer abc\r\n\r\n");
        }
    }

    @Test
    void sendsNoTokenWithoutTls() {
        home.write("cups.key", ascii("Authorization: Bearer abc\r\n"));
        home.write("cups.trust", AUTHORITY.der());
        try (TinyServer server = TinyServer.plain(TinyServer.ok(new byte[14]))) {
            home.write("cups.uri", ascii(server.uri()));
            assertThat(station.checkIn().isNothingToDo()).isTrue();
            assertThat(server.requests().getFirst().head()).doesNotContain("Authorization");
        }
    }

    @Test
    void showsItsCertificate() {
        Identity gateway = AUTHORITY.issue("gateway 1");
        install(
                Credentials.of(
                        AUTHORITY.der(), Optional.of(gateway.der()), Optional.of(gateway.key())));
        try (TinyServer server = secure(LOCALHOST, true)) {
            CupsOutcome outcome = checkIn(server);
            assertThat(outcome.isNothingToDo()).as(outcome.detail()).isTrue();
            // and once more, with the credentials it has read already
            assertThat(station.checkIn().isNothingToDo()).isTrue();
        }
    }

    @Test
    void isNotLetInWithoutACertificate() {
        home.write("cups.trust", AUTHORITY.der());
        try (TinyServer server = secure(LOCALHOST, true)) {
            assertThat(checkIn(server).result()).isEqualTo(Result.FAILED);
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void isNotLetInWithTheKeyOfAnother() {
        Identity gateway = AUTHORITY.issue("gateway 1");
        home.write("cups.trust", AUTHORITY.der());
        home.write("cups.crt", gateway.der());
        home.write("cups.key", AUTHORITY.issue("gateway 2").key());
        try (TinyServer server = secure(LOCALHOST, true)) {
            assertThat(checkIn(server).result()).isEqualTo(Result.FAILED);
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void readsProvisionedPem() {
        String pem =
                "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
                        .formatted(Base64.getMimeEncoder().encodeToString(AUTHORITY.der()));
        home.write("cups.trust", ascii(pem));
        try (TinyServer server = secure(LOCALHOST, false)) {
            CupsOutcome outcome = checkIn(server);
            assertThat(outcome.isNothingToDo()).as(outcome.detail()).isTrue();
        }
    }

    @Test
    void needsTrust() {
        try (TinyServer server = secure(LOCALHOST, false)) {
            CupsOutcome outcome = checkIn(server);
            assertThat(outcome.result()).isEqualTo(Result.FAILED);
            assertThat(outcome.detail()).isEqualTo("URI requires TLS but no trust configured");
        }
    }

    @Test
    void refusesAnotherRoot() {
        home.write("cups.trust", new Authority("Root").der());
        try (TinyServer server = secure(LOCALHOST, false)) {
            assertThat(checkIn(server).result()).isEqualTo(Result.FAILED);
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void refusesAnotherHost() {
        CupsOutcome outcome = checkIn(AUTHORITY.issue("server", Authority.dns("example.com")));
        assertThat(outcome.detail()).contains("certificate is for [example.com] and not for");
    }

    @Test
    void looksAtTheCommonNameOnlyWithoutAlternativeNames() {
        assertThat(checkIn(AUTHORITY.issue("LOCALHOST")).isDone()).isTrue();
        assertThat(checkIn(AUTHORITY.issue("localhost", Authority.dns("h"))).isDone()).isFalse();
    }

    @Test
    void ignoresIpAddressesInCertificates() {
        GeneralName address = Authority.ip("127.0.0.1");
        home.write("cups.trust", AUTHORITY.der());
        try (TinyServer server = secure(AUTHORITY.issue("server", address), false)) {
            home.write("cups.uri", ascii("https://127.0.0.1:" + server.port()));
            assertThat(station.checkIn().detail()).contains("certificate is for [] and not for");
        }
        Identity spelledOut = AUTHORITY.issue("server", address, Authority.dns("127.0.0.1"));
        try (TinyServer server = secure(spelledOut, false)) {
            home.write("cups.uri", ascii("https://127.0.0.1:" + server.port()));
            CupsOutcome outcome = station.checkIn();
            assertThat(outcome.isDone()).as(outcome.detail()).isTrue();
        }
    }

    @Test
    void refusesWhatHasExpired() {
        Identity expired =
                AUTHORITY.issue(
                        "server",
                        Duration.ofDays(-1),
                        "SHA256withECDSA",
                        Authority.dns("localhost"));
        assertThat(checkIn(expired).detail()).contains("NotAfter");
    }

    /** Java would not look, and gateways in the field stopped over it. */
    @Test
    void refusesATrustThatHasExpired() {
        Authority old = new Authority("Old root", Duration.ofDays(-30), Duration.ofDays(-1));
        home.write("cups.trust", old.der());
        Identity identity = old.issue("server", Authority.dns("localhost"));
        try (TinyServer server =
                new TinyServer(old.listeners(identity, false), TinyServer.ok(new byte[14]))) {
            assertThat(checkIn(server).detail()).contains("trust certificate is not valid now");
        }
    }

    @Test
    void refusesSha1() {
        Identity sha1 =
                AUTHORITY.issue(
                        "server", Duration.ofDays(9), "SHA1withECDSA", Authority.dns("localhost"));
        assertThat(checkIn(sha1).result()).isEqualTo(Result.FAILED);
    }

    @Test
    void speaksTls12Only() {
        home.write("cups.trust", AUTHORITY.der());
        try (TinyServer server = secure(LOCALHOST, false, "TLSv1.3")) {
            assertThat(checkIn(server).result()).isEqualTo(Result.FAILED);
        }
        try (TinyServer server = secure(LOCALHOST, false, "TLSv1.2")) {
            assertThat(checkIn(server).isDone()).isTrue();
        }
    }

    @Test
    void refusesFilesThatAreNoCertificateOrKey() {
        home.write("cups.trust", ascii("0 no certificate"));
        try (TinyServer server = secure(LOCALHOST, false)) {
            assertThat(checkIn(server).detail()).startsWith("trust certificate rejected");
            home.write("cups.trust", AUTHORITY.der());
            home.write("cups.key", ascii("no header line"));
            assertThat(checkIn(server).detail()).startsWith("malformed auth token");
            home.write("cups.crt", LOCALHOST.der());
            assertThat(checkIn(server).detail()).startsWith("key/cert rejected");
            home.write("cups.key", new byte[0]);
            assertThat(checkIn(server).isDone()).isTrue();
        }
    }
}
