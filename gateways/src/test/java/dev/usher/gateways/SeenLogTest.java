package dev.usher.gateways;

import static dev.usher.gateways.TestServer.running;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.lorawan.Eui64;
import dev.usher.station.Why;
import dev.usher.store.Change;
import dev.usher.store.Database;
import dev.usher.store.EveryEngine;
import dev.usher.store.StoreException;
import dev.usher.store.TestDatabase;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of the news when there is much of it, or nobody to take it. */
@EveryEngine
class SeenLogTest {

    private static final Eui64 GATEWAY = new Eui64(1);

    private final Database database;

    SeenLogTest(TestDatabase engine) {
        database = engine.fresh();
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void manyGatewaysAreWrittenTogether() {
        try (SeenLog log = new SeenLog(database::write)) {
            for (int i = 0; i < 1201; i++) {
                log.checkedIn(running(new Eui64(i), "1.0"), why(0, "nothing"));
            }
            assertThat(log.flush()).isTrue();
        }
        assertThat(count()).isEqualTo(1201);
    }

    @Test
    void whatIsWaitingIsWrittenAtTheEnd() {
        try (SeenLog log = new SeenLog(database::write)) {
            log.checkedIn(running(GATEWAY, "1.0"), why(0, "nothing"));
        }
        assertThat(seen()).map(Seen::packageVersion).hasValue(Optional.of("1.0"));
    }

    @Test
    void whatHappensWhileTheDatabaseIsAwayIsWrittenWhenItIsBack() {
        AtomicBoolean away = new AtomicBoolean(true);
        Consumer<Change<Boolean>> writer =
                change -> {
                    if (away.get()) {
                        throw new StoreException("away", null);
                    }
                    database.write(change);
                };
        try (SeenLog log = new SeenLog(writer)) {
            log.checkedIn(running(GATEWAY, "1.0"), why(0, "nothing"));
            log.checkedIn(running(new Eui64(2), "1.0"), why(0, "nothing"));
            assertThat(log.flush()).isFalse();
            log.checkedIn(running(GATEWAY, "2.0"), why(1, "lns"));
            assertThat(log.flush()).isFalse();

            away.set(false);
            assertThat(log.flush()).isTrue();
        }
        assertThat(count()).isEqualTo(2);
        Seen seen = seen().orElseThrow();
        assertThat(seen.packageVersion()).hasValue("2.0");
        assertThat(seen.at()).isEqualTo(Instant.ofEpochSecond(1));
        assertThat(seen.why()).extracting(Why::answer).containsExactly("lns", "nothing");
    }

    @Test
    void closingWithoutADatabaseLosesTheNewsAndNothingElse() {
        SeenLog log = new SeenLog(database::write);
        log.checkedIn(running(GATEWAY, "1.0"), why(0, "nothing"));
        database.close();
        assertThat(log.flush()).isFalse();
        log.close();
        log.close();
    }

    @Test
    void newsThatTheDatabaseRefusesDoesNotHoldUpTheNext() {
        try (SeenLog log = new SeenLog(database::write)) {
            database.write(
                    handle -> handle.execute("ALTER TABLE gateway_seen RENAME TO elsewhere"));
            log.checkedIn(running(GATEWAY, "1.0"), why(0, "nothing"));
            assertThat(log.flush()).isTrue();
            database.write(
                    handle -> handle.execute("ALTER TABLE elsewhere RENAME TO gateway_seen"));

            log.checkedIn(running(GATEWAY, "2.0"), why(1, "nothing"));
            assertThat(log.flush()).isTrue();
        }
        assertThat(seen()).map(Seen::packageVersion).hasValue(Optional.of("2.0"));
        assertThat(seen().orElseThrow().why()).hasSize(1);
    }

    @Test
    void aRefusalAfterACheckInDoesNotMoveTheTimeItWasSeen() {
        try (SeenLog log = new SeenLog(database::write)) {
            log.checkedIn(running(GATEWAY, "1.0"), why(0, "nothing"));
            log.noted(GATEWAY, why(5, "refused"));
        }
        assertThat(seen().orElseThrow().at()).isEqualTo(Instant.ofEpochSecond(0));
        assertThat(seen().orElseThrow().why())
                .extracting(Why::answer)
                .containsExactly("refused", "nothing");
    }

    @Test
    void manyThreadsMayNoteAtOnce() throws Exception {
        try (SeenLog log = new SeenLog(database::write)) {
            try (ExecutorService gateways = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 500; i++) {
                    int number = i;
                    gateways.execute(
                            () -> {
                                log.checkedIn(
                                        running(new Eui64(number % 5), "1.0"), why(0, "nothing"));
                                if (number % 50 == 0) {
                                    log.flush();
                                }
                            });
                }
            }
        }
        List<Integer> times =
                database.read(
                        handle ->
                                handle.createQuery("SELECT * FROM gateway_seen")
                                        .map(Seen::read)
                                        .map(seen -> seen.why().getFirst().times())
                                        .list());
        assertThat(times).containsExactly(100, 100, 100, 100, 100);
    }

    private static Why why(long second, String answer) {
        return new Why(Instant.ofEpochSecond(second), answer, "reason");
    }

    private Optional<Seen> seen() {
        return database.read(handle -> Seen.find(handle, GATEWAY));
    }

    private int count() {
        return database.read(
                handle ->
                        handle.createQuery("SELECT count(*) FROM gateway_seen")
                                .mapTo(Integer.class)
                                .one());
    }
}
