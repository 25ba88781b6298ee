package dev.usher.interop;

import static dev.usher.interop.Setting.DEV_EUI;
import static dev.usher.interop.Setting.JOIN_EUI;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.backend.HomeNsAns;
import dev.usher.interop.Outcome.Answered;
import dev.usher.interop.Outcome.Unreachable;
import dev.usher.interop.TestJoinServer.Reaction;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Join Server is away, or has too much to do. */
class OutageTest {

    @TempDir private Path directory;
    private final TestJoinServer joinServer = TestJoinServer.plain();
    private Instant now = Instant.parse("2026-05-01T00:00:00Z");
    private Setting setting;

    @BeforeEach
    void write() {
        setting =
                new Setting(directory)
                        .writeOne(
                                "{scheme: http, fqdn: js.example, port: %d, protocol: BI1.0}"
                                        .formatted(joinServer.port()));
    }

    @AfterEach
    void close() {
        joinServer.close();
    }

    private InteropSettings settings(Duration deadline, int connections) {
        return new InteropSettings(
                directory,
                Setting.SENDER,
                KeyVault.EMPTY,
                Duration.ofSeconds(2),
                deadline,
                3,
                Duration.ofSeconds(30),
                connections);
    }

    @Test
    void isNotAskedForAWhileAfterSomeFailures() {
        joinServer.doing(_ -> TestJoinServer.reply(503, ""));
        try (InteropClient client = setting.client(settings(Setting.PATIENCE, 64), () -> now)) {
            for (int i = 0; i < 5; i++) {
                client.homeNs(JOIN_EUI, DEV_EUI);
            }
            assertThat(joinServer.received()).hasSize(3);
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI))
                    .isEqualTo(
                            new Unreachable<>(
                                    "js.example:"
                                            + joinServer.port()
                                            + " is not asked for 30 s, after 3 failures in a row,"
                                            + " of which the last: it answered with HTTP status"
                                            + " 503"));

            now = now.plusSeconds(30);
            joinServer.doing(request -> TestJoinServer.reply(TestJoinServer.success(request)));
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Answered.class);
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Answered.class);
        }
    }

    @Test
    void aConnectionThatBreaksTwiceIsOneFailure() {
        joinServer.doing(_ -> new Reaction.HangUp());
        try (InteropClient client = setting.client(settings(Setting.PATIENCE, 64), () -> now)) {
            for (int i = 0; i < 5; i++) {
                client.homeNs(JOIN_EUI, DEV_EUI);
            }
        }
        assertThat(joinServer.received()).hasSize(6);
    }

    @Test
    void isAskedBySoManyAtATime() throws InterruptedException {
        AtomicInteger asking = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch two = new CountDownLatch(2);
        joinServer.doing(
                request -> {
                    most.accumulateAndGet(asking.incrementAndGet(), Math::max);
                    two.countDown();
                    await(two);
                    asking.decrementAndGet();
                    return TestJoinServer.reply(TestJoinServer.success(request));
                });
        ConcurrentLinkedQueue<Outcome<HomeNsAns>> outcomes = new ConcurrentLinkedQueue<>();
        try (InteropClient client = setting.client(settings(Setting.PATIENCE, 2), () -> now)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                threads.add(
                        Thread.ofVirtual()
                                .start(() -> outcomes.add(client.homeNs(JOIN_EUI, DEV_EUI))));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(outcomes).hasSize(10).hasOnlyElementsOfType(Answered.class);
        assertThat(most).hasValue(2);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
