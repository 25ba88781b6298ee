package dev.usher.interop;

import static dev.usher.interop.Setting.DEV_EUI;
import static dev.usher.interop.Setting.JOIN_EUI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.backend.HomeNsAns;
import dev.usher.interop.Outcome.Answered;
import dev.usher.interop.Outcome.NoJoinServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configuration changes while Join Servers are asked. */
class ReloadTest {

    @TempDir private Path directory;
    private Setting setting;
    private final TestJoinServer one = TestJoinServer.plain();
    private final TestJoinServer two = TestJoinServer.plain();
    private final BlockingQueue<Reload> reloads = new LinkedBlockingQueue<>();
    private InteropClient client;

    @BeforeEach
    void open() {
        setting = new Setting(directory).writeOne(js(one));
        client = InteropClient.open(setting.settings(), reloads::add);
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

    /** The watch looks twice: before the files are quiet, nothing happens. */
    private void lookTwice() {
        assertThat(client.reloadIfChanged()).isEmpty();
        assertThat(client.reloadIfChanged()).isPresent();
        assertThat(client.reloadIfChanged()).isEmpty();
    }

    private void assertAnswers(TestJoinServer server) {
        assertThat(client.homeNs(JOIN_EUI, DEV_EUI))
                .isInstanceOfSatisfying(
                        Answered.class,
                        answered ->
                                assertThat(answered.joinServer())
                                        .isEqualTo("js.example:" + server.port()));
    }

    @Test
    void aGoodConfigurationReplacesTheOldOne() {
        assertAnswers(one);
        assertThat(client.reloadIfChanged()).isEmpty();
        setting.write("js.yml", js(two));
        lookTwice();
        assertThat(reloads.poll()).isEqualTo(new Reload.Replaced(client.config()));
        assertAnswers(two);
    }

    @Test
    void aBadConfigurationDoesNot() {
        setting.write("js.yml", "{scheme: http, fqdn: js.example, prot: 1, protocol: BI1.0}");
        lookTwice();
        assertThat(reloads.poll())
                .isInstanceOfSatisfying(
                        Reload.Kept.class,
                        kept ->
                                assertThat(kept.problems())
                                        .extracting(ConfigProblem::toString)
                                        .contains(
                                                directory.resolve("js.yml")
                                                        + ":1: unknown key 'prot': did you mean"
                                                        + " 'port'?"));
        assertAnswers(one);

        setting.write("js.yml", js(two));
        lookTwice();
        assertAnswers(two);
    }

    @Test
    void aFileThatIsMissingCountsOnceItIsThere() throws Exception {
        Files.move(directory.resolve("js.yml"), directory.resolve("later.yml"));
        lookTwice();
        assertThat(reloads.poll()).isInstanceOf(Reload.Kept.class);
        Files.move(directory.resolve("later.yml"), directory.resolve("js.yml"));
        lookTwice();
        assertThat(reloads.poll()).isInstanceOf(Reload.Replaced.class);
        assertAnswers(one);
    }

    @Test
    void nothingIsReadBeforeTheFilesAreQuiet() {
        setting.write("config.yml", "join-servers: []");
        assertThat(client.reloadIfChanged()).isEmpty();
        setting.write("config.yml", "join-servers: [] # and on");
        assertThat(client.reloadIfChanged()).isEmpty();
        assertAnswers(one);
        assertThat(client.reloadIfChanged()).isPresent();
        assertThat(client.homeNs(JOIN_EUI, DEV_EUI)).isEqualTo(new NoJoinServer<>(JOIN_EUI));
    }

    @Test
    void requestsThatHaveBegunEndByTheOldOne() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch replaced = new CountDownLatch(1);
        one.doing(
                request -> {
                    asked.countDown();
                    await(replaced);
                    return TestJoinServer.reply(TestJoinServer.success(request));
                });
        CompletableFuture<Outcome<HomeNsAns>> outcome = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> outcome.complete(client.homeNs(JOIN_EUI, DEV_EUI)));
        await(asked);

        setting.write("js.yml", js(two));
        assertThat(client.reload()).isInstanceOf(Reload.Replaced.class);
        assertAnswers(two);
        replaced.countDown();

        assertThat(outcome.get(20, TimeUnit.SECONDS)).isInstanceOf(Answered.class);
        assertThat(one.received()).hasSize(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void isWatchedUntilTheClientIsClosed() throws Exception {
        client.watch(Duration.ofMillis(10));
        setting.write("js.yml", js(two));
        assertThat(reloads.poll(20, TimeUnit.SECONDS)).isInstanceOf(Reload.Replaced.class);
        assertAnswers(two);

        assertThatThrownBy(() -> client.watch(Duration.ofMillis(10)))
                .hasMessage("the configuration is watched already");
        client.close();
        assertThatThrownBy(() -> client.reload())
                .hasMessage("the interoperability client is closed");
    }
}
