package dev.usher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.cli.TestServer.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands for the network: what they ask, and what they show. */
class NetworkCommandsTest {

    private static final Certificates CERTIFICATES = new Certificates();
    private static final String GATEWAYS = "/api/v1/network/gateways";
    private static final String GTW1 = GATEWAYS + "/gtw1";
    private static final String DEVICES = "/api/v1/network/devices";
    private static final String DEVICE = DEVICES + "/0102030405060708";
    private static final String WEBHOOKS = "/api/v1/network/webhooks";
    private static final String ACME = "/api/v1/organizations/acme";
    private static TestServer server;

    @TempDir private Path directory;
    private Cli cli;

    @BeforeAll
    static void start() {
        server =
                new TestServer(CERTIFICATES)
                        .on("POST " + GATEWAYS, NetworkCommandsTest::created)
                        .on("POST " + GATEWAYS + "?dryRun=true", "{'dryRun':true}")
                        .on(
                                "GET " + GATEWAYS + "?collaborator=ann&limit=1000",
                                "{'items':[{'id':'gtw1','frequencyPlanIds':['EU_863_870']}]}")
                        .on("GET " + GATEWAYS + "/58A0CBFFFE800BE7", "{'id':'gtw1'}")
                        .on("GET " + GTW1, "{'id':'gtw1'}")
                        .on("PATCH " + GTW1, NetworkCommandsTest::created)
                        .on("DELETE " + GTW1, _ -> new Answer(204, "", ""))
                        .on("DELETE " + GTW1 + "/claim", _ -> new Answer(204, "", ""))
                        .on("POST " + GATEWAYS + "/claim", NetworkCommandsTest::claimed)
                        .on("POST " + GATEWAYS + "/claim/info", "{'supportsClaiming':true}")
                        .on("POST " + GTW1 + "/authorize", NetworkCommandsTest::created)
                        .on("DELETE " + GTW1 + "/authorize", _ -> new Answer(204, "", ""))
                        .on("POST " + GTW1 + "/commands", "{'eui':'58A0CBFFFE800BE7'}")
                        .on("GET " + GTW1 + "/stats", "{'connected':true}")
                        .on("POST " + GTW1 + "/keys/lns", "{'key':'Bearer USHER.1.x'}")
                        .on("POST " + GTW1 + "/api-keys", "{'id':'k1','key':'USHER.1.x'}")
                        .on("GET " + GTW1 + "/api-keys?limit=1000", "{'items':[{'id':'k1'}]}")
                        .on("DELETE " + GTW1 + "/api-keys/k1", _ -> new Answer(204, "", ""))
                        .on("POST " + DEVICES, NetworkCommandsTest::created)
                        .on("GET " + DEVICES + "?limit=1000", "{'items':[]}")
                        .on("GET " + DEVICE, "{'devEui':'0102030405060708'}")
                        .on("DELETE " + DEVICE, _ -> new Answer(204, "", ""))
                        .on(
                                "GET " + DEVICES + "?collaborator=acme&limit=1000",
                                "{'items':[{'devEui':'0102030405060708'}]}")
                        .on("PUT " + DEVICE + "/collaborators/acme", "{'account':'acme'}")
                        .on("GET " + DEVICE + "/collaborators?limit=1000", "{'items':[]}")
                        .on("POST " + DEVICE + "/api-keys", "{'id':'k1','key':'USHER.1.x'}")
                        .on("GET " + DEVICE + "/api-keys?limit=1000", "{'items':[{'id':'k1'}]}")
                        .on("DELETE " + DEVICE + "/api-keys/k1", _ -> new Answer(204, "", ""))
                        .on("DELETE " + GTW1 + "/collaborators/bob", _ -> new Answer(204, "", ""))
                        .on("POST /api/v1/users/ann/identities", NetworkCommandsTest::created)
                        .on("GET /api/v1/users/ann/identities?limit=1000", "{'items':[]}")
                        .on(
                                "DELETE /api/v1/users/ann/identities?subject=4711",
                                _ -> new Answer(204, "", ""))
                        .on("POST " + DEVICE + "/downlinks", "{'seq':1}")
                        .on(
                                "GET /api/v1/network/events?device=0102030405060708&gateway=gtw1"
                                        + "&type=uplink",
                                NetworkCommandsTest::events)
                        .on("POST " + WEBHOOKS, NetworkCommandsTest::created)
                        .on(
                                "GET " + WEBHOOKS + "?account=ann&limit=1000",
                                "{'items':[{'id':'hook1'}]}")
                        .on("GET " + WEBHOOKS + "/hook1", "{'id':'hook1','pending':3}")
                        .on("PATCH " + WEBHOOKS + "/hook1", NetworkCommandsTest::created)
                        .on("POST " + WEBHOOKS + "/hook1/secret", "{'secret':'whsec_x'}")
                        .on("POST " + WEBHOOKS + "/hook1/test", "{'delivered':true}")
                        .on("DELETE " + WEBHOOKS + "/hook1", _ -> new Answer(204, "", ""))
                        .on("GET /api/v1/network/trust?limit=1000", "{'items':[{'server':'h:1'}]}")
                        .on(
                                "DELETE /api/v1/network/trust/lns.example.com%3A8887",
                                _ -> new Answer(204, "", ""))
                        .on(
                                "POST /api/v1/network/trust/lns.example.com%3A8887/check",
                                "{'pinned':false}")
                        .on("POST /api/v1/users", NetworkCommandsTest::created)
                        .on("GET /api/v1/users?limit=1000", "{'items':[{'id':'ann'}]}")
                        .on("DELETE /api/v1/users/ann", _ -> new Answer(204, "", ""))
                        .on("PUT /api/v1/users/ann/password", _ -> new Answer(204, "", ""))
                        .on("POST /api/v1/users/ann/api-keys", "{'id':'k1','key':'USHER.1.x'}")
                        .on("GET /api/v1/users/ann/api-keys?limit=1000", "{'items':[{'id':'k1'}]}")
                        .on("DELETE /api/v1/users/ann/api-keys/k1", _ -> new Answer(204, "", ""))
                        .on("POST /api/v1/organizations", NetworkCommandsTest::created)
                        .on(
                                "GET /api/v1/organizations?limit=1000&member=ann",
                                "{'items':[{'id':'acme','ownerid':'::2'}]}")
                        .on("GET " + ACME, "{'id':'acme'}")
                        .on("PUT " + ACME + "/owner", "{'id':'acme','ownerid':'::2'}")
                        .on("PUT " + ACME + "/collaborators/bob", "{'account':'bob'}")
                        .on("POST " + ACME + "/api-keys", "{'id':'k1','key':'USHER.1.x'}")
                        .on("DELETE " + ACME, _ -> new Answer(204, "", ""));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() throws IOException {
        cli = Cli.of(server, CERTIFICATES, directory);
    }

    private static Answer created(TestServer.Request request) {
        return new Answer(201, "application/json", request.body());
    }

    private static Answer claimed(TestServer.Request request) {
        return "wrong".equals(request.json().path("authenticationCode").stringValue())
                ? Answer.problem(403, "the code does not fit this gateway")
                : new Answer(
                        201,
                        "application/json",
                        Json.object()
                                .put("id", "gtw1")
                                .put("eui", request.json().path("eui").stringValue())
                                .toString());
    }

    private static Answer events(TestServer.Request request) {
        return new Answer(
                200,
                "text/event-stream",
                ": from now on\n\n"
                    + "data:"
                    + " {\"type\":\"uplink\",\"at\":\"2026-11-21T10:00:00Z\",\"device\":\"0102030405060708\",\"fCnt\":7,\"port\":2,\"payload\":\"AQI=\",\"heardBy\":[{\"gateway\":\"58A0CBFFFE800BE7\"}]}\n\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    gateways create gtw1 --gateway-eui 58A0CB800BE7 --user-id ann --frequency-plan-id EU_863_870 | POST /api/v1/network/gateways | {'frequencyPlanIds':['EU_863_870'],'collaborator':'ann','eui':'58A0CBFFFE800BE7','id':'gtw1'}
                    gateways create --gateway-eui 58A0CB800BE7 --organization-id acme --dry-run | POST /api/v1/network/gateways?dryRun=true | {'collaborator':'acme','eui':'58A0CBFFFE800BE7'}
                    gateways list --user-id ann | GET /api/v1/network/gateways?collaborator=ann&limit=1000 |
                    gateways get gtw1 | GET /api/v1/network/gateways/gtw1 |
                    gateways get 58:A0:CB:80:0B:E7 | GET /api/v1/network/gateways/58A0CBFFFE800BE7 |
                    gateways set gtw1 --name Roof --frequency-plan-ids US_902_928_FSB_1,US_902_928_FSB_2 --frequency-plan-id AU_915_928_FSB_1 | PATCH /api/v1/network/gateways/gtw1 | {'name':'Roof','frequencyPlanIds':['US_902_928_FSB_1','US_902_928_FSB_2','AU_915_928_FSB_1']}
                    gateways set gtw1 --gateway-server-address ws://192.168.2.2:1887 --lns-key= --enforce-duty-cycle=false | PATCH /api/v1/network/gateways/gtw1 | {'gatewayServerAddress':'ws://192.168.2.2:1887','lnsKey':null,'enforceDutyCycle':false}
                    gateways delete gtw1 | DELETE /api/v1/network/gateways/gtw1 |
                    gateways unclaim gtw1 | DELETE /api/v1/network/gateways/gtw1/claim |
                    gateways claim 00800000A00009EF --authentication-code abcdef --target-gateway-id gtw1 --target-cups-uri https://eu1.example.com:443 --target-gateway-server-address eu1.example.com --target-frequency-plan-id EU_863_870 --user-id user1 | POST /api/v1/network/gateways/claim | {'collaborator':'user1','targetGatewayId':'gtw1','targetCupsUri':'https://eu1.example.com:443','targetGatewayServerAddress':'eu1.example.com','targetFrequencyPlanIds':['EU_863_870'],'eui':'00800000A00009EF','authenticationCode':'abcdef'}
                    gateways claim 58A0CB800BE7 --authentication-code abcdef --user-id user1 | POST /api/v1/network/gateways/claim | {'collaborator':'user1','eui':'58A0CBFFFE800BE7','authenticationCode':'abcdef'}
                    gateways claim info 58A0CB800BE7 | POST /api/v1/network/gateways/claim/info | {'eui':'58A0CBFFFE800BE7'}
                    gateways claim authorize gtw1 --code SELL2BOB1 --until 2026-12-01 | POST /api/v1/network/gateways/gtw1/authorize | {'code':'SELL2BOB1','until':'2026-12-01T00:00:00Z'}
                    gateways claim unauthorize gtw1 | DELETE /api/v1/network/gateways/gtw1/authorize |
                    gateways stats gtw1 | GET /api/v1/network/gateways/gtw1/stats |
                    gateways issue-key gtw1 lns | POST /api/v1/network/gateways/gtw1/keys/lns | {}
                    gateways api-keys create gtw1 --name n --right RIGHT_GATEWAY_INFO,RIGHT_GATEWAY_LINK --expires-at 2027-01-01 | POST /api/v1/network/gateways/gtw1/api-keys | {'name':'n','rights':['RIGHT_GATEWAY_INFO','RIGHT_GATEWAY_LINK'],'expiresAt':'2027-01-01T00:00:00Z'}
                    gateways api-keys list gtw1 | GET /api/v1/network/gateways/gtw1/api-keys?limit=1000 |
                    gateways api-keys delete gtw1 k1 | DELETE /api/v1/network/gateways/gtw1/api-keys/k1 |
                    network devices create 0102030405060708 --join-eui ::9 --mac-version 1.0.3 --name Door | POST /api/v1/network/devices | {'devEui':'0102030405060708','joinEui':'0000000000000009','macVersion':'1.0.3','name':'Door'}
                    network devices create 0102030405060708 --join-eui ::9 --mac-version 1.0.3 --user-id ann | POST /api/v1/network/devices | {'devEui':'0102030405060708','joinEui':'0000000000000009','macVersion':'1.0.3','collaborator':'ann'}
                    network devices list --organization-id acme | GET /api/v1/network/devices?collaborator=acme&limit=1000 |
                    network devices collaborators set 0102030405060708 acme --right RIGHT_APPLICATION_DEVICES_READ,RIGHT_APPLICATION_TRAFFIC_READ | PUT /api/v1/network/devices/0102030405060708/collaborators/acme | {'rights':['RIGHT_APPLICATION_DEVICES_READ','RIGHT_APPLICATION_TRAFFIC_READ']}
                    network devices collaborators list 0102030405060708 | GET /api/v1/network/devices/0102030405060708/collaborators?limit=1000 |
                    gateways collaborators delete gtw1 bob | DELETE /api/v1/network/gateways/gtw1/collaborators/bob |
                    network devices list | GET /api/v1/network/devices?limit=1000 |
                    network devices get 0102030405060708 | GET /api/v1/network/devices/0102030405060708 |
                    network devices delete 0102030405060708 | DELETE /api/v1/network/devices/0102030405060708 |
                    network downlink 0102030405060708 --port 2 --payload 0AFF --confirmed | POST /api/v1/network/devices/0102030405060708/downlinks | {'port':2,'payload':'Cv8=','confirmed':true}
                    network run gtw1 reboot | POST /api/v1/network/gateways/gtw1/commands | {'command':'reboot'}
                    network run gtw1 -- /etc/init.d/ntpd -x restart | POST /api/v1/network/gateways/gtw1/commands | {'command':'/etc/init.d/ntpd','arguments':['-x','restart']}
                    network events --device 0102030405060708 --gateway gtw1 --type uplink --limit 1 | GET /api/v1/network/events?device=0102030405060708&gateway=gtw1&type=uplink |
                    network webhooks create hook1 --to https://example.com/usher --type uplink,join --type downlink --secret 0123456789abcdef --user-id ann | POST /api/v1/network/webhooks | {'id':'hook1','url':'https://example.com/usher','account':'ann','types':['uplink','join','downlink'],'secret':'0123456789abcdef'}
                    network webhooks list --user-id ann | GET /api/v1/network/webhooks?account=ann&limit=1000 |
                    network webhooks get hook1 | GET /api/v1/network/webhooks/hook1 |
                    network webhooks set hook1 --disable --type= | PATCH /api/v1/network/webhooks/hook1 | {'types':[],'enabled':false}
                    network webhooks set hook1 --new-secret | POST /api/v1/network/webhooks/hook1/secret | {}
                    network webhooks test hook1 | POST /api/v1/network/webhooks/hook1/test | {}
                    network webhooks delete hook1 | DELETE /api/v1/network/webhooks/hook1 |
                    trust list | GET /api/v1/network/trust?limit=1000 |
                    trust unpin lns.example.com:8887 | DELETE /api/v1/network/trust/lns.example.com%3A8887 |
                    trust check lns.example.com:8887 | POST /api/v1/network/trust/lns.example.com%3A8887/check | {}
                    users create ann --name Ann --email a@example.com --administrator | POST /api/v1/users | {'id':'ann','name':'Ann','email':'a@example.com','administrator':true}
                    users list | GET /api/v1/users?limit=1000 |
                    users set-password ann --password geheim | PUT /api/v1/users/ann/password | {'password':'geheim'}
                    network devices api-keys create 0102030405060708 --right RIGHT_APPLICATION_TRAFFIC_READ --name app | POST /api/v1/network/devices/0102030405060708/api-keys | {'name':'app','rights':['RIGHT_APPLICATION_TRAFFIC_READ']}
                    network devices api-keys list 0102030405060708 | GET /api/v1/network/devices/0102030405060708/api-keys?limit=1000 |
                    network devices api-keys delete 0102030405060708 k1 | DELETE /api/v1/network/devices/0102030405060708/api-keys/k1 |
                    users link ann --issuer https://login.example.org --subject 4711 | POST /api/v1/users/ann/identities | {'issuer':'https://login.example.org','subject':'4711'}
                    users list-links ann | GET /api/v1/users/ann/identities?limit=1000 |
                    users unlink ann --subject 4711 | DELETE /api/v1/users/ann/identities?subject=4711 |
                    users api-keys create ann --right RIGHT_ALL | POST /api/v1/users/ann/api-keys | {'rights':['RIGHT_ALL']}
                    users api-keys list ann | GET /api/v1/users/ann/api-keys?limit=1000 |
                    users api-keys delete ann k1 | DELETE /api/v1/users/ann/api-keys/k1 |
                    organizations create acme --name Acme --user-id ann | POST /api/v1/organizations | {'id':'acme','name':'Acme','member':'ann'}
                    organizations list --user-id ann | GET /api/v1/organizations?limit=1000&member=ann |
                    organizations get acme | GET /api/v1/organizations/acme |
                    organizations set-owner acme ::2 | PUT /api/v1/organizations/acme/owner | {'ownerid':'::2'}
                    organizations collaborators set acme bob --right RIGHT_ALL | PUT /api/v1/organizations/acme/collaborators/bob | {'rights':['RIGHT_ALL']}
                    organizations api-keys create acme --right RIGHT_ALL | POST /api/v1/organizations/acme/api-keys | {'rights':['RIGHT_ALL']}
                    organizations delete acme | DELETE /api/v1/organizations/acme |
                    users delete ann | DELETE /api/v1/users/ann |
                    """)
    void asks(String command, String call, String body) {
        Cli.Run run = cli.run(command);

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isNotEmpty();
        TestServer.Request request = server.lastRequest();
        assertThat(request.call()).isEqualTo(call);
        if (body != null) {
            assertThat(request.json()).isEqualTo(Json.MAPPER.readTree(body.replace('\'', '"')));
        }
    }

    @Test
    void claimsManyAndSaysWhatBecameOfEach() {
        Cli.Run run =
                cli.withInput(
                                """
                                {"eui":"58A0CB800BE7","authenticationCode":"right"}
                                {"eui":"58A0CB800BE8","code":"wrong","targetFrequencyPlanId":"US_902_928_FSB_2"}
                                {"eui":"nonsense","code":"right"}
                                {"eui":"58A0CB800BE9","code":"right","userId":"bob"}
                                """)
                        .run("gateways claim --user-id ann --target-frequency-plan-id EU_863_870");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("2 of 4 rows failed");
        assertThat(run.out().lines())
                .satisfiesExactly(
                        title -> assertThat(title).startsWith("EUI"),
                        first -> assertThat(first).contains("58A0CBFFFE800BE7", "gtw1", "claimed"),
                        second ->
                                assertThat(second)
                                        .contains("58A0CBFFFE800BE8", "does not fit this gateway"),
                        third -> assertThat(third).contains("nonsense", "failed: "),
                        fourth -> assertThat(fourth).contains("58A0CBFFFE800BE9", "claimed"));
        assertThat(server.lastRequest().json().path("collaborator").stringValue()).isEqualTo("bob");
        List<TestServer.Request> requests = server.requests();
        assertThat(
                        requests.get(requests.size() - 2)
                                .json()
                                .path("targetFrequencyPlanIds")
                                .path(0)
                                .stringValue())
                .isEqualTo("US_902_928_FSB_2");
    }

    @Test
    void claimsTheLabelsOfTheFactory() {
        Cli.Run run =
                cli.withInput(
                                """
                                eui,mac,pin,qr
                                58A0CBFFFE800BE7,58A0CB800BE7,ABC-DEF,https://example.com
                                """)
                        .run("gateways claim --user-id ann");

        assertThat(run.exitCode()).isZero();
        assertThat(server.lastRequest().json().path("authenticationCode").stringValue())
                .isEqualTo("ABC-DEF");
    }

    @Test
    void repeatsARequestUnderTheSameKey() {
        String claim = "gateways claim 58A0CB800BE7 --authentication-code a --user-id ann";
        cli.run(claim);
        String key = server.lastRequest().header("Idempotency-key").orElseThrow();
        cli.run(claim);
        assertThat(server.lastRequest().header("Idempotency-key")).contains(key);
        assertThat(key).doesNotContain("secret");
    }

    @Test
    void writesAKeyAsAStationReadsIt() {
        Path file = directory.resolve("tc.key");
        assertThat(cli.run("gateways issue-key gtw1 lns --out " + file).out())
                .isEqualTo("key  @" + file + "\n");
        assertThat(file).hasContent("Authorization: Bearer USHER.1.x\r\n");
    }

    @Test
    void showsAnUplinkInOneLine() {
        assertThat(
                        cli.run(
                                        "network events --device 0102030405060708 --gateway gtw1"
                                                + " --type uplink --limit 1")
                                .out())
                .contains("uplink", "0102030405060708", "58A0CBFFFE800BE7")
                .contains("FCnt 7, port 2, 0102");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    users create ann            | {{.naem}}          | The result has no field 'naem': did you mean 'name'?
                    users delete ann            | {{.id}}            | The result has no field 'id': there are deleted, dryRun.
                    users set-password ann --password x | {{.password}} {{.usr}} | The result has no field 'usr': did you mean 'user'?
                    gateways set gtw1 --name x  | {{.setup.lnsUri}}  | The result has no field 'setup.lnsUri': there are
                    gateways api-keys create gtw1 --right RIGHT_GATEWAY_INFO | {{.kye}} | The result has no field 'kye': did you mean 'key'?
                    network devices delete ::1  | {{.delted}}        | The result has no field 'delted': did you mean 'deleted'?
                    network run gtw1 reboot     | {{.ui}}            | The result has no field 'ui': did you mean 'eui'?
                    users create ann            | {{.id              | begins a field and does not end it
                    """)
    void looksAtATemplateBeforeItChangesAnything(String command, String template, String why) {
        int before = server.requests().size();
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        words.addAll(List.of("-o", "template", "--template", template));
        Cli.Run run = cli.run(words.toArray(String[]::new));

        assertThat(run.exitCode()).isEqualTo(Usher.USAGE);
        assertThat(run.err()).contains(why);
        assertThat(server.requests()).hasSize(before);
    }

    @Test
    void sendsNothingWithoutTheOtherHalfOfATemplate() {
        int before = server.requests().size();
        Cli.Run run = cli.run("users delete ann --template {{.deleted}}");
        assertThat(run.err()).isEqualTo("usher: Give -o template and --template together.\n");
        assertThat(server.requests()).hasSize(before);
    }

    @Test
    void leavesEmptyWhatAResultMayNotHave() {
        assertThat(cli.run("gateways get gtw1 -o template --template {{.id}}/{{.name}}/").out())
                .isEqualTo("gtw1//\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    gateways claim 58A0CB800BE7 --user-id ann                       | --authentication-code
                    gateways claim --authentication-code a --user-id ann            | Name the gateway
                    gateways claim ::1 --authentication-code a --user-id a --organization-id b | not both
                    gateways create gtw1 --user-id ann                              | --gateway-eui
                    gateways create --gateway-eui ::1 --user-id ann --lns-key x     | usher gateways set
                    gateways set gtw1                                               | nothing to change
                    gateways get Roof!                                              | nor an EUI or MAC
                    network downlink ::1 --port 1 --payload xyz                     | not hex
                    """)
    void saysWhatIsMissing(String command, String why) {
        Cli.Run run = cli.run(command);
        assertThat(run.exitCode()).isEqualTo(Usher.USAGE);
        assertThat(run.err()).contains(why);
    }

    @Test
    void asksWhoseItIsToBe() {
        Cli.Run run = cli.run("gateways claim 58A0CB800BE7 --authentication-code a");
        assertThat(run.exitCode()).isEqualTo(Usher.FAILED);
        assertThat(run.out()).contains("--user-id");
    }
}
