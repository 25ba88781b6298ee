package dev.usher.interop;

import static dev.usher.interop.Setting.DEV_EUI;
import static dev.usher.interop.Setting.JOIN_EUI;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.interop.Certificates.Issued;
import dev.usher.interop.Outcome.Answered;
import dev.usher.interop.Outcome.Unreachable;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is trusted to be a Join Server, and as whom it sees us. */
class TrustTest {

    private static Certificates certificates;
    private static Issued client;

    @TempDir private Path directory;
    private Setting setting;

    @BeforeAll
    static void makeAuthority() {
        certificates = new Certificates();
        client = certificates.issue("ns.example");
    }

    @BeforeEach
    void write() {
        setting =
                new Setting(directory)
                        .write("ca.pem", certificates.authority().certificatePem())
                        .write("cert.pem", client.certificatePem())
                        .write("key.pem", client.keyPem());
    }

    private InteropClient client(TestJoinServer joinServer, String tls, KeyVault vault) {
        setting.writeOne(
                "{fqdn: js.example, port: %d, protocol: BI1.0, tls: {%s}}"
                        .formatted(joinServer.port(), tls));
        return setting.client(InteropSettings.of(directory, Setting.SENDER, vault));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "root-ca: ca.pem, certificate: cert.pem, key: key.pem",
                "root-ca: ca.pem, source: key-vault"
            })
    void showsItsCertificate(String tls) {
        try (TestJoinServer joinServer = TestJoinServer.of(certificates, "js.example", true);
                InteropClient interop =
                        client(
                                joinServer,
                                tls,
                                host ->
                                        Optional.of(client.identity())
                                                .filter(_ -> host.equals("js.example")))) {
            assertThat(interop.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Answered.class);
            assertThat(joinServer.received().getFirst().client()).contains(client.certificate());
        }
    }

    @Test
    void fallsOutWithAJoinServerThatWantsACertificate() {
        try (TestJoinServer joinServer = TestJoinServer.of(certificates, "js.example", true);
                InteropClient interop = client(joinServer, "root-ca: ca.pem", KeyVault.EMPTY)) {
            assertThat(interop.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Unreachable.class);
            assertThat(joinServer.received()).isEmpty();
        }
    }

    @Test
    void trustsNoOtherAuthority() {
        try (TestJoinServer joinServer = TestJoinServer.of(new Certificates(), "js.example");
                InteropClient interop = client(joinServer, "root-ca: ca.pem", KeyVault.EMPTY)) {
            assertThat(interop.homeNs(JOIN_EUI, DEV_EUI))
                    .isInstanceOfSatisfying(
                            Unreachable.class,
                            unreachable ->
                                    assertThat(unreachable.reason())
                                            .startsWith(
                                                    "js.example:"
                                                            + joinServer.port()
                                                            + " cannot be trusted by TLS ("));
            assertThat(joinServer.received()).isEmpty();
        }
    }

    @Test
    void trustsTheSystemsAuthoritiesWhereNoneAreGiven() {
        try (TestJoinServer joinServer = TestJoinServer.of(certificates, "js.example");
                InteropClient interop = client(joinServer, "", KeyVault.EMPTY)) {
            assertThat(interop.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Unreachable.class);
            assertThat(joinServer.received()).isEmpty();
        }
    }

    @Test
    void trustsNoCertificateOfAnotherHost() {
        try (TestJoinServer joinServer = TestJoinServer.of(certificates, "other.example");
                InteropClient interop = client(joinServer, "root-ca: ca.pem", KeyVault.EMPTY)) {
            assertThat(interop.homeNs(JOIN_EUI, DEV_EUI))
                    .isEqualTo(
                            new Unreachable<>(
                                    "js.example:"
                                            + joinServer.port()
                                            + " cannot be trusted by TLS (No subject alternative"
                                            + " DNS name matching js.example found.)"));
            assertThat(joinServer.received()).isEmpty();
        }
    }

    @Test
    void speaksPlainHttpWhenItIsToldTo() {
        try (TestJoinServer joinServer = TestJoinServer.plain()) {
            setting.writeOne(
                    "{scheme: http, fqdn: 127.0.0.1, port: %d, protocol: BI1.0}"
                            .formatted(joinServer.port()));
            try (InteropClient interop = setting.client()) {
                assertThat(interop.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Answered.class);
            }
        }
    }
}
