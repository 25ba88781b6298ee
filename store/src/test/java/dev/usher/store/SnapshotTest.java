package dev.usher.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@EveryEngine
class SnapshotTest {

    private final Database database;
    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicLong nanos = new AtomicLong();
    private final CountDownLatch reading = new CountDownLatch(1);
    private final CountDownLatch mayRead = new CountDownLatch(1);
    private volatile String stored = "before";

    SnapshotTest(TestDatabase engine) {
        database = Database.open(engine.freshUrl());
    }

    @AfterEach
    void close() {
        mayRead.countDown();
        callers.close();
        database.close();
    }

    private String read(Handle handle) {
        if (stored.equals("before")) {
            return stored;
        }
        reading.countDown();
        try {
            mayRead.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (stored.equals("away")) {
            throw new StoreException("the database is away", new IllegalStateException());
        }
        return stored;
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void nobodyIsToldWhatIsTooOldWhileAnotherReadsItAgain() throws Exception {
        Snapshot<String> peers = new Snapshot<>(database, this::read, nanos::get);
        stored = "after";
        pass(Snapshot.OLDEST);
        assertThat(peers.current()).isEqualTo("before");

        pass(Duration.ofHours(1));
        Future<String> first = callers.submit(peers::current);
        reading.await();
        Future<String> second = callers.submit(peers::current);

        assertThatThrownBy(() -> second.get(100, TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
        mayRead.countDown();
        assertThat(first.get()).isEqualTo("after");
        assertThat(second.get()).isEqualTo("after");
    }

    @Test
    void whoWaitsIsToldThatItCannotBeRead() throws Exception {
        Snapshot<String> peers = new Snapshot<>(database, this::read, nanos::get);
        stored = "away";
        pass(Duration.ofHours(1));
        Future<String> first = callers.submit(peers::current);
        reading.await();
        Future<String> second = callers.submit(peers::current);

        mayRead.countDown();

        assertThatThrownBy(first::get).hasRootCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(second::get).hasCauseInstanceOf(StoreException.class);
        stored = "before";
        assertThat(peers.current()).isEqualTo("before");
    }
}
