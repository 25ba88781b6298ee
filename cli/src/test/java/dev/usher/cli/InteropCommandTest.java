package dev.usher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.backend.Answer;
import dev.usher.backend.BackendCodec;
import dev.usher.backend.HomeNsReq;
import dev.usher.backend.Result;
import dev.usher.backend.ResultCode;
import dev.usher.lorawan.NetId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code usher interop}. */
class InteropCommandTest {

    private static Certificates certificates;

    @TempDir private Path directory;
    private TestServer joinServer;
    private Cli cli;

    @BeforeAll
    static void makeAuthority() {
        certificates = new Certificates();
    }

    @BeforeEach
    void start() throws IOException {
        joinServer = new TestServer(certificates);
        cli = Cli.alone(directory);
        certificates.authority().writeCertificate(directory.resolve("ca.pem"));
        write(
                "config.yml",
                """
                join-servers:
                  - file: js.yml
                    join-euis: [70B3D57ED0000000/40]
                  - file: js11.yml
                    join-euis: [11AA000000000000/16]
                """);
        write("js.yml", js("BI1.0"));
        write("js11.yml", js("BI1.1"));
    }

    @AfterEach
    void stop() {
        joinServer.close();
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(directory.resolve(file), text);
    }

    private String js(String protocol) {
        return "{fqdn: localhost, port: %d, protocol: %s, paths: {home-ns: home}, tls: {root-ca: ca.pem}}\n"
                .formatted(joinServer.port(), protocol);
    }

    private void answer(Function<HomeNsReq, Answer> answers) {
        joinServer.on(
                "POST /home",
                request -> {
                    byte[] body = request.body().getBytes(StandardCharsets.UTF_8);
                    Answer answer = answers.apply((HomeNsReq) BackendCodec.parse(body));
                    return TestServer.Answer.json(
                            new String(BackendCodec.write(answer), StandardCharsets.UTF_8));
                });
    }

    @Test
    void finishesQuietlyWhenAllIsWell() {
        Cli.Run run = cli.run("interop check " + directory);
        assertThat(run).isEqualTo(new Cli.Run(0, "", "usher: '" + directory + "' can be used.\n"));
    }

    @Test
    void tellsEverythingThatIsWrong() throws IOException {
        write("js.yml", "fqdn: localhost\nprotokol: BI1.0\n");
        write("js11.yml", js("BI1.1").replace("localhost", "a b"));
        Cli.Run run = cli.run("interop check " + directory);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out().lines())
                .containsExactly(
                        directory.resolve("js.yml")
                                + ":2: unknown key 'protokol': did you mean 'protocol'?",
                        directory.resolve("js.yml")
                                + ":1: 'protocol' is missing: write BI1.0 or BI1.1.",
                        directory.resolve("js11.yml")
                                + ":1: fqdn: 'a b' is not a host name: write a name alone, without"
                                + " scheme, port and path.");
        assertThat(run.err()).contains("cannot be used");

        JsonNode problems =
                Json.MAPPER.readTree(cli.run("interop check " + directory + " -o json").out());
        assertThat(problems.values()).hasSize(3);
        assertThat(Json.text(problems.path(0), "severity")).isEqualTo("error");
        assertThat(Json.text(problems.path(0), "line")).isEqualTo("2");
    }

    @Test
    void tellsWhoWouldBeAsked() {
        Cli.Run run = cli.run(ask("70B3D57ED0000001 --dry-run"));
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        JsonNode route = Json.MAPPER.readTree(run.out()).path("joinServers").path(0);
        assertThat(Json.text(route, "url")).isEqualTo("https://localhost:" + joinServer.port());
        assertThat(Json.text(route, "protocol")).isEqualTo("BI1.0");
        assertThat(Json.text(route, "prefix")).isEqualTo("70B3D57ED0000000/40");
        assertThat(Json.text(route, "file")).isEqualTo("js.yml");
        assertThat(joinServer.requests()).isEmpty();
    }

    private String ask(String joinEui) {
        return "interop try --config " + directory + " -o json --join-eui " + joinEui;
    }

    @Test
    void tellsTheAnswer() {
        answer(request -> request.success(NetId.parse("000042"), Optional.empty()));
        Cli.Run run = cli.run(ask("70B3D57ED0000001 --dev-eui 0102030405060708 --net-id 000013"));
        JsonNode result = Json.MAPPER.readTree(run.out());
        assertThat(run.exitCode()).isZero();
        assertThat(Json.text(result, "outcome")).isEqualTo("answered");
        assertThat(Json.text(result, "joinServer")).isEqualTo("localhost:" + joinServer.port());
        assertThat(Json.text(result, "result")).isEqualTo("Success");
        assertThat(Json.text(result, "homeNetId")).isEqualTo("000042");
        JsonNode sent = joinServer.lastRequest().json();
        assertThat(Json.text(sent, "SenderID")).isEqualTo("000013");
        assertThat(Json.text(sent, "DevEUI")).isEqualTo("0102030405060708");
    }

    @Test
    void aRefusalIsAnAnswerToo() {
        answer(request -> request.refusal(Result.of(ResultCode.UNKNOWN_DEV_EUI, "who?")));
        Cli.Run run = cli.run(ask("11AA000000000001 --ns-id 70B3D57ED0000099"));
        JsonNode result = Json.MAPPER.readTree(run.out());
        assertThat(run.exitCode()).isZero();
        assertThat(Json.text(result, "outcome")).isEqualTo("refused");
        assertThat(Json.text(result, "result")).isEqualTo("UnknownDevEUI");
        assertThat(Json.text(result, "description")).isEqualTo("who?");
        assertThat(Json.text(joinServer.lastRequest().json(), "SenderNSID"))
                .isEqualTo("70B3D57ED0000099");
    }

    @Test
    void hasAnNsIdThatComesFromTheNetId() {
        answer(request -> request.success(NetId.parse("000042"), Optional.empty()));
        assertThat(cli.run(ask("11AA000000000001 --net-id 000013")).exitCode()).isZero();
        assertThat(Json.text(joinServer.lastRequest().json(), "SenderNSID"))
                .isEqualTo("FFFFFF0000000013");
    }

    @Test
    void tellsWhyThereIsNoAnswer() {
        Cli.Run run = cli.run(ask("70B3D57ED0000001"));
        JsonNode result = Json.MAPPER.readTree(run.out());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(Json.text(result, "outcome")).isEqualTo("unreachable");
        assertThat(Json.text(result, "reason"))
                .isEqualTo("localhost:" + joinServer.port() + " answered with HTTP status 404");
    }

    @Test
    void tellsThatNobodyIsAsked() {
        Cli.Run run = cli.run(ask("0000000000000001"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo(
                        "usher: No Join Server is listed for 0000000000000001: list one in '"
                                + directory
                                + "' with a prefix that it begins with.\n");
    }

    @Test
    void tellsWhatItNeeds() throws IOException {
        Cli.Run netId = cli.run(ask("70B3D57ED0000001 --net-id 1"));
        assertThat(netId.exitCode()).isEqualTo(2);
        assertThat(netId.err()).contains("--net-id: ");

        write("config.yml", "join-server: []");
        Cli.Run config = cli.run(ask("70B3D57ED0000001"));
        assertThat(config.exitCode()).isEqualTo(1);
        assertThat(config.err())
                .contains("config.yml:1: unknown key 'join-server': did you mean 'join-servers'?");
    }
}
