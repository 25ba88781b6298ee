package dev.usher.interop;

import static dev.usher.interop.Setting.DEV_EUI;
import static dev.usher.interop.Setting.JOIN_EUI;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.backend.HomeNsAns;
import dev.usher.backend.Result;
import dev.usher.backend.ResultCode;
import dev.usher.interop.Outcome.Answered;
import dev.usher.interop.Outcome.Refused;
import dev.usher.interop.Outcome.Unreachable;
import dev.usher.interop.TestJoinServer.Reaction;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two Join Servers are listed for one JoinEUI. */
class RaceTest {

    @TempDir private Path directory;
    private final TestJoinServer one = TestJoinServer.plain();
    private final TestJoinServer two = TestJoinServer.plain();
    private InteropClient client;

    @BeforeEach
    void open() {
        client =
                new Setting(directory)
                        .write(
                                "config.yml",
                                """
                                join-servers:
                                  - {file: one.yml, join-euis: [%1$s/64]}
                                  - {file: two.yml, join-euis: [%1$s/64]}
                                """
                                        .formatted(JOIN_EUI))
                        .write("one.yml", js(one))
                        .write("two.yml", js(two))
                        .client();
    }

    @AfterEach
    void close() {
        client.close();
        one.close();
        two.close();
    }

    private static String js(TestJoinServer server) {
        return "{scheme: http, fqdn: js.example, port: " + server.port() + ", protocol: BI1.0}";
    }

    private static void refuse(TestJoinServer server, ResultCode code) {
        server.answering(request -> request.refusal(Result.of(code, "no")));
    }

    private void assertAnsweredBy(TestJoinServer server) {
        assertThat(client.homeNs(JOIN_EUI, DEV_EUI))
                .isInstanceOfSatisfying(
                        Answered.class,
                        answered ->
                                assertThat(answered.joinServer())
                                        .isEqualTo("js.example:" + server.port()));
    }

    @Test
    void theFirstSuccessCounts() {
        one.doing(_ -> new Reaction.Silence());
        assertAnsweredBy(two);
    }

    @Test
    void aSuccessCountsMoreThanAnEarlierRefusal() {
        CompletableFuture<Long> refused = new CompletableFuture<>();
        one.answering(
                request -> {
                    refused.complete(request.header().transactionId());
                    return request.refusal(Result.of(ResultCode.UNKNOWN_DEV_EUI, "no"));
                });
        two.answering(
                request -> {
                    assertThat(refused.join()).isNotEqualTo(request.header().transactionId());
                    return TestJoinServer.success(request);
                });
        assertAnsweredBy(two);
    }

    @Test
    void aRefusalCountsMoreThanSilence() {
        one.doing(_ -> new Reaction.HangUp());
        refuse(two, ResultCode.UNKNOWN_DEV_EUI);
        Outcome<HomeNsAns> outcome = client.homeNs(JOIN_EUI, DEV_EUI);
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(refused.answer().result().code())
                                        .isEqualTo(ResultCode.UNKNOWN_DEV_EUI));
    }

    @Test
    void tellsWhyOfAll() {
        one.doing(_ -> new Reaction.HangUp());
        two.doing(_ -> TestJoinServer.reply(503, ""));
        assertThat(client.homeNs(JOIN_EUI, DEV_EUI))
                .isInstanceOfSatisfying(
                        Unreachable.class,
                        unreachable ->
                                assertThat(unreachable.reason().split("; ", -1))
                                        .containsExactlyInAnyOrder(
                                                "js.example:"
                                                        + one.port()
                                                        + " broke the connection off",
                                                "js.example:"
                                                        + two.port()
                                                        + " answered with HTTP status 503"));
    }
}
