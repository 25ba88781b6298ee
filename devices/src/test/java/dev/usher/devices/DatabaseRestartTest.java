package dev.usher.devices;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.store.DatabaseUrl;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * PostgreSQL is stopped and started again while devices join: meanwhile joins fail and say so, and
 * afterwards nothing is wrong.
 */
class DatabaseRestartTest {

    private static final int RESTARTS = 2;

    @TempDir Path directory;

    @Test
    @Timeout(120)
    void joinsGoOnWhenTheDatabaseIsBack() throws Exception {
        JoinLedger ledger = new JoinLedger();
        Semaphore joins = new Semaphore(0);
        AtomicBoolean more = new AtomicBoolean(true);
        EmbeddedPostgres postgres = start(0);
        int port = postgres.getPort();
        DatabaseUrl url =
                DatabaseUrl.parse("postgresql://postgres@localhost:" + port + "/postgres");
        try (TestJoinServer house = TestJoinServer.onFresh(url)) {
            JoinLoad.provision(house);
            CompletableFuture<Long> load =
                    CompletableFuture.supplyAsync(
                            () ->
                                    JoinLoad.run(
                                            house.server,
                                            0,
                                            more::get,
                                            event -> {
                                                ledger.note(event);
                                                if (event instanceof JoinLoad.Granted) {
                                                    joins.release();
                                                }
                                            }));
            for (int i = 0; i < RESTARTS; i++) {
                awaitJoins(joins);
                postgres.close();
                postgres = start(port);
                joins.drainPermits();
            }
            awaitJoins(joins);
            more.set(false);

            assertThat(load.get(60, TimeUnit.SECONDS)).as("joins that were told").isPositive();
            ledger.requireSessions(house.server);
            ledger.replay(house.server);
            house.database.close();
        } finally {
            more.set(false);
            postgres.close();
        }
    }

    private static void awaitJoins(Semaphore joins) throws InterruptedException {
        assertThat(joins.tryAcquire(300, 60, TimeUnit.SECONDS)).isTrue();
    }

    private EmbeddedPostgres start(int port) throws IOException {
        return EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setDataDirectory(directory.resolve("data"))
                .setCleanDataDirectory(false)
                .setPort(port)
                .start();
    }
}
