package dev.usher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.cli.TestServer.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** The commands for devices: what they ask, and what they show. */
class DevicesCommandTest {

    private static final Certificates CERTIFICATES = new Certificates();
    private static final String DEVICE = "/api/v1/devices/0102030405060708";
    private static final String KEY = "000102030405060708090A0B0C0D0E0F";
    private static TestServer server;

    @TempDir private Path directory;
    private Cli cli;

    @BeforeAll
    static void start() {
        server =
                new TestServer(CERTIFICATES)
                        .on("POST /api/v1/devices", DevicesCommandTest::echo)
                        .on("POST /api/v1/devices?dryRun=true", DevicesCommandTest::echo)
                        .on(
                                "GET /api/v1/devices?limit=1000",
                                "{'items':[{'devEui':'0102030405060708','homeNetId':'000013',"
                                        + "'effective':{'homeNetId':'000013'}},"
                                        + "{'devEui':'0102030405060709',"
                                        + "'effective':{'homeNetId':'000014'}}]}")
                        .on("GET /api/v1/devices?limit=7", "{'items':[]}")
                        .on(
                                "GET /api/v1/devices?joinEui=0000000000000009&limit=5&maker=%3A%3A1"
                                        + "&owner=%3A%3A2",
                                "{'items':[{'devEui':'0102030405060708'}]}")
                        .on("GET " + DEVICE, "{'devEui':'0102030405060708'}")
                        .on("PATCH " + DEVICE, DevicesCommandTest::echo)
                        .on("DELETE " + DEVICE, _ -> new Answer(204, "", ""))
                        .on("POST " + DEVICE + "/claim", "{'devEui':'0102030405060708'}")
                        .on("POST " + DEVICE + "/release", "{'ownerToken':'NEW'}")
                        .on("POST " + DEVICE + "/reset-nonces", "{'devEui':'0102030405060708'}")
                        .on(
                                "POST " + DEVICE + "/owner-token",
                                "{'ownerToken':'NEW','label':'LW:D0:1:2::ONEW'}")
                        .on(
                                "GET " + DEVICE + "/label",
                                "{'label':'LW:D0:70B3D57ED0000001:0102030405060708:AABB1122:SYYWW'}")
                        .on(
                                "GET " + DEVICE + "/joins?limit=20",
                                "{'items':[{'type':'JoinReq','nonce':7,'result':'FrameReplayed',"
                                        + "'why':'DevNonce 7 was used before'}]}")
                        .on(
                                "GET /api/v1/devices/export?format=csv&maker=%3A%3A1",
                                _ -> new Answer(200, "text/csv", "devEui\n0102030405060708\n"))
                        .on("POST /api/v1/devices/import", DevicesCommandTest::imported)
                        .on("POST /api/v1/devices/import?dryRun=true", DevicesCommandTest::imported)
                        .on("POST /api/v1/transport-keks", "{'label':'line-1','kek':'MADE'}")
                        .on("POST /api/v1/transport-keks/line%201/rotate", "{'label':'line 1'}")
                        .on(
                                "GET /api/v1/transport-keks?limit=1000&maker=%3A%3A1",
                                "{'items':[{'label':'line-1','bits':128}]}")
                        .on(
                                "DELETE /api/v1/transport-keks/line-1?maker=%3A%3A1",
                                _ -> new Answer(204, "", ""))
                        .on(
                                "DELETE /api/v1/transport-keks/line-1?maker=%3A%3A1&dryRun=true",
                                _ -> new Answer(204, "", ""))
                        .on("GET /api/v1/owners/%3A%3A1/activation", "{'homeNetId':'000013'}")
                        .on("PATCH /api/v1/owners/%3A%3A1/activation", DevicesCommandTest::echo);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() throws IOException {
        cli = Cli.of(server, CERTIFICATES, directory);
    }

    private static Answer echo(TestServer.Request request) {
        return new Answer(200, "application/json", request.body());
    }

    /** Creates all but those whose AppKey is missing. */
    private static Answer imported(TestServer.Request request) {
        StringBuilder lines = new StringBuilder();
        int number = 0;
        for (String line : request.body().lines().toList()) {
            var device = Json.MAPPER.readTree(line);
            var answer = Json.object().put("line", ++number);
            if (device.has("appKey")) {
                answer.put("devEui", Json.text(device, "devEui"))
                        .put("result", "created")
                        .put("ownerToken", "TOKEN" + number)
                        .put("label", "LW:D0:" + number);
            } else {
                answer.put("error", "a root key is missing");
            }
            lines.append(answer).append('\n');
        }
        return new Answer(200, "application/x-ndjson", lines.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    devices provision 01-02-03-04-05-06-07-08 --join-eui ::9 --app-key KEY | POST /api/v1/devices | {'joinEui':'0000000000000009','appKey':'KEY','devEui':'0102030405060708'}
                    devices provision 0102030405060708 --join-eui ::9 --nwk-key KEY --app-key KEY --kek-label k --mac-version 1.1 --roaming 000014,000015 --strict --resets-join-nonces --lifetime 60 --owner-token T --profile-id AABB1122 --serial-number S --dry-run | POST /api/v1/devices?dryRun=true | {'joinEui':'0000000000000009','appKey':'KEY','nwkKey':'KEY','kekLabel':'k','macVersion':'1.1','roamingNetIds':['000014','000015'],'strict':true,'resetsJoinNonces':true,'lifetime':60,'devEui':'0102030405060708','ownerToken':'T','profileId':'AABB1122','serialNumber':'S'}
                    devices list | GET /api/v1/devices?limit=1000 |
                    devices list --owner ::2 --maker ::1 --join-eui ::9 --limit 5 | GET /api/v1/devices?joinEui=0000000000000009&limit=5&maker=%3A%3A1&owner=%3A%3A2 |
                    devices get 0102030405060708 | GET /api/v1/devices/0102030405060708 |
                    devices set 0102030405060708 --home-net-id 000013 --home-ns-id ::7 --as-id as --as-kek-label l --as-kek KEY --app-s-key-in-clear=false | PATCH /api/v1/devices/0102030405060708 | {'homeNetId':'000013','homeNsId':'0000000000000007','asId':'as','asKekLabel':'l','asKek':'KEY','appSKeyInClear':false}
                    devices set 0102030405060708 --home-ns-id= --as-id= --roaming= --strict=false | PATCH /api/v1/devices/0102030405060708 | {'homeNsId':null,'asId':null,'roamingNetIds':[],'strict':false}
                    devices delete 0102030405060708 | DELETE /api/v1/devices/0102030405060708 |
                    devices claim 0102030405060708 TOKEN --owner ::2 --lock=false --new-token --home-net-id 000013 | POST /api/v1/devices/0102030405060708/claim | {'ownerToken':'TOKEN','homeNetId':'000013','owner':'::2','lock':false,'regenerateOwnerToken':true}
                    devices claim 01:02:03:04:05:06:07:08 TOKEN | POST /api/v1/devices/0102030405060708/claim | {'ownerToken':'TOKEN'}
                    devices claim LW:D0:70B3D57ED0000001:0102030405060708:AABB1122:OTOKEN:SX | POST /api/v1/devices/0102030405060708/claim | {'ownerToken':'TOKEN'}
                    devices release 0102030405060708 | POST /api/v1/devices/0102030405060708/release | {'regenerateOwnerToken':true}
                    devices unclaim 0102030405060708 | POST /api/v1/devices/0102030405060708/release | {'regenerateOwnerToken':false}
                    devices reset-nonces 0102030405060708 | POST /api/v1/devices/0102030405060708/reset-nonces | {}
                    devices owner-token 0102030405060708 | POST /api/v1/devices/0102030405060708/owner-token | {}
                    devices joins 0102030405060708 | GET /api/v1/devices/0102030405060708/joins?limit=20 |
                    devices label 0102030405060708 --owner-token T | GET /api/v1/devices/0102030405060708/label |
                    devices export --format csv --maker ::1 | GET /api/v1/devices/export?format=csv&maker=%3A%3A1 |
                    transport-keks register line-1 --maker ::1 --bits 256 | POST /api/v1/transport-keks | {'label':'line-1','maker':'::1','bits':256}
                    transport-keks rotate line%201 --kek KEY | POST /api/v1/transport-keks/line%201/rotate | {'kek':'KEY'}
                    transport-keks list --maker ::1 | GET /api/v1/transport-keks?limit=1000&maker=%3A%3A1 |
                    transport-keks delete line-1 --maker ::1 | DELETE /api/v1/transport-keks/line-1?maker=%3A%3A1 |
                    transport-keks delete line-1 --maker ::1 --dry-run | DELETE /api/v1/transport-keks/line-1?maker=%3A%3A1&dryRun=true |
                    owners activation get ::1 | GET /api/v1/owners/%3A%3A1/activation |
                    owners activation set ::1 --home-net-id 000013 --as-id= | PATCH /api/v1/owners/%3A%3A1/activation | {'homeNetId':'000013','asId':null}
                    """)
    void asks(String command, String call, String body) {
        Cli.Run run = cli.run(words(command));

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isNotEmpty();
        TestServer.Request request = server.lastRequest();
        assertThat(request.call()).isEqualTo(call);
        if (body != null) {
            assertThat(request.json())
                    .isEqualTo(Json.MAPPER.readTree(body.replace('\'', '"').replace("KEY", KEY)));
        }
    }

    @Test
    void listsTheNetworkThatMayActivateADevice() {
        assertThat(cli.run("devices list").out().lines().skip(1))
                .satisfiesExactly(
                        own -> assertThat(own).startsWith("0102030405060708").contains("000013"),
                        owners ->
                                assertThat(owners)
                                        .startsWith("0102030405060709")
                                        .contains("000014"));
    }

    @Test
    void aMakerThatSeesNothingIsToldWhereItsDevicesAre() {
        Cli.Run run = cli.run("devices list --limit 7");

        assertThat(run.exitCode()).isZero();
        assertThat(run.err())
                .isEqualTo(
                        "usher: No device is listed. To an owner's key, what it made and nobody has"
                                + " claimed is listed with --maker ID.\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "devices get 010203040506",
                "devices provision 010203040506 --join-eui ::9 --app-key @x",
                "devices list --join-eui 01:02:03:04:05:06",
                "joins log --device 01-02-03-04-05-06"
            })
    void aDevEuiOfTwelveDigitsIsNoMac(String command) {
        Cli.Run run = cli.run(command);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("has 12 hex digits: a DevEUI, JoinEUI or NSID has 16");
    }

    /** A blank in an argument is written as %20. */
    private static String[] words(String command) {
        String[] words = command.replace("KEY", KEY).split(" ", -1);
        for (int i = 0; i < words.length; i++) {
            words[i] = words[i].replace("%20", " ");
        }
        return words;
    }

    @Test
    void takesSecretsFromFilesStdinAndTheEnvironment() throws IOException {
        Path file = Files.writeString(directory.resolve("app.key"), KEY + "\n");
        String provision = "devices provision 0102030405060708 --join-eui ::9";

        cli.run(provision + " --app-key @" + file);
        assertThat(server.lastRequest().json().path("appKey").stringValue()).isEqualTo(KEY);
        cli.withInput("nwk\napp\n").run(provision + " --app-key - --nwk-key -");
        assertThat(server.lastRequest().json().path("appKey").stringValue()).isEqualTo("nwk");
        assertThat(server.lastRequest().json().path("nwkKey").stringValue()).isEqualTo("app");
        cli.with("USHER_APP_KEY", "environment").run(provision);
        assertThat(server.lastRequest().json().path("appKey").stringValue())
                .isEqualTo("environment");
        cli.run("devices set 0102030405060708 --strict");
        assertThat(server.lastRequest().json().has("appKey")).isFalse();
        Cli.Run empty = cli.withInput("").run(provision + " --app-key -");
        assertThat(empty.exitCode()).isEqualTo(1);
        assertThat(empty.err())
                .isEqualTo("usher: There is nothing more on stdin, where - says to read.\n");
    }

    @Test
    void importsAFileRowByRow() throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("devices.csv"),
                        """
                        Dev-EUI;app key;strict;lifetime;roaming net ids
                        0102030405060708;a;true;60;000013 000014
                        nonsense;b;;;
                        0102030405060709;;;;
                        """);

        Cli.Run run = cli.run("devices import --join-eui ::9 --kek-label k --file " + file);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .contains("0102030405060708  created")
                .contains("LW:D0:1")
                .contains("nonsense          failed: line 3: 'nonsense' is not an EUI")
                .contains("0102030405060709  failed: a root key is missing");
        assertThat(run.err())
                .contains("2 of 3 rows failed")
                .contains("the next run does not tell the owner tokens of this one again");
        TestServer.Request request = server.lastRequest();
        assertThat(request.header("Content-type")).contains("application/x-ndjson");
        assertThat(request.header("Idempotency-key")).isPresent();
        assertThat(request.body().replace('"', '\''))
                .isEqualTo(
                        "{'joinEui':'0000000000000009','kekLabel':'k','devEui':'0102030405060708',"
                                + "'appKey':'a','strict':true,'lifetime':60,"
                                + "'roamingNetIds':['000013','000014']}\n"
                                + "{'joinEui':'0000000000000009','kekLabel':'k',"
                                + "'devEui':'0102030405060709'}\n");
    }

    @Test
    void importsWhatJsonSaysAsNothing() {
        String row =
                "{\"devEui\":\"0102030405060708\",\"appKey\":\"a\",\"nwkKey\":null,"
                        + "\"roamingNetIds\":[]}";

        assertThat(cli.withInput(row).run("devices import").exitCode()).isZero();

        assertThat(server.lastRequest().body().replace('"', '\''))
                .isEqualTo("{'devEui':'0102030405060708','appKey':'a','roamingNetIds':[]}\n");
    }

    @Test
    void sendsTheSameRowsUnderTheSameKey() {
        String rows = "{\"devEui\":\"0102030405060708\",\"appKey\":\"a\"}";
        cli.withInput(rows).run("devices import");
        var first = server.lastRequest().header("Idempotency-key");
        cli.withInput(rows).run("devices import");

        assertThat(server.lastRequest().header("Idempotency-key")).isEqualTo(first);
        assertThat(cli.withInput(rows).run("devices import --dry-run").out())
                .contains("could be created");
        assertThat(server.lastRequest().header("Idempotency-key")).isEmpty();
    }

    @Test
    void tellsThatTheServerStopped() {
        server.on(
                "POST /api/v1/devices/import",
                _ ->
                        new Answer(
                                200,
                                "application/x-ndjson",
                                "{\"error\":\"the database is away: nothing was done from here"
                                        + " on\"}\n"));
        try {
            Cli.Run run =
                    cli.withInput("{\"devEui\":\"::1\",\"appKey\":\"a\"}").run("devices import");

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .isEqualTo(
                            "usher: The server stopped: the database is away: nothing was done from"
                                    + " here on.\n");
        } finally {
            server.on("POST /api/v1/devices/import", DevicesCommandTest::imported);
        }
    }

    @Test
    void exportsIntoAFile() throws IOException {
        Path file = directory.resolve("devices.csv");

        Cli.Run run = cli.run("devices export --format csv --maker ::1 --out " + file);

        assertThat(run).isEqualTo(new Cli.Run(0, "", ""));
        assertThat(file).hasContent("devEui\n0102030405060708\n");
    }

    @Test
    void keepsAMadeKekInAFile() throws IOException {
        Path file = directory.resolve("line-1.kek");

        Cli.Run run = cli.run("transport-keks register line-1 --out " + file);

        assertThat(run.out()).contains("@" + file).doesNotContain("MADE");
        assertThat(file).hasContent("MADE\n");
        assertThat(cli.run("transport-keks register line-1 --kek a --out x").err())
                .isEqualTo("usher: --out is for a KEK made here: leave out --kek, or --out.\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:OAABBCCDDEEFF:SYYWWNNNNNN:PFOOBAR:CAF2C | {'joinEui':'1122334455667788','devEui':'AABBCCDDEEFF0011','profileId':'AABB1122','ownerToken':'AABBCCDDEEFF','serialNumber':'YYWWNNNNNN','proprietary':'FOOBAR'} | ""
                    LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:OAABBCCDDEEFF:C0000 | {'joinEui':'1122334455667788','devEui':'AABBCCDDEEFF0011','profileId':'AABB1122','ownerToken':'AABBCCDDEEFF'} | usher: The label's checksum 0000 does not fit its text: a character may have been misread.
                    URN:LW:DP:1122334455667788:AABBCCDDEEFF0011:AABB1122:%V0123%SX%PY | {'joinEui':'1122334455667788','devEui':'AABBCCDDEEFF0011','profileId':'AABB1122','ownerToken':'0123','serialNumber':'X','proprietary':'Y'} | usher:
                    URN:DEV:LW:1122334455667788_AABBCCDDEEFF0011_AABB1122_V0123_SX | {'joinEui':'1122334455667788','devEui':'AABBCCDDEEFF0011','profileId':'AABB1122','ownerToken':'0123','serialNumber':'X'} | usher:
                    AABBCCDDEEFF0011 | {'devEui':'AABBCCDDEEFF0011'} | usher: The label is only a DevEUI.
                    """)
    void readsALabel(String label, String says, String warning) {
        Cli.Run run = Cli.alone(directory).run("devices", "qr", label, "-o", "json");

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).startsWith(warning);
        var fields = (ObjectNode) Json.MAPPER.readTree(run.out());
        assertThat(Json.text(fields, "label")).isEqualTo(label);
        assertThat(fields.has("warnings")).isEqualTo(!warning.isEmpty());
        fields.remove(List.of("label", "warnings"));
        assertThat(fields).isEqualTo(Json.MAPPER.readTree(says.replace('\'', '"')));
    }

    @Test
    void makesALabelAndShowsItsCode() {
        Cli.Run run =
                Cli.alone(directory)
                        .run(
                                "devices qr --dev-eui AABBCCDDEEFF0011 --join-eui 1122334455667788"
                                        + " --profile-id AABB1122 --owner-token AABBCCDDEEFF"
                                        + " --serial-number YYWWNNNNNN --proprietary FOOBAR");

        String text =
                "LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:OAABBCCDDEEFF:SYYWWNNNNNN:PFOOBAR"
                        + ":CAF2C";
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .startsWith(Qr.render(text, false))
                .endsWith("label         " + text + "\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    devices qr | 2 | Give the text of a label, or --dev-eui and others to make one.
                    devices qr nothing | 1 | This text of 7 characters is not a device label: it begins neither with LW:D0: nor as its drafts URN:LW:DP: and URN:DEV:LW: do, and is no DevEUI of 16 hex digits.
                    devices qr --dev-eui ::1 --owner-token a:b | 2 | the owner token of a label is one or more printable ASCII characters without colons; this one of 3 characters is not.
                    devices set ::1 | 2 | There is nothing to change: give --home-net-id or others.
                    devices set ::1 --home-ns-id x | 2 | --home-ns-id: 'x' is not an EUI: write 16 hex digits, or 8 octets with - or :.
                    devices claim 0102030405060708 | 2 | Give the owner token of 0102030405060708 after it.
                    devices claim LW:D0::: T | 2 | The label names no device.
                    owners activation set ::1 | 2 | There is nothing to change: give --home-net-id or others.
                    """)
    void tellsWhatIsWrongHere(String command, int exitCode, String sentence) {
        Cli.Run run = cli.run(command);

        assertThat(run.err().lines().toList().getLast()).isEqualTo("usher: " + sentence);
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(exitCode);
    }

    @Test
    void neverRepeatsAnOwnerTokenInAnError() {
        assertThat(cli.run("devices claim LW:D0:1:2:3:4:5:OSECRETTOKEN --nonsense").err())
                .doesNotContain("SECRETTOKEN");
        assertThat(cli.run("devices claim WW:D0:SECRETTOKEN").err()).doesNotContain("SECRETTOKEN");
    }
}
