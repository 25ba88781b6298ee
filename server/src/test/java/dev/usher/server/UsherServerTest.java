package dev.usher.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.IssuedCertificate;
import dev.usher.server.Caller.Answer;
import dev.usher.server.config.UsherConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsherServerTest {

    private static final UsherConfig CONFIG = UsherConfig.DEFAULT.onLoopback();

    private @TempDir Path directory;

    @Test
    void needsNoConfigurationAndIsReadyWhenItHasStarted() throws Exception {
        Path data = directory.resolve("new/data");
        try (UsherServer server = start(data);
                Caller caller = new Caller(server.authorityCertificate())) {
            String web = "https://localhost:" + server.webPort();
            assertThat(caller.get(web + "/health/ready", "none").status()).isEqualTo(200);
            assertThat(
                            caller.post(
                                            "https://localhost:" + server.backendPort(),
                                            "none",
                                            "{\"MessageType\":\"JoinReq\"}")
                                    .status())
                    .isEqualTo(400);
            assertThat(caller.get(web + "/metrics", "none").body())
                    .contains("usher_cups_answers_total")
                    .contains("usher_backend_unreadable_total 1.0")
                    .contains("usher_store_commit_size_bucket{kind=\"changes\",le=\"1.0\"}");

            String key = Files.readString(server.administratorKey()).strip();
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(server.administratorKey())))
                    .isEqualTo("rw-------");
            assertThat(caller.get(web + "/api/v1/batches", key).body()).isEqualTo("{\"items\":[]}");
            assertThat(caller.get(web + "/api/v1/batches", "USHER.0.wrong").status())
                    .isEqualTo(401);
        }
    }

    @Test
    void startsWithTheInteroperabilityConfigurationOfTheThingsStack() throws Exception {
        Path interop = Files.createDirectories(directory.resolve("interop"));
        Files.createDirectories(interop.resolve("tti"));
        Files.writeString(
                interop.resolve("config.yml"),
                """
                join-servers:
                  - file: './tti/js.yml'
                    join-euis:
                      - '70B3D57ED0000000/64'
                      - 'EC656E0000000000/56'
                """);
        Files.writeString(
                interop.resolve("tti/js.yml"),
                """
                fqdn: "js.cloud.thethings.industries"
                protocol: "BI1.1"
                tls:
                  source: "key-vault"
                """);
        UsherConfig config =
                UsherConfig.load(
                        Optional.empty(), Map.of("USHER_NETWORK_INTEROP", interop.toString()));
        UsherServer.start(directory.resolve("data"), config.onLoopback(), InstantSource.system())
                .close();

        Path nothing = directory.resolve("nothing.pem");
        UsherConfig unreadable =
                UsherConfig.load(
                        Optional.empty(),
                        Map.of(
                                "USHER_NETWORK_INTEROP", interop.toString(),
                                "USHER_NETWORK_INTEROP_CERTIFICATE", nothing.toString(),
                                "USHER_NETWORK_INTEROP_KEY", nothing.toString()));
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(
                        () ->
                                UsherServer.start(
                                        directory.resolve("data"),
                                        unreadable.onLoopback(),
                                        InstantSource.system()))
                .withMessageContaining("network.interop-certificate: there is no file");
    }

    @Test
    void aGatewayOfTheHouseIsClaimedWithItsCodeAndNotTakenWithout() throws Exception {
        try (UsherServer server = start(directory);
                Caller caller = new Caller(server.authorityCertificate())) {
            String api = "https://localhost:" + server.webPort() + "/api/v1/";
            String admin = Files.readString(server.administratorKey()).strip();
            caller.post(
                    api + "batches",
                    admin,
                    "{\"name\":\"femto\",\"range\":\"58A0CBFFFE800000/44\"}");
            String label =
                    caller.post(
                                    api + "batches/femto/provision",
                                    admin,
                                    "{\"euis\":[\"58A0CBFFFE800BE7\"]}")
                            .body();
            String pin = label.replaceAll("(?s).*\"pin\":\"([^\"]+)\".*", "$1");
            caller.post(api + "users", admin, "{\"id\":\"user1\",\"name\":\"One\"}");
            String key =
                    caller.post(
                                    api + "users/user1/api-keys",
                                    admin,
                                    "{\"name\":\"k\",\"rights\":[\"RIGHT_ALL\"]}")
                            .json()
                            .path("key")
                            .asString();
            String gateways = api + "network/gateways";

            assertThat(supportsClaiming(caller, gateways, key, "58A0CBFFFE800BE7")).isTrue();
            assertThat(supportsClaiming(caller, gateways, key, "58A0CBFFFE800BE8")).isTrue();
            assertThat(supportsClaiming(caller, gateways, key, "58A0CBFFFE900BE7")).isFalse();
            assertThat(
                            caller.post(
                                            gateways,
                                            key,
                                            "{\"id\":\"squat\",\"eui\":\"58A0CBFFFE800BE7\","
                                                    + "\"collaborator\":\"user1\"}")
                                    .status())
                    .isEqualTo(403);

            String claim =
                    "{\"eui\":\"58A0CBFFFE800BE7\",\"collaborator\":\"user1\","
                            + "\"authenticationCode\":\"%s\"%s}";
            Answer away =
                    caller.post(
                            gateways + "/claim",
                            key,
                            claim.formatted(pin, ",\"targetCupsUri\":\"https://10.1.2.3:443\""));
            assertThat(away.status()).isEqualTo(422);
            assertThat(away.json().path("detail").asString())
                    .startsWith("https://10.1.2.3:443 has an address that is not public")
                    .endsWith("nothing was changed");
            assertThat(caller.post(gateways + "/claim", key, claim.formatted(pin, "")).status())
                    .isEqualTo(201);

            String given = gateways + "/eui-58a0cbfffe800be7/claim";
            assertThat(Stream.generate(() -> caller.deleteLater(given, key)).limit(8).toList())
                    .extracting(CompletableFuture::join)
                    .as("some of them a moment too late")
                    .contains(204)
                    .isSubsetOf(204, 404);
        }
    }

    private static boolean supportsClaiming(Caller caller, String gateways, String key, String eui)
            throws Exception {
        return caller.post(gateways + "/claim/info", key, "{\"eui\":\"" + eui + "\"}")
                .json()
                .path("supportsClaiming")
                .asBoolean();
    }

    @Test
    void keepsEverythingAcrossARestart() throws Exception {
        String key;
        try (UsherServer server = start(directory);
                Caller caller = new Caller(server.authorityCertificate())) {
            key = Files.readString(server.administratorKey()).strip();
            Answer created =
                    caller.post(
                            "https://localhost:" + server.webPort() + "/api/v1/batches",
                            key,
                            "{\"name\":\"femto\",\"range\":\"58A0CBFFFE800000/44\"}");
            assertThat(created.status()).isEqualTo(201);
        }
        byte[] authority = Files.readAllBytes(directory.resolve("ca.pem"));
        byte[] certificate = Files.readAllBytes(directory.resolve("server.pem"));
        try (UsherServer server = start(directory);
                Caller caller = new Caller(server.authorityCertificate())) {
            assertThat(
                            caller.get(
                                            "https://localhost:"
                                                    + server.webPort()
                                                    + "/api/v1/batches/femto",
                                            key)
                                    .status())
                    .isEqualTo(200);
        }
        assertThat(Files.readAllBytes(directory.resolve("ca.pem"))).isEqualTo(authority);
        assertThat(Files.readAllBytes(directory.resolve("server.pem"))).isEqualTo(certificate);
    }

    @Test
    void aNewAdministratorsKeyEndsTheOneWhoseFileIsLost() throws Exception {
        start(directory).close();
        start(directory).close();
        String lost = Files.readString(directory.resolve("admin.key")).strip();
        Files.delete(directory.resolve("admin.key"));

        try (UsherServer server = start(directory);
                Caller caller = new Caller(server.authorityCertificate())) {
            String batches = "https://localhost:" + server.webPort() + "/api/v1/batches";
            String key = Files.readString(directory.resolve("admin.key")).strip();
            assertThat(key).isNotEqualTo(lost).startsWith("USHER.");
            assertThat(caller.get(batches, key).status()).isEqualTo(200);
            assertThat(caller.get(batches, lost).status()).isEqualTo(401);
        }
    }

    @Test
    void showsANewCertificateAndHasGatewaysMadeToTrustTheEndOfItsChain() throws Exception {
        Path ca = directory.resolve("own-ca.pem");
        UsherConfig config =
                UsherConfig.load(
                        Optional.empty(),
                        Map.of(
                                "USHER_TLS_CERTIFICATE",
                                directory.resolve("chain.pem").toString(),
                                "USHER_TLS_KEY",
                                directory.resolve("own.key").toString()));
        String first = writeOwnCertificate(ca);
        try (UsherServer server =
                UsherServer.start(
                        directory.resolve("data"), config.onLoopback(), InstantSource.system())) {
            String admin = Files.readString(server.administratorKey()).strip();
            String batches = "https://localhost:" + server.webPort() + "/api/v1/batches";
            String provision = batches + "/femto/provision";
            String one = "{\"eui\":\"58A0CBFFFE800BE7\"}";
            try (Caller caller = new Caller(ca)) {
                caller.post(
                        batches, admin, "{\"name\":\"femto\",\"range\":\"58A0CBFFFE800000/44\"}");
                assertThat(caller.post(provision, admin, one).body()).contains(first);
            }

            String second = writeOwnCertificate(ca);
            server.renewCertificate();

            try (Caller caller = new Caller(ca)) {
                assertThat(caller.post(provision, admin, one).body())
                        .contains(second)
                        .doesNotContain(first);
            }
        }
    }

    /** Returns the root as a factory is told it. */
    private String writeOwnCertificate(Path ca) throws IOException {
        CertificateAuthority authority =
                CertificateAuthority.create("Own CA", InstantSource.system());
        IssuedCertificate issued =
                authority.issueServer(List.of("localhost", "127.0.0.1"), Duration.ofDays(90));
        Files.writeString(ca, authority.certificatePem());
        Files.writeString(
                directory.resolve("chain.pem"),
                issued.certificatePem() + authority.certificatePem());
        Files.writeString(directory.resolve("own.key"), issued.privateKeyPem());
        return Base64.getEncoder().encodeToString(authority.certificateDer());
    }

    @Test
    void issuesItsCertificateAnewWhenTheClockWasAhead() throws Exception {
        start(directory).close();
        Files.delete(directory.resolve("server.pem"));
        InstantSource ahead = () -> Instant.now().plus(Duration.ofDays(30));
        UsherServer.start(directory, CONFIG, ahead).close();

        try (UsherServer server = start(directory);
                Caller caller = new Caller(server.authorityCertificate())) {
            assertThat(
                            caller.get(
                                            "https://localhost:"
                                                    + server.webPort()
                                                    + "/health/ready",
                                            "none")
                                    .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void makesNoAuthorityWithAClockThatWasNeverSet() {
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> UsherServer.start(directory, CONFIG, () -> Instant.EPOCH))
                .withMessageStartingWith("the clock says 1970-01-01T00:00:00Z: set it first");
    }

    @Test
    void letsOnlyOneNodeUseADataDirectory() {
        UsherServer first = start(directory);
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> start(directory))
                .withMessageContaining("is used by another Usher");
        first.close();
        start(directory).close();
    }

    @Test
    void saysWhyItCannotStart() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> start(file))
                .withMessageContaining("is a file");

        start(directory.resolve("data")).close();
        Files.writeString(directory.resolve("data/master.key"), "A".repeat(43) + "=\n");
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> start(directory.resolve("data")))
                .withMessageContaining("master key");
    }

    @Test
    void saysInWordsThatADataDirectoryCannotBeMade() {
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> start(Path.of("/proc/usher")))
                .withMessage(
                        "the data directory /proc/usher cannot be used: it is not there and cannot"
                                + " be made");
    }

    @Test
    void readsWhatTheConfigurationNamesBeforeAPortIsOpen() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            Path file =
                    Files.writeString(
                            directory.resolve("usher.yml"),
                            """
                            bind-address: 127.0.0.1
                            gateway-api-port: %d
                            network:
                              keks:
                                - label: ns
                                  key-file: missing.hex
                            """
                                    .formatted(port));
            UsherConfig config = UsherConfig.load(Optional.of(file), Map.of());
            assertThatExceptionOfType(StartupException.class)
                    .isThrownBy(() -> start(directory.resolve("data"), config))
                    .withMessageContaining("network.keks, label 'ns'");

            Files.writeString(directory.resolve("missing.hex"), "00".repeat(16));
            assertThatExceptionOfType(StartupException.class)
                    .isThrownBy(() -> start(directory.resolve("data"), config))
                    .withMessageContaining("cannot listen on 127.0.0.1:" + port)
                    .withMessageContaining(
                            "choose another gateway-api-port (USHER_GATEWAY_API_PORT)");
        }
    }

    @Test
    void namesAnAddressThatIsNone() {
        UsherConfig config =
                UsherConfig.load(Optional.empty(), Map.of("USHER_BIND_ADDRESS", "nowhere.invalid"));
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> start(directory.resolve("data"), config))
                .withMessage(
                        "there is no address 'nowhere.invalid': correct bind-address"
                                + " (USHER_BIND_ADDRESS)");
    }

    @Test
    void leavesNothingBehindOfAFileThatCannotBeWritten() throws IOException {
        Path data = Files.createDirectory(directory.resolve("data"));
        Files.createDirectories(data.resolve("ca.pem/in-the-way"));
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> start(data))
                .withMessageContaining("ca.pem cannot be written");
        assertThat(data).isDirectoryNotContaining("glob:**/.new-*");
    }

    private static UsherServer start(Path data) {
        return start(data, CONFIG);
    }

    private static UsherServer start(Path data, UsherConfig config) {
        return UsherServer.start(data, config, InstantSource.system());
    }
}
