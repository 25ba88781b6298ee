package dev.usher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.cli.TestServer.Answer;
import dev.usher.cli.TestServer.Request;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code usher factory provision}: the files a factory line takes its gateways from. */
class FactoryProvisionTest {

    private static final Certificates CERTIFICATES = new Certificates();
    private static final String CALL = "POST /api/v1/batches/femto/provision";
    private static final byte[] TRUST = CERTIFICATES.authority().der();

    @TempDir private Path directory;
    private Path out;
    private TestServer server;
    private Cli cli;

    @BeforeEach
    void start() throws IOException {
        out = directory.resolve("made").resolve("gateways");
        server = new TestServer(CERTIFICATES).on(CALL, FactoryProvisionTest::provision);
        cli = Cli.of(server, CERTIFICATES, directory);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static Answer provision(Request request) {
        String range = Json.text(request.json(), "range");
        List<Eui64> euis =
                range.isEmpty()
                        ? List.of(Eui64.parse(Json.text(request.json(), "eui")))
                        : EuiRange.parse(range).stream().toList();
        return lines(euis);
    }

    private static Answer lines(List<Eui64> euis) {
        StringBuilder lines = new StringBuilder();
        lines.append(
                Json.object()
                        .put("cupsUri", "https://usher.example.com:9191")
                        .put("trust", Base64.getEncoder().encodeToString(TRUST))
                        .put("count", euis.size()));
        for (Eui64 eui : euis) {
            var line = Json.object().put("eui", eui.toString());
            if (eui.hasMac()) {
                line.put("mac", eui.mac());
            }
            line.put("pin", "PIN-" + (eui.value() & 0xFF)).put("token", "token" + eui);
            lines.append('\n').append(line.put("qr", "https://usher/c/" + eui));
        }
        return new Answer(200, "application/x-ndjson", lines.append('\n').toString());
    }

    private Cli.Run provision(String arguments) {
        return cli.run("factory provision --batch femto --out " + out + " " + arguments);
    }

    private List<String> labels() throws IOException {
        return Files.readAllLines(out.resolve("labels.csv"));
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void writesTheHomeOfAGatewayAndItsLabel() throws IOException {
        Cli.Run run = provision("--eui 58A0CBFFFE800BE7");

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(server.lastRequest().body()).isEqualTo("{\"eui\":\"58A0CBFFFE800BE7\"}");
        Path home = out.resolve("58A0CBFFFE800BE7");
        assertThat(names(home))
                .containsExactly(
                        "cups-boot.key",
                        "cups-boot.trust",
                        "cups-boot.uri",
                        "cups.key",
                        "cups.trust",
                        "cups.uri");
        for (String set : List.of("cups", "cups-boot")) {
            assertThat(Files.readString(home.resolve(set + ".uri")))
                    .isEqualTo("https://usher.example.com:9191");
            assertThat(Files.readAllBytes(home.resolve(set + ".trust"))).isEqualTo(TRUST);
            assertThat(Files.readString(home.resolve(set + ".key")))
                    .isEqualTo("Authorization: Bearer token58A0CBFFFE800BE7\r\n");
            assertThat(permissions(home.resolve(set + ".key"))).isEqualTo("rw-------");
        }
        assertThat(labels())
                .containsExactly(
                        "eui,mac,pin,qr",
                        "58A0CBFFFE800BE7,58A0CB800BE7,PIN-231,https://usher/c/58A0CBFFFE800BE7");
        assertThat(permissions(out.resolve("labels.csv"))).isEqualTo("rw-------");
        assertThat(permissions(out)).isEqualTo("rwx------");
        assertThat(run.out())
                .isEqualTo(
                        """
                        batch         femto
                        provisioned   1
                        alreadyThere  0
                        directory     %s
                        labels        %s
                        """
                                .formatted(out, out.resolve("labels.csv")));
    }

    @Test
    void writesOnlyTheBootSetIfTold() throws IOException {
        provision("--eui ::7 --boot-only");
        assertThat(names(out.resolve("0000000000000007")))
                .containsExactly("cups-boot.key", "cups-boot.trust", "cups-boot.uri");

        assertThat(provision("--eui ::7 -o json").out()).contains("\"provisioned\" : 1");
        assertThat(names(out.resolve("0000000000000007"))).hasSize(6);
        assertThat(labels()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ::1-::3                            | 0000000000000001-0000000000000003
                    ::1-::4                            | 0000000000000001-0000000000000003, 0000000000000004/64
                    FFFFFFFFFFFFFFFA-FFFFFFFFFFFFFFFF  | FFFFFFFFFFFFFFFA-FFFFFFFFFFFFFFFC, FFFFFFFFFFFFFFFD-FFFFFFFFFFFFFFFF
                    7FFFFFFFFFFFFFFF-8000000000000002  | 7FFFFFFFFFFFFFFF-8000000000000001, 8000000000000002/64
                    """)
    void asksForALongRangeInParts(String range, String parts) {
        assertThat(FactoryCommand.parts(EuiRange.parse(range), 3))
                .asString()
                .isEqualTo("[" + parts + "]");
    }

    @Test
    void provisionsTheLastEuiThereIs() throws IOException {
        assertThat(provision("--range FFFFFFFFFFFFFFFE-FFFFFFFFFFFFFFFF").err()).isEmpty();
        assertThat(labels()).hasSize(3);
    }

    @Test
    void goesOnWhereARunEnded() throws IOException {
        provision("--range ::1-::4");
        // As if the run had been cut off in the middle of the third label.
        List<String> labels = labels();
        Files.writeString(
                out.resolve("labels.csv"),
                String.join("\n", labels.subList(0, 3)) + "\n" + labels.get(3).substring(0, 9));

        Cli.Run run = provision("--range ::1-::6 -o json");

        assertThat(run.err()).isEmpty();
        assertThat(server.lastRequest().body())
                .isEqualTo("{\"range\":\"0000000000000003-0000000000000006\"}");
        assertThat(run.out()).contains("\"provisioned\" : 4", "\"alreadyThere\" : 2");
        assertThat(labels()).hasSize(7).doesNotHaveDuplicates();
        assertThat(names(out)).hasSize(7);
    }

    @Test
    void makesOnlyWhatIsMissing() throws IOException {
        provision("--eui ::2 --eui ::5 --eui ::5");
        Files.delete(out.resolve("0000000000000005").resolve("cups.key"));
        int before = server.requests().size();

        provision("--range ::1-::6");

        assertThat(server.requests().subList(before, server.requests().size()))
                .extracting(Request::body)
                .containsExactly(
                        "{\"range\":\"0000000000000002-0000000000000002\"}", // still the same?
                        "{\"range\":\"0000000000000001-0000000000000001\"}",
                        "{\"range\":\"0000000000000003-0000000000000006\"}");
        assertThat(labels()).hasSize(7).doesNotHaveDuplicates();

        int done = server.requests().size();
        assertThat(provision("--range ::1-::6 -o json").out()).contains("\"provisioned\" : 0");
        assertThat(server.requests()).hasSize(done + 1);
    }

    @Test
    void putsTheNewLabelInPlaceOfOneWhosePinWasRetired() throws IOException {
        provision("--range ::1-::3");
        Files.writeString(
                out.resolve("labels.csv"),
                Files.readString(out.resolve("labels.csv")).replace("PIN-2,", "RETIRED,"));

        Cli.Run run = provision("--eui ::2 --show");

        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("PIN  PIN-2\n")
                .containsPattern("provisioned +1\nalreadyThere +0\n");
        assertThat(labels())
                .containsExactly(
                        "eui,mac,pin,qr",
                        "0000000000000001,,PIN-1,https://usher/c/0000000000000001",
                        "0000000000000003,,PIN-3,https://usher/c/0000000000000003",
                        "0000000000000002,,PIN-2,https://usher/c/0000000000000002");
        assertThat(permissions(out.resolve("labels.csv"))).isEqualTo("rw-------");
        assertThat(names(out)).hasSize(4);
    }

    @Test
    void showsTheLabelOfANamedGatewayThatIsThereAlready() throws IOException {
        provision("--eui ::2");

        assertThat(provision("--eui ::2 --show").out())
                .contains("PIN  PIN-2\n")
                .containsPattern("provisioned +0\nalreadyThere +1\n");
        assertThat(labels()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "cups-boot.uri, server",
        "cups.trust, certificate",
        "cups.key, key",
    })
    void mixesNoGatewaysThatWereMadeOtherwise(String file, String what) throws IOException {
        provision("--range ::1-::2");
        Path old = out.resolve("0000000000000001").resolve(file);
        Files.writeString(old, "something else");

        Cli.Run run = provision("--range ::1-::4");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo(
                        "usher: '%s' would have another %s now: choose another --out directory.\n"
                                .formatted(old, what));
        assertThat(labels()).hasSize(3);

        assertThat(provision("--eui ::1").err()).isEmpty();
        assertThat(provision("--range ::1-::4").err()).isEmpty();
    }

    @Test
    void keepsWhatItHasWhenTheServerStopsEarly() throws IOException {
        server.on(CALL, _ -> lines(List.of(new Eui64(1), new Eui64(2))));
        Cli.Run cut = provision("--range ::1-::4");
        assertThat(cut.exitCode()).isEqualTo(1);
        assertThat(cut.out()).isEmpty();
        assertThat(cut.err())
                .isEqualTo(
                        "usher: The server sent 2 of 4 gateways: run the same command again to go"
                                + " on.\n");
        assertThat(labels()).hasSize(3);

        server.on(CALL, FactoryProvisionTest::provision);
        assertThat(provision("--range ::1-::4").err()).isEmpty();
        assertThat(labels()).hasSize(5);
    }

    @Test
    void takesNothingForAGatewayThatIsNone() throws IOException {
        for (String line :
                List.of(
                        "{\"eui\":\"../../etc\",\"pin\":\"P\",\"token\":\"t\",\"qr\":\"q\"}",
                        "{\"eui\":\"::1\",\"pin\":\"P\",\"token\":\"t\\r\\nX: y\",\"qr\":\"q\"}",
                        "{\"eui\":\"::1\",\"pin\":\"P\",\"qr\":\"q\"}")) {
            server.on(
                    CALL,
                    _ ->
                            new Answer(
                                    200,
                                    "",
                                    "{\"cupsUri\":\"https://h:1\",\"trust\":\"AA==\"}\n" + line));
            Cli.Run run = provision("--eui ::1");
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .startsWith("usher: The server sent a line that is none of a gateway");
        }
        assertThat(names(out)).containsExactly("labels.csv");
    }

    @Test
    void tellsWhatTheServerRefuses() {
        server.on(CALL, _ -> Answer.problem(400, "range ::1-::4 does not lie in batch femto"));
        assertThat(provision("--range ::1-::4").err())
                .isEqualTo("usher: range ::1-::4 does not lie in batch femto.\n");
    }

    @Test
    void leavesFilesAloneThatItDidNotWrite() throws IOException {
        Files.createDirectories(out);
        Files.writeString(out.resolve("labels.csv"), "name,address\nsomebody,somewhere\n");
        Cli.Run run = provision("--eui ::1");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("was not written by an earlier run: choose another --out");
        assertThat(labels()).containsExactly("name,address", "somebody,somewhere");
    }

    @Test
    void neverLetsASpreadsheetRunALabel() throws IOException {
        server.on(
                CALL,
                _ ->
                        new Answer(
                                200,
                                "",
                                "{\"cupsUri\":\"https://h:1\",\"trust\":\"AA==\"}\n"
                                    + "{\"eui\":\"::1\",\"mac\":\"@x\",\"pin\":\"-1+2\",\"token\":\"t\",\"qr\":\"=cmd|'"
                                    + " /C calc'!A0, \\\"q\\\"\"}"));
        assertThat(provision("--eui ::1").err()).isEmpty();
        assertThat(labels().getLast())
                .isEqualTo("0000000000000001,'@x,'-1+2,\"'=cmd|' /C calc'!A0, \"\"q\"\"\"");
    }

    @Test
    void showsLabelsWithTheirQrCodes() {
        Cli.Run run = provision("--eui ::1 --show");
        assertThat(run.out()).contains(" ▄▄▄▄▄ ").contains("EUI  0000000000000001\nPIN  PIN-1\n");
        assertThat(run.out()).endsWith("labels        " + out.resolve("labels.csv") + "\n");
        assertThat(provision("--eui ::2 --show -o json").out()).startsWith("{");
    }

    @Test
    void drawsABarForPeople() {
        cli.withTerminal(Terminal.Stream.ERR);
        assertThat(provision("--range ::1-::20").err()).contains("% of 32:", "gateways");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --eui ::1 --range ::1-::2        | Which gateways? Give --eui EUI or --range FIRST-LAST.
                    --boot-only                      | Which gateways? Give --eui EUI or --range FIRST-LAST.
                    --range 5800000000000000/8       | Range 5800000000000000/8 has 72057594037927936 gateways: provision at most 16777216 at once.
                    """)
    void refusesUnclearWishes(String arguments, String sentence) {
        Cli.Run run = provision(arguments);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).isEqualTo("usher: " + sentence + "\n");
    }

    @Test
    void saysWhereItCannotWrite() throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("file"),
                        "",
                        StandardCharsets.UTF_8,
                        StandardOpenOption.CREATE_NEW);
        out = file;
        Cli.Run run = provision("--eui ::1");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo(
                        "usher: Cannot write '"
                                + file
                                + "': something else of this name is there.\n");
    }
}
