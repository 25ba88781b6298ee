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
                        .on(
                                "GET /api/v1/vault",
                                """
                                {"type":"file","transportKey":"-----BEGIN PUBLIC KEY-----\\nAA==\\n",
                                 "fingerprint":"f1","labels":["femto-2026"],
                                 "checkValues":{"femto-2026":"c1"}}\
                                """)
                        .on("POST /api/v1/vault/keys", Answers::created)
                        .on(
                                "POST /api/v1/vault/keys/femto/export",
                                "{'label':'femto','checkValue':'c1','wrappedKey':'d3JhcA=='}")
                        .on("POST /api/v1/vault/keys/femto/forbid-export", "{'label':'femto'}")
                        .on("DELETE /api/v1/vault/keys/femto", _ -> new Answer(204, "", ""))
                        .on("POST /api/v1/vault/wrapping-keys", Answers::created)
                        .on(
                                "POST /api/v1/vault/wrapping-keys/devices/forbid-export",
                                "{'label':'devices'}")
                        .on(
                                "DELETE /api/v1/vault/wrapping-keys/devices",
                                _ -> new Answer(204, "", ""))
                        .on(
                                "DELETE /api/v1/vault/transport-keks/1.line-1",
                                _ -> new Answer(204, "", ""))
                        .on(
                                "POST /api/v1/vault/wrapping-keys/devices/rewrap",
                                request ->
                                        new Answer(
                                                200,
                                                "application/json",
                                                request.json().has("after")
                                                        ? "{\"rewrapped\":0}"
                                                        : "{\"rewrapped\":7,"
                                                              + "\"after\":\"0000000000000007\"}"))
                        .on("POST /api/v1/gateways/58A0CBFFFE800BE7/certificates", Answers::issued)
                        .on(
                                "POST /api/v1/gateways/58A0CBFFFE800BE7/certificates?dryRun=true",
                                "{'dryRun':true}")
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
                                "POST /api/v1/api-keys",
                                _ -> new Answer(201, "", "{\"id\":\"k1\",\"key\":\"shown-once\"}"))
                        .on("GET /api/v1/api-keys?limit=1000", "{'items':[{'id':'k1'}]}")
                        .on("DELETE /api/v1/api-keys/k1", _ -> new Answer(204, "", ""))
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
                        .on("GET /api/v1/audit/verify", "{'intact':true,'entries':8,'head':'ff'}")
                        .on("POST /api/v1/peers", Answers::created)
                        .on("POST /api/v1/peers?dryRun=true", "{'dryRun':true}")
                        .on(
                                "GET /api/v1/peers?limit=1000",
                                """
                                {"items":[{"name":"ns1","netId":"000013","pathPrefix":"/ns1",
                                  "keks":[{"label":"a","bits":128},{"label":"b","bits":256}]},
                                  {"name":"as","asId":"as.example.com","keks":[]}]}\
                                """)
                        .on("GET /api/v1/peers/ns1", "{'name':'ns1','hasBearerToken':true}")
                        .on("PATCH /api/v1/peers/ns1", Answers::created)
                        .on("PATCH /api/v1/peers/ns1?dryRun=true", "{'dryRun':true}")
                        .on("DELETE /api/v1/peers/ns1", _ -> new Answer(204, "", ""))
                        .on(
                                "POST /api/v1/peers/ns1/kek",
                                "{'name':'ns1','keks':[{'label':'a','bits':128}],'kek':'C0FFEE'}")
                        .on("DELETE /api/v1/peers/ns1/kek/ns%3A1%2F2", _ -> new Answer(204, "", ""))
                        .on(
                                "DELETE"
                                    + " /api/v1/join-euis/70B3D57ED0000000%2F40?force=true&dryRun=true",
                                _ -> new Answer(204, "", ""))
                        .on("POST /api/v1/join-euis", Answers::created)
                        .on(
                                "GET /api/v1/join-euis?limit=1000",
                                "{'items':[{'range':'70B3D57ED0000000/40','maker':'::1'}]}")
                        .on(
                                "DELETE /api/v1/join-euis/70B3D57ED0000000%2F40",
                                _ -> new Answer(204, "", ""))
                        .on(
                                "GET /api/v1/backend-log?limit=100",
                                """
                                {"items":[{"seq":9,"at":"2026-11-21T10:00:00Z","peer":"ns1",
                                  "sender":"000013","device":"70B3D57ED0001234","type":"JoinReq",
                                  "version":"1.1","nonce":7,"result":"FrameReplayed",
                                  "why":"DevNonce 7 was used before","micros":210},
                                 {"seq":8,"at":"2026-11-21T09:59:00Z","sender":"000099",
                                  "type":"HomeNSReq","version":"1.0","result":"UnknownSender",
                                  "micros":90}]}\
                                """)
                        .on(
                                "GET /api/v1/backend-log?device=70B3D57ED0001234&limit=3&peer=ns1"
                                        + "&result=MICFailed",
                                "{'items':[{'seq':9}],'next':9}")
                        .on(
                                "GET /api/v1/backend-log?before=9&device=70B3D57ED0001234&limit=2"
                                        + "&peer=ns1&result=MICFailed",
                                "{'items':[]}")
                        .on("GET /api/v1/backend-log/stream", RestCommandsTest::stream)
                        .on(
                                "GET /api/v1/backend-log/stream?device=70B3D57ED0001234&peer=ns1"
                                        + "&result=Success",
                                RestCommandsTest::stream);
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

        static Answer issued(TestServer.Request request) {
            return new Answer(
                    201,
                    "application/json",
                    "{\"eui\":\"58A0CBFFFE800BE7\",\"certificate\":\"CERT\",\"key\":\"KEY\"}");
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
                    vault show | GET /api/v1/vault |
                    vault create femto | POST /api/v1/vault/keys | {'label':'femto'}
                    vault forbid-export femto | POST /api/v1/vault/keys/femto/forbid-export | {}
                    vault delete femto | DELETE /api/v1/vault/keys/femto |
                    vault create devices --wrapping | POST /api/v1/vault/wrapping-keys | {'label':'devices'}
                    vault forbid-export devices --wrapping | POST /api/v1/vault/wrapping-keys/devices/forbid-export | {}
                    vault delete devices --wrapping | DELETE /api/v1/vault/wrapping-keys/devices |
                    vault delete 1.line-1 --transport-kek | DELETE /api/v1/vault/transport-keks/1.line-1 |
                    vault rewrap devices | POST /api/v1/vault/wrapping-keys/devices/rewrap | {'after':'0000000000000007'}
                    factory gateways certificate 58A0CB800BE7 | POST /api/v1/gateways/58A0CBFFFE800BE7/certificates | {}
                    factory gateways certificate 58A0CB800BE7 --days 30 | POST /api/v1/gateways/58A0CBFFFE800BE7/certificates | {'days':30}
                    factory gateways get 58-A0-CB-80-0B-E7 | GET /api/v1/gateways/58A0CBFFFE800BE7 |
                    factory gateways list --batch a&b --owner ::1 --limit 2 | GET /api/v1/gateways?batch=a%26b&limit=2&owner=%3A%3A1 |
                    owners create ::1 --name Acme --add-limit 3 | POST /api/v1/owners | {'ownerid':'::1','name':'Acme','addLimit':3}
                    owners list | GET /api/v1/owners?limit=1000 |
                    owners get ::1 | GET /api/v1/owners/%3A%3A1 |
                    owners api-keys create ::1 --name n --expires-at 2027-01-01 | POST /api/v1/owners/%3A%3A1/api-keys | {'name':'n','expiresAt':'2027-01-01T00:00:00Z'}
                    owners api-keys list ::1 | GET /api/v1/owners/%3A%3A1/api-keys?limit=1000 |
                    api-keys create --name ci | POST /api/v1/api-keys | {'name':'ci'}
                    api-keys list | GET /api/v1/api-keys?limit=1000 |
                    api-keys delete k1 | DELETE /api/v1/api-keys/k1 |
                    owners api-keys delete ::1 k1 | DELETE /api/v1/owners/%3A%3A1/api-keys/k1 |
                    owners certificate create ::1 | POST /api/v1/owners/%3A%3A1/certificates | {}
                    owners certificate list ::1 | GET /api/v1/owners/%3A%3A1/certificates?limit=1000 |
                    owners certificate delete ::1 ab | DELETE /api/v1/owners/%3A%3A1/certificates/ab |
                    owners ca list ::1 | GET /api/v1/owners/%3A%3A1/ca?limit=1000 |
                    owners ca delete ::1 cd | DELETE /api/v1/owners/%3A%3A1/ca/cd |
                    peers create ns1 --net-id 000013 --bearer-token t0ken-of-ns | POST /api/v1/peers | {'netId':'000013','bearerToken':'t0ken-of-ns','name':'ns1'}
                    peers create ns1 --net-id 000013 --nsids 70B3D57ED0000001,::2 --strict-nsid --user u --password p --client-name *.example.com --async-url https://ns/a --async-authorization=Bearer_x --path-prefix /ns1 --dry-run | POST /api/v1/peers?dryRun=true | {'netId':'000013','nsIds':['70B3D57ED0000001','0000000000000002'],'strictNsId':true,'user':'u','password':'p','clientName':'*.example.com','asyncUrl':'https://ns/a','asyncAuthorization':'Bearer_x','pathPrefix':'/ns1','name':'ns1'}
                    peers create as --as-id as.example.com --bearer-token t0ken-of-as | POST /api/v1/peers | {'asId':'as.example.com','bearerToken':'t0ken-of-as','name':'as'}
                    peers list | GET /api/v1/peers?limit=1000 |
                    peers get ns1 | GET /api/v1/peers/ns1 |
                    peers set ns1 --path-prefix /x --strict-nsid=false | PATCH /api/v1/peers/ns1 | {'pathPrefix':'/x','strictNsId':false}
                    peers set ns1 --async-url= --client-ca= --bearer-token= --user= --nsids= --path-prefix= --dry-run | PATCH /api/v1/peers/ns1?dryRun=true | {'asyncUrl':null,'clientCa':null,'bearerToken':null,'user':null,'nsIds':[],'pathPrefix':null}
                    peers delete ns1 | DELETE /api/v1/peers/ns1 |
                    peers rotate-kek ns1 --label a | POST /api/v1/peers/ns1/kek | {'label':'a'}
                    peers rotate-kek ns1 --label a --bits 256 --from 2026-12-01 | POST /api/v1/peers/ns1/kek | {'label':'a','bits':256,'from':'2026-12-01T00:00:00Z'}
                    peers rotate-kek ns1 --label a --kek 00112233445566778899AABBCCDDEEFF | POST /api/v1/peers/ns1/kek | {'label':'a','kek':'00112233445566778899AABBCCDDEEFF'}
                    peers delete-kek ns1 --label ns:1/2 | DELETE /api/v1/peers/ns1/kek/ns%3A1%2F2 |
                    join-euis delete 70B3D57ED0000000/40 --force --dry-run | DELETE /api/v1/join-euis/70B3D57ED0000000%2F40?force=true&dryRun=true |
                    join-euis set 70B3D57ED0000000/40 --maker ::1 | POST /api/v1/join-euis | {'range':'70B3D57ED0000000/40','maker':'::1'}
                    join-euis list | GET /api/v1/join-euis?limit=1000 |
                    join-euis delete 70B3D57ED0000000/40 | DELETE /api/v1/join-euis/70B3D57ED0000000%2F40 |
                    joins log | GET /api/v1/backend-log?limit=100 |
                    joins log --peer ns1 --device 70B3D57ED0001234 --result MICFailed --limit 3 | GET /api/v1/backend-log?before=9&device=70B3D57ED0001234&limit=2&peer=ns1&result=MICFailed |
                    joins log --follow --peer ns1 --device 70B3D57ED0001234 --result Success --limit 1 | GET /api/v1/backend-log/stream?device=70B3D57ED0001234&peer=ns1&result=Success |
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
        Files.write(wrapped, new byte[] {1, 2, 3});
        cli.run("vault import b --in " + wrapped);
        assertThat(server.lastRequest().body())
                .isEqualTo("{\"label\":\"b\",\"wrappedKey\":\"AQID\"}");

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
        assertThat(cli.run("factory gateways list").out())
                .isEqualTo(
                        """
                        EUI               BATCH  OWNER  CLAIMED  LNS             LAST SEEN
                        0000000000000001
                        0000000000000002
                        0000000000000003         ::1             wss://lns:8887
                        """);
        assertThat(cli.run("factory gateways list -o json").out())
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
        assertThat(cli.run("factory gateways list -o yaml").out())
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
    void printsAListAsATemplateSays() {
        Cli.Run run =
                cli.run(
                        "factory",
                        "gateways",
                        "list",
                        "-o",
                        "template",
                        "--template",
                        "{{.eui}} {{.setup.lnsUri}}");
        assertThat(run.out())
                .isEqualTo(
                        """
                        0000000000000001\s
                        0000000000000002\s
                        0000000000000003 wss://lns:8887
                        """);
        Cli.Run typed = cli.run("factory gateways list -o template --template {{.uei}}");
        assertThat(typed.exitCode()).isEqualTo(2);
        assertThat(typed.err())
                .isEqualTo("usher: The result has no field 'uei': did you mean 'eui'?\n");
        assertThat(cli.run("factory gateways list -o template").err())
                .isEqualTo("usher: Give -o template and --template together.\n");
    }

    @Test
    void stopsAtTheLimitAlsoInTheMiddleOfAList() {
        assertThat(
                        cli.run("factory gateways list --batch a&b --owner ::1 --limit 2 -o json")
                                .exitCode())
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
        assertThat(cli.run("factory gateways get 58A0CBFFFE800BE7").out())
                .isEqualTo(
                        """
                        eui        58A0CBFFFE800BE7
                        seen.at    2026-11-21T10:00:00Z
                        seen.keys  1, 2
                        why        AT     ANSWER   REASON
                                   10:00  lns      it reported another
                                   09:00  nothing  all is?[31m well
                        """);
        server.on("GET /api/v1/gateways/0000000000000001", "{'eui':'0000000000000001'}");
        assertThat(cli.run("factory gateways get ::1").out())
                .isEqualTo("eui   0000000000000001\nseen  not yet\n");
    }

    @Test
    void takesTheFormatFromTheEnvironment() {
        cli.with("USHER_OUTPUT", "JSON");
        assertThat(cli.run("owners get ::1").out()).startsWith("{").endsWith("}\n");
        assertThat(cli.run("owners get ::1 -o table").out()).startsWith("ownerid");
    }

    @Test
    void printsWhatIsMeantForAFileAsItIs() throws IOException {
        assertThat(cli.run("vault transport-key").out())
                .isEqualTo("-----BEGIN PUBLIC KEY-----\nAA==\n");
        Path twin = directory.resolve("twin.pem");
        assertThat(cli.run("vault transport-key --out " + twin).out())
                .isEqualTo("transportKey  " + twin + "\nfingerprint   f1\n");
        assertThat(twin).hasContent("-----BEGIN PUBLIC KEY-----\nAA==\n");
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
        Cli.Run apiKey = cli.run("owners api-keys create ::1 --out " + key);
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
    void writesACertificateAsAGatewayTakesIt() throws IOException {
        Path base = directory.resolve("cups-boot");
        Cli.Run dryRun =
                cli.run("factory gateways certificate 58A0CBFFFE800BE7 --dry-run --out " + base);
        assertThat(dryRun.out()).isEqualTo("dryRun  true\n");
        assertThat(directory.resolve("cups-boot.crt")).doesNotExist();

        Cli.Run run = cli.run("factory gateways certificate 58A0CBFFFE800BE7 --out " + base);
        assertThat(run.out())
                .isEqualTo(
                        """
                        eui          58A0CBFFFE800BE7
                        certificate  %1$s.crt
                        key          %1$s.key
                        """
                                .formatted(base));
        assertThat(directory.resolve("cups-boot.crt")).hasContent("CERT");
        assertThat(directory.resolve("cups-boot.key")).hasContent("KEY");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(directory.resolve("cups-boot.key"))))
                .isEqualTo("rw-------");

        int before = server.requests().size();
        assertThat(cli.run("factory gateways certificate 58A0CBFFFE800BE7 --out " + base).err())
                .contains("is there already");
        assertThat(server.requests()).hasSize(before);
    }

    @Test
    void makesATokenForAPeerAndTellsItOnce() throws IOException {
        Cli.Run run = cli.run("peers create ns1 --net-id 000013 --new-bearer-token");
        String token = server.lastRequest().json().path("bearerToken").stringValue();
        assertThat(token).matches("[0-9A-Za-z_-]{43}");
        assertThat(run.out()).contains("bearerToken  " + token);

        Path file = directory.resolve("ns1.token");
        Cli.Run kept = cli.run("peers set ns1 --new-bearer-token --out " + file);
        String next = server.lastRequest().json().path("bearerToken").stringValue();
        assertThat(next).isNotEqualTo(token);
        assertThat(kept.out()).contains("@" + file).doesNotContain(next);
        assertThat(file).hasContent(next);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");

        assertThat(cli.run("peers set ns1 --new-bearer-token --dry-run").out())
                .isEqualTo("dryRun  true\n");
    }

    @Test
    void writesANewKekIntoAFileOfItsOwner() throws IOException {
        assertThat(cli.run("peers rotate-kek ns1 --label a").out()).contains("kek   C0FFEE");

        Path file = directory.resolve("ns1.kek");
        Cli.Run run = cli.run("peers rotate-kek ns1 --label a --out " + file);
        assertThat(run.out()).contains("@" + file).doesNotContain("C0FFEE");
        assertThat(file).hasContent("C0FFEE");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");

        cli.run("peers rotate-kek ns1 --label b --kek @" + file);
        assertThat(server.lastRequest().json().path("kek").stringValue()).isEqualTo("C0FFEE");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    peers set ns1 | There is nothing to change
                    peers set ns1 --out x | --out is for a token made here
                    peers set ns1 --bearer-token x --new-bearer-token | not both
                    peers set ns1 --nsids 70B3D57ED0000001,x | --nsids:
                    peers rotate-kek ns1 --label a --kek 00 --out x | --out is for a KEK made here
                    peers rotate-kek ns1 | --label
                    join-euis set 70B3D57ED0000000/40 | --maker
                    """)
    void saysWhatIsWrongWithAPeerBeforeItAsks(String command, String problem) {
        int before = server.requests().size();

        Cli.Run run = cli.run(command);

        assertThat(run.exitCode()).isEqualTo(Usher.USAGE);
        assertThat(run.err()).contains(problem);
        assertThat(server.requests()).hasSize(before);
    }

    @Test
    void showsWhoAskedWhatAndWhyItWasAnsweredSo() {
        assertThat(cli.run("peers list").out())
                .isEqualTo(
                        """
                        NAME  NETID   AS-ID           ANSWERS TO  PATH  KEKS  CREATED
                        ns1   000013                              /ns1  a, b
                        as            as.example.com
                        """);
        assertThat(cli.run("joins log").out())
                .isEqualTo(
                        """
                        AT                    DEVICE            TYPE       NONCE  RESULT         PEER      WHY
                        2026-11-21T10:00:00Z  70B3D57ED0001234  JoinReq    7      FrameReplayed  ns1       DevNonce 7 was used before
                        2026-11-21T09:59:00Z                    HomeNSReq         UnknownSender  (000099)
                        """);
    }

    /** Two events at first, one more to those who know them, then the server is busy. */
    private static Answer stream(TestServer.Request request) {
        return switch (request.header("Last-event-id").orElse("")) {
            case "" ->
                    events(
                            """
                            : from entry 0

                            id: 1
                            data: {"seq":1,"at":"10:00","device":"0000000000000001","peer":"ns1"}

                            :

                            id: 2
                            data:{"seq":2,
                            data: "at":"10:01"}

                            """);
            case "2" -> events("id: 3\ndata: {\"seq\":3}\n\nid: 4\ndata: {\"seq\"");
            case "3" -> Answer.problem(503, "the log is followed by 100 already");
            default -> Answer.problem(404, "an event that was cut off counts as not seen");
        };
    }

    private static Answer events(String body) {
        return new Answer(200, "text/event-stream", body);
    }

    @Test
    void followsTheLogWhereItBrokeOff() {
        Cli.Run run = cli.run("joins log --follow -o json");

        assertThat(run.out())
                .isEqualTo(
                        """
                        {"seq":1,"at":"10:00","device":"0000000000000001","peer":"ns1"}
                        {"seq":2,"at":"10:01"}
                        {"seq":3}
                        """);
        assertThat(run.err()).contains("cannot answer now", "followed by 100 already");
        assertThat(run.exitCode()).isEqualTo(Usher.FAILED);

        Cli.Run table = cli.run("joins log --follow --limit 2");
        assertThat(table.exitCode()).isZero();
        assertThat(table.out())
                .isEqualTo(
                        """
                        AT     DEVICE            TYPE  NONCE  RESULT  PEER  WHY
                        10:00  0000000000000001                       ns1
                        10:01                                         ()
                        """);
        assertThat(cli.run("joins log --follow --limit 1 -o yaml").out())
                .startsWith("---\nseq: 1\n");
    }

    @Test
    void asksForNoSecretThatItCannotKeep() throws IOException {
        Path taken = Files.writeString(directory.resolve("taken.key"), "another key");
        int before = server.requests().size();

        assertThat(cli.run("owners api-keys create ::1 --out " + taken).err())
                .isEqualTo(
                        "usher: '"
                                + taken
                                + "' is there already: choose another name, or move it away"
                                + " first.\n");
        Path base = directory.resolve("taken");
        assertThat(cli.run("owners certificate create ::1 --out " + base).exitCode()).isEqualTo(1);
        assertThat(cli.run("owners api-keys create ::1 --out nowhere/key").err())
                .contains("its directory is not there");

        assertThat(taken).hasContent("another key");
        assertThat(server.requests()).hasSize(before);
    }

    @Test
    void showsNewSecretsOtherwise() {
        assertThat(cli.run("owners api-keys create ::1").out())
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
