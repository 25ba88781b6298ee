package dev.usher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.cli.TestServer.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands that speak to the REST API: what they ask, and what they show. */
class RestCommandsTest {

    private static final Certificates CERTIFICATES = new Certificates();
    private static TestServer server;

    @TempDir private Path directory;
    private Cli cli;

    @BeforeAll
    static void start() {
        server =
                new TestServer(CERTIFICATES)
                        .on("POST /api/v1/batches", Answers::created)
                        .on("POST /api/v1/batches?dryRun=true", Answers::created)
                        .on(
                                "GET /api/v1/batches?limit=1000",
                                """
                                {"items":[
                                  {"name":"femto-2026","range":"58A0CBFFFE800000/44","size":"1048576",
                                   "claimed":12,"flavor":"femto","createdAt":"2026-11-21T10:00:00Z"},
                                  {"name":"old","range":"0000000000000001-0000000000000009","size":"9",
                                   "claimed":0,"createdAt":"2025-01-01T00:00:00Z"}]}\
                                """)
                        .on(
                                "GET /api/v1/batches/femto-2026",
                                """
                                {"name":"femto-2026","policy":{"retirePinOnRelease":true},
                                 "makerCa":"-----BEGIN CERTIFICATE-----\\nAA==\\n-----END CERTIFICATE-----\\n",
                                 "claimed":12}\
                                """)
                        .on("DELETE /api/v1/batches/a%20b", _ -> new Answer(204, "", ""))
                        .on(
                                "DELETE /api/v1/batches/femto?dryRun=true",
                                _ -> new Answer(204, "", ""))
                        .on("POST /api/v1/batches/femto/wrapped-key", "{'wrappedKey':'d3JhcA=='}")
                        .on(
                                "GET /api/v1/vault",
                                """
                                {"type":"file","transportKey":"-----BEGIN PUBLIC KEY-----\\nAA==\\n",
                                 "labels":["femto-2026","old"]}\
                                """)
                        .on(
                                "GET /api/v1/gateways?limit=1000",
                                "{'items':[{'eui':'0000000000000001'},{'eui':'0000000000000002'}],"
                                        + "'next':'0000000000000002'}")
                        .on(
                                "GET /api/v1/gateways?after=0000000000000002&limit=1000",
                                "{'items':[{'eui':'0000000000000003','owner':'::1','setup':"
                                        + "{'lnsUri':'wss://lns:8887'}}]}")
                        .on(
                                "GET /api/v1/gateways?batch=a%26b&limit=2&owner=%3A%3A1",
                                "{'items':[{'eui':'0000000000000001'},{'eui':'0000000000000002'}],"
                                        + "'next':'0000000000000002'}")
                        .on(
                                "GET /api/v1/gateways/58A0CBFFFE800BE7",
                                """
                                {"eui":"58A0CBFFFE800BE7","seen":{"at":"2026-11-21T10:00:00Z","keys":[1,2]},
                                 "why":[{"at":"10:00","answer":"lns","reason":"it reported another"},
                                        {"at":"09:00","answer":"nothing","reason":"all is\\u001b[31m well"}]}\
                                """)
                        .on("POST /api/v1/owners", Answers::created)
                        .on(
                                "GET /api/v1/owners?limit=1000",
                                "{'items':[{'ownerid':'::1','name':'Acme'}]}")
                        .on("GET /api/v1/owners/%3A%3A1", "{'ownerid':'::1','name':'Acme'}")
                        .on(
                                "POST /api/v1/owners/%3A%3A1/api-keys",
                                _ -> new Answer(201, "", "{\"id\":\"k1\",\"key\":\"shown-once\"}"))
                        .on(
                                "GET /api/v1/owners/%3A%3A1/api-keys?limit=1000",
                                "{'items':[{'id':'k1'}]}")
                        .on(
                                "DELETE /api/v1/owners/%3A%3A1/api-keys/k1",
                                _ -> new Answer(204, "", ""))
                        .on(
                                "POST /api/v1/owners/%3A%3A1/certificates",
                                _ ->
                                        new Answer(
                                                201,
                                                "",
                                                "{\"fingerprint\":\"ab\",\"certificate\":\"CERT\","
                                                        + "\"key\":\"KEY\"}"))
                        .on("GET /api/v1/owners/%3A%3A1/certificates?limit=1000", "{'items':[]}")
                        .on(
                                "DELETE /api/v1/owners/%3A%3A1/certificates/ab",
                                _ -> new Answer(204, "", ""))
                        .on("POST /api/v1/owners/%3A%3A1/ca", "{'fingerprint':'cd'}")
                        .on(
                                "GET /api/v1/owners/%3A%3A1/ca?limit=1000",
                                "{'items':[{'fingerprint':'cd'}]}")
                        .on("DELETE /api/v1/owners/%3A%3A1/ca/cd", _ -> new Answer(204, "", ""))
                        .on(
                                "GET /api/v1/audit?after=7&limit=3&subject=femto-2026",
                                "{'items':[{'seq':8,'action':'batch.create','detail':{'a':1}}]}")
                        .on("GET /api/v1/audit/verify", "{'intact':true,'entries':8,'head':'ff'}");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() throws IOException {
        cli = Cli.of(server, CERTIFICATES, directory);
    }

    /** Answers 201 with what was sent. */
    private static final class Answers {
        static Answer created(TestServer.Request request) {
            return new Answer(201, "application/json", request.body());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    batches create b --range 58A0CBFFFE800000/44 | POST /api/v1/batches | {'name':'b','range':'58A0CBFFFE800000/44'}
                    batches create b --range ::1-::9 --flavor f --key-label k --retire-pin-on-release | POST /api/v1/batches | {'name':'b','range':'0000000000000001-0000000000000009','flavor':'f','keyLabel':'k','policy':{'retirePinOnRelease':true}}
                    batches create b --range ::1-::9 --retire-pin-on-release=false --dry-run | POST /api/v1/batches?dryRun=true | {'name':'b','range':'0000000000000001-0000000000000009','policy':{'retirePinOnRelease':false}}
                    batches list | GET /api/v1/batches?limit=1000 |
                    batches get femto-2026 | GET /api/v1/batches/femto-2026 |
                    batches delete femto --dry-run | DELETE /api/v1/batches/femto?dryRun=true |
                    vault | GET /api/v1/vault |
                    gateways get 58-A0-CB-80-0B-E7 | GET /api/v1/gateways/58A0CBFFFE800BE7 |
                    gateways list --batch a&b --owner ::1 --limit 2 | GET /api/v1/gateways?batch=a%26b&limit=2&owner=%3A%3A1 |
                    owners create ::1 --name Acme --add-limit 3 | POST /api/v1/owners | {'ownerid':'::1','name':'Acme','addLimit':3}
                    owners list | GET /api/v1/owners?limit=1000 |
                    owners get ::1 | GET /api/v1/owners/%3A%3A1 |
                    owners api-key create ::1 --name n --expires-at 2027-01-01 | POST /api/v1/owners/%3A%3A1/api-keys | {'name':'n','expiresAt':'2027-01-01T00:00:00Z'}
                    owners api-key list ::1 | GET /api/v1/owners/%3A%3A1/api-keys?limit=1000 |
                    owners api-key delete ::1 k1 | DELETE /api/v1/owners/%3A%3A1/api-keys/k1 |
                    owners certificate create ::1 | POST /api/v1/owners/%3A%3A1/certificates | {}
                    owners certificate list ::1 | GET /api/v1/owners/%3A%3A1/certificates?limit=1000 |
                    owners certificate delete ::1 ab | DELETE /api/v1/owners/%3A%3A1/certificates/ab |
                    owners ca list ::1 | GET /api/v1/owners/%3A%3A1/ca?limit=1000 |
                    owners ca delete ::1 cd | DELETE /api/v1/owners/%3A%3A1/ca/cd |
                    audit list --after 7 --limit 3 --subject femto-2026 | GET /api/v1/audit?after=7&limit=3&subject=femto-2026 |
                    audit verify | GET /api/v1/audit/verify |
                    """)
    void asks(String command, String call, String body) {
        Cli.Run run = cli.run(command);

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isNotEmpty();
        TestServer.Request request = server.lastRequest();
        assertThat(request.call()).isEqualTo(call);
        assertThat(request.header("Authorization")).contains("Bearer secret-key");
        if (body != null) {
            assertThat(request.json()).isEqualTo(Json.MAPPER.readTree(body.replace('\'', '"')));
        }
    }

    @Test
    void sendsFilesAsTheyAre() throws IOException {
        Path ca = Files.writeString(directory.resolve("ca.pem"), "PEM of the maker\n");
        Path wrapped = Files.writeString(directory.resolve("femto.wrapped"), "d3JhcA==\n");

        cli.run("batches create b --range ::1-::9 --maker-ca " + ca + " --wrapped-key " + wrapped);
        assertThat(server.lastRequest().json().path("makerCa").stringValue())
                .isEqualTo("PEM of the maker\n");
        assertThat(server.lastRequest().json().path("wrappedKey").stringValue())
                .isEqualTo("d3JhcA==");

        cli.run("owners certificate add ::1 " + ca);
        assertThat(server.lastRequest().body())
                .isEqualTo("{\"certificate\":\"PEM of the maker\\n\"}");

        cli.run("owners ca add ::1 " + ca);
        assertThat(server.lastRequest().call()).isEqualTo("POST /api/v1/owners/%3A%3A1/ca");
    }

    @Test
    void makesEachChangeOnceUnlessToldWhichOneItIs() {
        cli.run("owners create ::1");
        cli.run("owners create ::1");
        cli.run("owners create ::1 --idempotency-key mine");
        cli.run("batches delete femto --dry-run");

        var requests =
                server.requests().subList(server.requests().size() - 4, server.requests().size());
        assertThat(requests.get(0).header("Idempotency-key")).isPresent();
        assertThat(requests.get(0).header("Idempotency-key"))
                .isNotEqualTo(requests.get(1).header("Idempotency-key"));
        assertThat(requests.get(2).header("Idempotency-key")).contains("mine");
        assertThat(requests.get(3).header("Idempotency-key")).isEmpty();
    }

    @Test
    void showsAListAsATable() {
        assertThat(cli.run("batches list").out())
                .isEqualTo(
                        """
                        NAME        RANGE                              SIZE     CLAIMED  FLAVOR  CREATED
                        femto-2026  58A0CBFFFE800000/44                1048576  12       femto   2026-11-21T10:00:00Z
                        old         0000000000000001-0000000000000009  9        0                2025-01-01T00:00:00Z
                        """);
    }

    @Test
    void followsAListFromPageToPage() {
        assertThat(cli.run("gateways list").out())
                .isEqualTo(
                        """
                        EUI               BATCH  OWNER  CLAIMED  LNS             LAST SEEN
                        0000000000000001
                        0000000000000002
                        0000000000000003         ::1             wss://lns:8887
                        """);
        assertThat(cli.run("gateways list -o json").out())
                .isEqualTo(
                        """
                        [
                          {
                            "eui" : "0000000000000001"
                          },
                          {
                            "eui" : "0000000000000002"
                          },
                          {
                            "eui" : "0000000000000003",
                            "owner" : "::1",
                            "setup" : {
                              "lnsUri" : "wss://lns:8887"
                            }
                          }
                        ]
                        """);
        assertThat(cli.run("gateways list -o yaml").out())
                .isEqualTo(
                        """
                        - eui: "0000000000000001"
                        - eui: "0000000000000002"
                        - eui: "0000000000000003"
                          owner: "::1"
                          setup:
                            lnsUri: "wss://lns:8887"
                        """);
    }

    @Test
    void stopsAtTheLimitAlsoInTheMiddleOfAList() {
        assertThat(cli.run("gateways list --batch a&b --owner ::1 --limit 2 -o json").exitCode())
                .isZero();
        assertThat(server.lastRequest().call()).contains("limit=2");
    }

    @Test
    void showsTheTitlesOfAnEmptyTable() {
        assertThat(cli.run("owners certificate list ::1").out())
                .isEqualTo("FINGERPRINT  EXPIRES\n");
        assertThat(cli.run("owners certificate list ::1 -o json").out()).isEqualTo("[ ]\n");
        assertThat(cli.run("owners certificate list ::1 -o yaml").out()).isEqualTo("[]\n");
    }

    @Test
    void showsOneThingAsALineForEachField() {
        assertThat(cli.run("batches get femto-2026").out())
                .isEqualTo(
                        """
                        name                       femto-2026
                        policy.retirePinOnRelease  true
                        makerCa                    -----BEGIN CERTIFICATE-----
                                                   AA==
                                                   -----END CERTIFICATE-----
                        claimed                    12
                        """);
        assertThat(cli.run("batches get femto-2026 -o yaml").out())
                .isEqualTo(
                        """
                        name: "femto-2026"
                        policy:
                          retirePinOnRelease: true
                        makerCa: |
                          -----BEGIN CERTIFICATE-----
                          AA==
                          -----END CERTIFICATE-----
                        claimed: 12
                        """);
    }

    @Test
    void neverLetsTheServerWriteControlCharactersToATerminal() {
        assertThat(cli.run("gateways get 58A0CBFFFE800BE7").out())
                .isEqualTo(
                        """
                        eui        58A0CBFFFE800BE7
                        seen.at    2026-11-21T10:00:00Z
                        seen.keys  1, 2
                        why        10:00  lns  it reported another
                                   09:00  nothing  all is?[31m well
                        """);
    }

    @Test
    void takesTheFormatFromTheEnvironment() {
        cli.with("USHER_OUTPUT", "JSON");
        assertThat(cli.run("owners get ::1").out()).startsWith("{").endsWith("}\n");
        assertThat(cli.run("owners get ::1 -o table").out()).startsWith("ownerid");
    }

    @Test
    void printsWhatIsMeantForAFileAsItIs() throws IOException {
        assertThat(cli.run("vault --transport-key").out())
                .isEqualTo("-----BEGIN PUBLIC KEY-----\nAA==\n");
        Path twin = Files.writeString(directory.resolve("twin.pem"), "twin");
        Cli.Run run = cli.run("batches wrapped-key femto --transport-key " + twin);
        assertThat(run.out()).isEqualTo("d3JhcA==\n");
        assertThat(server.lastRequest().body()).isEqualTo("{\"transportKey\":\"twin\"}");
    }

    @Test
    void escapesNamesInPaths() {
        assertThat(cli.run("batches", "delete", "a b", "-o", "json").out())
                .isEqualTo("{\n  \"deleted\" : \"a b\"\n}\n");
        assertThat(cli.run("batches", "delete", "femto", "--dry-run").out())
                .isEqualTo("deleted  femto\ndryRun   true\n");
    }

    @Test
    void writesNewSecretsIntoFilesOfTheirOwner() throws IOException {
        Path key = directory.resolve("acme.apikey");
        Cli.Run apiKey = cli.run("owners api-key create ::1 --out " + key);
        assertThat(apiKey.out()).doesNotContain("shown-once").contains("@" + key);
        assertThat(key).hasContent("shown-once");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");

        Path base = directory.resolve("cert");
        Cli.Run certificate = cli.run("owners certificate create ::1 --out " + base);
        assertThat(certificate.out()).doesNotContain("KEY").contains(base + ".crt");
        assertThat(directory.resolve("cert.key")).hasContent("KEY");
        assertThat(directory.resolve("cert.crt")).hasContent("CERT");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(directory.resolve("cert.key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void asksForNoSecretThatItCannotKeep() throws IOException {
        Path taken = Files.writeString(directory.resolve("taken.key"), "another key");
        int before = server.requests().size();

        assertThat(cli.run("owners api-key create ::1 --out " + taken).err())
                .isEqualTo(
                        "usher: '"
                                + taken
                                + "' is there already: choose another name, or move it away"
                                + " first.\n");
        Path base = directory.resolve("taken");
        assertThat(cli.run("owners certificate create ::1 --out " + base).exitCode()).isEqualTo(1);
        assertThat(cli.run("owners api-key create ::1 --out nowhere/key").err())
                .contains("its directory is not there");

        assertThat(taken).hasContent("another key");
        assertThat(server.requests()).hasSize(before);
    }

    @Test
    void showsNewSecretsOtherwise() {
        assertThat(cli.run("owners api-key create ::1").out())
                .isEqualTo("id   k1\nkey  shown-once\n");
    }

    @Test
    void failsWhenTheAuditLogIsBroken() {
        try (TestServer broken =
                new TestServer(CERTIFICATES)
                        .on(
                                "GET /api/v1/audit/verify",
                                "{'intact':false,'firstBroken':3,'reason':'the hash is"
                                        + " another'}")) {
            Cli.Run run = cli.with("USHER_URL", broken.url()).run("audit verify");
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.out())
                    .isEqualTo(
                            """
                            intact       false
                            firstBroken  3
                            reason       the hash is another
                            """);
        }
    }

    @Test
    void findsTheLocalServerThroughItsDataDirectory() throws IOException {
        Files.writeString(directory.resolve("admin.key"), "local-key\n");
        CERTIFICATES.authority().writeCertificate(directory.resolve("ca.pem"));
        Cli local = Cli.alone(directory).with("USHER_WEB_PORT", Integer.toString(server.port()));
        assertThat(local.run("owners list").err()).isEmpty();
        assertThat(server.lastRequest().header("Authorization")).contains("Bearer local-key");
    }

    @Test
    void sendsTheLocalKeyToNobodyElse() throws IOException {
        Files.writeString(directory.resolve("admin.key"), "local-key\n");
        Cli.Run run = Cli.alone(directory).run("owners list --url https://usher.example.com:8885");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("usher: There is no API key for https://usher.example.com:8885: give");
    }

    @Test
    void readsTheApiKeyFromAFile() throws IOException {
        Path key = directory.resolve("key");
        Files.write(key, "from-a-file\r\n".getBytes(StandardCharsets.UTF_8));
        cli.run("owners list --api-key @" + key);
        assertThat(server.lastRequest().header("Authorization")).contains("Bearer from-a-file");
    }
}
