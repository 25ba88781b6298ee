package dev.usher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.cli.TestServer.Answer;
import dev.usher.cli.TestServer.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** {@code usher owner}: a client of the Owner API of any Gateway Join Server. */
class OwnerCommandsTest {

    private static final Certificates CERTIFICATES = new Certificates();
    private static final String CLAIM = "POST /api/v1/gateway/claim";
    private static final String SETUP = "POST /api/v1/gateway/setup";

    @TempDir private Path directory;
    private TestServer server;
    private Cli cli;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(CERTIFICATES);
        for (String call : List.of("claim", "setup", "delete", "add", "info", "token")) {
            server.on("POST /api/v1/gateway/" + call, request -> result(request, "gateway"));
            server.on("POST /api/v1/router/" + call, request -> result(request, "router"));
        }
        cli = Cli.of(server, CERTIFICATES, directory);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** One result for each gateway of a request; those whose claim is WRONG fail. */
    private static Answer result(Request request, String word) {
        JsonNode body = request.json();
        ArrayNode results = Json.array();
        List<JsonNode> gateways =
                body.has(word) ? List.of(body) : List.copyOf(body.path(word + "s").values());
        for (JsonNode gateway : gateways) {
            var result = results.addObject();
            result.put(word, gateway.isString() ? gateway.stringValue() : Json.text(gateway, word));
            if (Json.text(gateway, "claim").equals("WRONG")) {
                result.put("error", "the gateway does not exist, or the PIN is wrong");
            }
        }
        return new Answer(200, "application/json", results.toString());
    }

    private List<Request> requests(String call) {
        return server.requests().stream().filter(request -> request.call().equals(call)).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    claim 58A0CBFFFE800BE7 PIN | claim | {'ownerid':'::1','gateway':'58a0:cbff:fe80:be7','claim':'PIN'}
                    claim 58-A0-CB-80-0B-E7 PIN --dry-run | claim | {'ownerid':'::1','dryRun':true,'gateway':'58a0:cbff:fe80:be7','claim':'PIN'}
                    setup ::1 --lns-uri ws://lns:1887 | setup | {'ownerid':'::1','lnsUri':'ws://lns:1887','gateway':'::1'}
                    setup ::1 ::2 --cups-uri http://cups:80 | setup | {'ownerid':'::1','cupsUri':'http://cups:80','gateways':[{'gateway':'::1'},{'gateway':'::2'}]}
                    setup ::1 --firmware-crc 4294967295 --firmware-after 2026-11-21T10:00:00+02:00 --firmware-unsigned | setup | {'ownerid':'::1','fwcrc':-1,'fwafter':'2026-11-21T08:00:00.000000','fwunsigned':true,'gateway':'::1'}
                    setup ::1 --lns-token Bearer | setup | {'ownerid':'::1','lnsKey':'QXV0aG9yaXphdGlvbjogQmVhcmVyDQo=','gateway':'::1'}
                    release ::1 | delete | {'ownerid':'::1','gateway':'::1'}
                    release ::1 ::2 | delete | {'ownerid':'::1','gateways':['::1','::2']}
                    add ::5 --token abc --flavor femto | add | {'ownerid':'::1','flavorid':'femto','gateway':'::5','token':'abc'}
                    info ::1 ::2 | info | {'ownerid':'::1','gateways':['::1','::2']}
                    token ::1 --flavor femto | token | {'ownerid':'::1','flavorid':'femto','gateway':'::1'}
                    """)
    void asks(String command, String call, String body) {
        Cli.Run run = cli.run("owner " + command);

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        Request request = server.lastRequest();
        assertThat(request.call()).isEqualTo("POST /api/v1/gateway/" + call);
        assertThat(request.json()).isEqualTo(Json.MAPPER.readTree(body.replace('\'', '"')));
        assertThat(request.header("Authorization")).contains("Bearer secret-key");
    }

    @Test
    void speaksToOlderServersInTheirWords() {
        Cli.Run single = cli.run("owner claim ::1 PIN --router -o json");
        assertThat(server.lastRequest().call()).isEqualTo("POST /api/v1/router/claim");
        assertThat(server.lastRequest().body())
                .isEqualTo("{\"ownerid\":\"::1\",\"claim\":\"PIN\",\"router\":\"::1\"}");
        assertThat(single.out()).contains("\"gateway\" : \"::1\"");

        cli.run("owner setup ::1 ::2 --lns-uri ws://l:1 --router");
        assertThat(server.lastRequest().json().path("routers"))
                .isEqualTo(Json.MAPPER.readTree("[{\"router\":\"::1\"},{\"router\":\"::2\"}]"));
    }

    @Test
    void showsWhatBecameOfAGateway() {
        assertThat(cli.run("owner claim 58A0CBFFFE800BE7 PIN").out())
                .isEqualTo(
                        """
                        GATEWAY           RESULT
                        58A0CBFFFE800BE7  claimed
                        """);
        Cli.Run wrong = cli.run("owner claim 58A0CBFFFE800BE7 WRONG -o json");
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.out())
                .isEqualTo(
                        """
                        [
                          {
                            "gateway" : "58a0:cbff:fe80:be7",
                            "error" : "the gateway does not exist, or the PIN is wrong"
                          }
                        ]
                        """);
        assertThat(cli.run("owner claim ::1 PIN --dry-run").out()).contains("could be claimed");
    }

    @Test
    void sendsCredentialsFromFilesAsDer() throws IOException {
        Certificates.Issued lns = CERTIFICATES.issue("lns.example.com");
        Path ca = CERTIFICATES.authority().writeCertificate(directory.resolve("lns-ca.pem"));
        Path crt = lns.writeCertificate(directory.resolve("lns.crt"));
        Path key = lns.writeKey(directory.resolve("lns.key"));
        Path caDer = Files.write(directory.resolve("ca.der"), CERTIFICATES.authority().der());
        Path token = Files.writeString(directory.resolve("token"), "Bearer NNSXS.abc\n");

        Cli.Run run =
                cli.run(
                        "owner setup ::1 --lns-uri wss://lns.example.com:8887 --lns-trust %s --lns-crt %s --lns-key %s --cups-uri https://cups:443 --cups-trust %s --cups-token @%s"
                                .formatted(ca, crt, key, caDer, token));

        assertThat(run.err()).isEmpty();
        JsonNode sent = server.lastRequest().json();
        assertThat(decoded(sent, "lnsTrust")).isEqualTo(CERTIFICATES.authority().der());
        assertThat(decoded(sent, "lnsCrt")).isEqualTo(lns.der());
        assertThat(decoded(sent, "lnsKey")).isEqualTo(lns.key().getEncoded());
        assertThat(decoded(sent, "cupsTrust")).isEqualTo(CERTIFICATES.authority().der());
        assertThat(decoded(sent, "cupsKey"))
                .asString()
                .isEqualTo("Authorization: Bearer NNSXS.abc\r\n");
    }

    private static byte[] decoded(JsonNode object, String field) {
        return Base64.getDecoder().decode(Json.text(object, field));
    }

    @Test
    void claimsManyFromTheLabelsOfAFactory() throws IOException {
        Path labels =
                Files.writeString(
                        directory.resolve("labels.csv"),
                        """
                        eui,mac,pin,qr
                        58A0CBFFFE800BE7,58A0CB800BE7,GOOD,https://usher/c/1
                        58A0CBFFFE800BE8,58A0CB800BE8,WRONG,https://usher/c/2
                        nonsense,,GOOD,
                        58A0CBFFFE800BEA,58A0CB800BEA,,
                        58A0CBFFFE800BEB,too few
                        58A0CBFFFE800BEC,58A0CB800BEC,GOOD,"https://usher/c/3"
                        """);

        Cli.Run run = cli.run("owner claim --file " + labels);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .isEqualTo(
                        """
                        GATEWAY           RESULT
                        58A0CBFFFE800BE7  claimed
                        58A0CBFFFE800BE8  failed: the gateway does not exist, or the PIN is wrong
                        nonsense          failed: line 4: 'nonsense' is not an EUI: write 16 hex digits, 8 octets with - or :, a 12-digit MAC, or ID6 such as 0:ff:fe00:abc
                        58A0CBFFFE800BEA  failed: line 5: it has no claim
                        58A0CBFFFE800BEB  failed: line 6: it has 2 values for 4 columns
                        58A0CBFFFE800BEC  claimed
                        """);
        assertThat(run.err())
                .isEqualTo(
                        """
                        usher: 4 of 6 rows failed; their errors say why.
                        usher: to try the failed rows again, put them right and repeat the command; with --anew if the rows themselves stay the same.
                        """);
        assertThat(requests(CLAIM)).hasSize(1);
        assertThat(requests(CLAIM).getFirst().json().path("gateways"))
                .isEqualTo(
                        Json.MAPPER.readTree(
                                """
                                [{"gateway":"58a0:cbff:fe80:be7","claim":"GOOD"},
                                 {"gateway":"58a0:cbff:fe80:be8","claim":"WRONG"},
                                 {"gateway":"58a0:cbff:fe80:bec","claim":"GOOD"}]\
                                """));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    a JSON array              | [{'gateway':'::1','claim':'A'},{'gateway':'::2','claim':'B'}]
                    JSON lines                | {'gateway':'::1','claim':'A'}~{'gateway':'::2','claim':'B'}~
                    other names               | [{'eui':'::1','pin':'A'},{'router':'::2','CODE':'B'}]
                    CSV                       | gateway,claim~::1,A~::2,B~
                    CSV with quotes           | "gateway","claim"~"::1","A"~"::2","B"
                    CSV of a spreadsheet      | gateway;claim^~::1;A^~::2;B^~
                    CSV with blank lines      | ~~gateway,claim~~::1,A~~::2, B ~~
                    """)
    void readsManyForms(String form, String input) {
        Cli.Run run =
                cli.withInput(input.replace('\'', '"').replace('~', '\n').replace('^', '\r'))
                        .run("owner claim");

        assertThat(run.err()).as(form).isEmpty();
        assertThat(requests(CLAIM).getFirst().json().path("gateways"))
                .isEqualTo(
                        Json.MAPPER.readTree(
                                "[{\"gateway\":\"::1\",\"claim\":\"A\"},{\"gateway\":\"::2\",\"claim\":\"B\"}]"));
    }

    @Test
    void readsCsvWithAByteOrderMark() {
        assertThat(cli.withInput("\uFEFFgateway,claim\n::1,A\n").run("owner claim").err())
                .isEmpty();
    }

    @Test
    void takesTheOutputOfOneCommandAsTheInputOfAnother() {
        server.on("POST /api/v1/gateway/list", "['::1','::2']");
        Cli.Run list = cli.run("owner list -o json");
        Cli.Run release = cli.withInput(list.out()).run("owner release");
        assertThat(release.err()).isEmpty();
        assertThat(server.lastRequest().json().path("gateways"))
                .isEqualTo(Json.MAPPER.readTree("[\"::1\",\"::2\"]"));
        assertThat(cli.run("owner list").out())
                .isEqualTo(
                        """
                        GATEWAY           ID6
                        0000000000000001  ::1
                        0000000000000002  ::2
                        """);
    }

    @Test
    void setsUpManyThatDifferInSomething() throws IOException {
        Path ca = CERTIFICATES.authority().writeCertificate(directory.resolve("ca.crt"));
        cli.withInput(
                """
                gateway,lns-token,lnsTrust,fwcrc,fwunsigned
                ::1,Bearer A,,0xFFFFFFFF,yes
                ::2,,@%s,,
                ::3,,,many,
                ::4,,@nofile,,
                """
                        .formatted(ca));

        Cli.Run run = cli.run("owner setup --lns-uri wss://lns:8887");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .contains("failed: line 4: 'many' is not a CRC-32")
                .contains("failed: line 5: Cannot read 'nofile': there is no such file.");
        JsonNode sent = requests(SETUP).getFirst().json();
        assertThat(sent.path("lnsUri").stringValue()).isEqualTo("wss://lns:8887");
        assertThat(sent.path("gateways").size()).isEqualTo(2);
        JsonNode first = sent.path("gateways").get(0);
        assertThat(new String(decoded(first, "lnsKey"), StandardCharsets.US_ASCII))
                .isEqualTo("Authorization: Bearer A\r\n");
        assertThat(first.path("fwcrc").intValue()).isEqualTo(-1);
        assertThat(first.path("fwunsigned").booleanValue()).isTrue();
        assertThat(decoded(sent.path("gateways").get(1), "lnsTrust"))
                .isEqualTo(CERTIFICATES.authority().der());
    }

    @Test
    void letsJsonTakeValuesAway() {
        cli.withInput("[{\"gateway\":\"::1\",\"lnsUri\":null,\"fwcrc\":7,\"fwunsigned\":true}]");
        assertThat(cli.run("owner setup").err()).isEmpty();
        assertThat(server.lastRequest().body())
                .isEqualTo(
                        "{\"ownerid\":\"::1\",\"gateway\":\"::1\",\"lnsUri\":null,\"fwcrc\":7,\"fwunsigned\":true}");
    }

    @Test
    void sendsManyRowsInChunksWithAKeyThatFollowsFromTheirContent() {
        String rows = claims(7);
        assertThat(cli.withInput(rows).run("owner claim --chunk 3").exitCode()).isZero();
        assertThat(cli.withInput(rows).run("owner claim --chunk 3").exitCode()).isZero();
        assertThat(cli.withInput(rows).run("owner claim --chunk 3 --anew").exitCode()).isZero();

        assertThat(requests(CLAIM)).hasSize(9);
        assertThat(requests(CLAIM).getFirst().json().path("gateways").size()).isEqualTo(3);
        List<String> keys =
                requests(CLAIM).stream()
                        .map(request -> request.header("Idempotency-key").orElseThrow())
                        .toList();
        assertThat(keys.subList(0, 3)).doesNotHaveDuplicates().isEqualTo(keys.subList(3, 6));
        assertThat(keys.subList(6, 9)).doesNotContainAnyElementsOf(keys.subList(0, 3));
    }

    @Test
    void keepsWhatIsInARowOutOfItsKey() {
        cli.withInput(claims(1)).run("owner claim");
        cli.with("USHER_API_KEY", "another-key").withInput(claims(1)).run("owner claim");
        assertThat(requests(CLAIM).get(0).header("Idempotency-key"))
                .isNotEqualTo(requests(CLAIM).get(1).header("Idempotency-key"));
    }

    @Test
    void takesWhatSomebodyTypesAsNewEachTime() {
        cli.run("owner claim ::1 PIN");
        cli.run("owner claim ::1 PIN");
        assertThat(requests(CLAIM).get(0).header("Idempotency-key"))
                .isNotEqualTo(requests(CLAIM).get(1).header("Idempotency-key"));
    }

    @Test
    void keepsChunksSmallAlsoWhenRowsAreLarge() {
        String trust = "A".repeat(100_000);
        cli.withInput(
                IntStream.rangeClosed(1, 5)
                        .mapToObj(
                                i ->
                                        "{\"gateway\":\"::%d\",\"lnsTrust\":\"%s\"}"
                                                .formatted(i, trust))
                        .collect(Collectors.joining("\n")));
        assertThat(cli.run("owner setup").exitCode()).isZero();
        assertThat(requests(SETUP)).hasSize(2);
    }

    @Test
    void asksForNoMoreThan128AtOnce() {
        String rows =
                IntStream.rangeClosed(1, 200)
                        .mapToObj("\"::%x\""::formatted)
                        .collect(Collectors.joining(",", "[", "]"));
        assertThat(cli.withInput(rows).run("owner info --chunk 1000").exitCode()).isZero();
        assertThat(requests("POST /api/v1/gateway/info"))
                .extracting(request -> request.json().path("gateways").size())
                .containsExactly(128, 72);
    }

    @Test
    void tellsHowFarItCameWhenTheServerFailsInTheMiddle() {
        server.on(
                CLAIM,
                request ->
                        request.body().contains("::4")
                                ? Answer.problem(503, "the database cannot be reached")
                                : result(request, "gateway"));
        Cli.Run run = cli.withInput(claims(7)).run("owner claim --chunk 3 -o json");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(Json.MAPPER.readTree(run.out()).size()).isEqualTo(3);
        assertThat(run.err())
                .isEqualTo(
                        "usher: "
                                + server.url()
                                + " cannot answer now: run the command again in a moment (it says:"
                                + " the database cannot be reached). The first 3 rows are done; run"
                                + " the same command again to go on.\n");
    }

    @Test
    void printsOnlyTheErrorWhenNothingWasDone() {
        server.on(CLAIM, _ -> new Answer(403, "", "{\"error\":\"you are not owner ::1\"}"));
        Cli.Run run = cli.withInput(claims(2)).run("owner claim");
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .isEqualTo(
                        "usher: Not allowed by "
                                + server.url()
                                + " (it says: you are not owner ::1).\n");
    }

    @Test
    void refusesAnAnswerThatDoesNotMatchTheRows() {
        server.on(CLAIM, "[{'gateway':'::1'}]");
        Cli.Run run = cli.withInput(claims(2)).run("owner claim");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("answered 1 results for 2 rows");
    }

    private static String claims(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj("::%x,PIN"::formatted)
                .collect(Collectors.joining("\n", "gateway,claim\n", "\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    gateway,pinn~::1,A~    | Cannot use stdin: 'pinn' is not a field here; fields are: gateway, claim.
                    gateway~::1~           | Cannot use stdin: no column is named claim; the first line names the columns: gateway, claim.
                    ::1,A~                 | Cannot use stdin: '::1' is not a field here; fields are: gateway, claim.
                    ~                      | stdin is empty: give CSV with a header line, or JSON.
                    []                     | There are no rows: give at least one.
                    gateway,claim~         | There are no rows: give at least one.
                    [{'gateway':'::1'      | Cannot read on in stdin after the start: what follows is neither CSV (RFC 4180) nor JSON.
                    """)
    void refusesInputThatIsWrongAsAWhole(String input, String sentence) {
        Cli.Run run = cli.withInput(input.replace('\'', '"').replace('~', '\n')).run("owner claim");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isEqualTo("usher: " + sentence + "\n");
        assertThat(server.requests()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    [{'gateway':'::1','claim':12345678}]       | row 1: claim must be a text
                    [{'gateway':'::1','claim':null}]           | row 1: it has no claim
                    [{'gateway':'::1','claim':'A','x':1}]      | row 1: 'x' is not a field here; fields are: gateway, claim
                    [7]                                        | row 1: it is neither an object nor a text
                    [['::1','A']]                              | row 1: it is neither an object nor a text
                    """)
    void letsARowFailAlone(String row, String error) {
        String good = "{'gateway':'::2','claim':'B'}]";
        String input = row.substring(0, row.length() - 1) + "," + good;
        Cli.Run run = cli.withInput(input.replace('\'', '"')).run("owner claim -o json");
        assertThat(run.exitCode()).isEqualTo(1);
        JsonNode results = Json.MAPPER.readTree(run.out());
        assertThat(Json.text(results.get(0), "error")).isEqualTo(error);
        assertThat(Json.text(results.get(1), "gateway")).isEqualTo("::2");
        assertThat(results.get(1).has("error")).isFalse();
    }

    @Test
    void showsProgressOnlyToPeople() {
        assertThat(cli.withInput(claims(2)).run("owner claim").err()).isEmpty();
        cli.withTerminal(Terminal.Stream.ERR);
        assertThat(cli.withInput(claims(2)).run("owner claim").err()).contains("2 rows");
    }

    @Test
    void asksForRowsRatherThanWaitForAPersonToTypeThem() {
        Cli.Run run = cli.withTerminal(Terminal.Stream.IN).run("owner release");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo(
                        "usher: Name a gateway, or give many as CSV or JSON with --file FILE or on"
                                + " stdin.\n");
    }

    @Test
    void managesFirmwareAndItsSignatures() throws IOException {
        Path firmware = Files.writeString(directory.resolve("update.bin"), "firmware");
        Path signature = Files.writeString(directory.resolve("update.sig"), "signature");
        Path key = Files.writeString(directory.resolve("sig-0.key"), "123456789");
        server.on("POST /api/v1/firmware/add", "{'fwcrc':-559038737}")
                .on(
                        "POST /api/v1/firmware/list",
                        "[{'fwcrc':-559038737,'version':'2.0','model':''}]")
                .on("POST /api/v1/firmware/delete", "{}")
                .on("POST /api/v1/signature/add", "{'sigcrc':7}")
                .on("POST /api/v1/signature/list", "[{'sigcrc':7,'fwcrc':1,'keycrc':2}]")
                .on("POST /api/v1/signature/delete", "{'error':'there is no such signature.'}");

        cli.run(
                "owner firmware add "
                        + firmware
                        + " --version 2.0 --crc 0xDEADBEEF --model corecell");
        assertThat(server.lastRequest().json())
                .isEqualTo(
                        Json.MAPPER.readTree(
                                """
                                {"ownerid":"::1","firmware":"ZmlybXdhcmU=","version":"2.0",
                                 "model":"corecell","fwcrc":-559038737}\
                                """));
        assertThat(cli.run("owner firmware list").out())
                .isEqualTo(
                        """
                        FWCRC       VERSION  MODEL
                        3735928559  2.0
                        """);
        assertThat(cli.run("owner firmware delete 3735928559").out())
                .isEqualTo("fwcrc  -559038737\n");

        cli.run("owner signature add " + signature + " --firmware-crc 1 --key-file " + key);
        // 0xCBF43926 is the CRC-32 of "123456789".
        assertThat(server.lastRequest().json())
                .isEqualTo(
                        Json.MAPPER.readTree(
                                """
                                {"ownerid":"::1","fwcrc":1,"keycrc":-873187034,
                                 "signature":"c2lnbmF0dXJl"}\
                                """));
        assertThat(cli.run("owner signature add " + signature + " --firmware-crc 1").exitCode())
                .isEqualTo(2);
        assertThat(cli.run("owner signature list -o json").exitCode()).isZero();
        Cli.Run delete = cli.run("owner signature delete 8");
        assertThat(delete.exitCode()).isEqualTo(1);
        assertThat(delete.err()).isEqualTo("usher: there is no such signature.\n");
    }

    @Test
    void showsItselfWithAClientCertificate() throws IOException {
        Certificates.Issued owner = CERTIFICATES.issue("owner");
        Path certificate = owner.writeCertificate(directory.resolve("owner.crt"));
        Path pkcs8 = owner.writeKey(directory.resolve("owner.key"));
        Path sec1 =
                Files.writeString(directory.resolve("owner-sec1.key"), owner.traditionalKeyPem());
        Certificates.Issued rsaOwner = CERTIFICATES.issueRsa("owner");
        Path rsaCertificate = rsaOwner.writeCertificate(directory.resolve("rsa.crt"));
        Path pkcs1 = Files.writeString(directory.resolve("rsa.key"), rsaOwner.traditionalKeyPem());
        try (TestServer strict =
                new TestServer(CERTIFICATES, CERTIFICATES.issue("localhost"), true)
                        .on("POST /api/v1/gateway/list", "[]")) {
            cli.with("USHER_OWNER_URL", strict.url()).without("USHER_API_KEY");

            assertThat(cli.run("owner list --cert " + certificate + " --key " + pkcs8).err())
                    .isEmpty();
            assertThat(cli.run("owner list --cert " + certificate + " --key " + sec1).err())
                    .isEmpty();
            assertThat(cli.run("owner list --cert " + rsaCertificate + " --key " + pkcs1).err())
                    .isEmpty();
            assertThat(strict.lastRequest().header("Authorization")).isEmpty();

            Cli.Run without = cli.run("owner list --api-key other");
            assertThat(without.exitCode()).isEqualTo(1);
            // Whether the server's reason arrives before it hangs up is a matter of luck.
            assertThat(without.err()).contains(strict.url(), "client certificate", "--cert");
        }
    }

    @Test
    void findsTheOwnerApiBesideTheRestApi() {
        Cli.Run run =
                cli.without("USHER_OWNER_URL")
                        .with("USHER_URL", "https://nohost.invalid:8885")
                        .run("owner list");
        assertThat(run.err())
                .isEqualTo("usher: There is no host named 'nohost.invalid': check --url.\n");
    }
}
