package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.store.Database;
import dev.usher.store.StoreException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes sessions that nobody can ask for any more, and their keys with them: once an hour it goes
 * through all of them, in pages, so that nothing waits for it. A join itself deletes nothing.
 *
 * <p>Every node does so; what one has deleted, another does not find.
 */
final class SessionSweep implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SessionSweep.class);
    private static final Duration PERIOD = Duration.ofHours(1);
    private static final int ROWS_PER_CHANGE = 500;
    private static final byte[] BEGINNING = {};

    private final Database database;
    private final InstantSource clock;
    private final CountDownLatch closing = new CountDownLatch(1);

    SessionSweep(Database database, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.clock = requireNonNull(clock, "clock");
        Thread.ofVirtual().name("usher-session-sweep").start(this::sweepNowAndThen);
    }

    private void sweepNowAndThen() {
        try {
            while (!closing.await(PERIOD.toSeconds(), TimeUnit.SECONDS)) {
                try {
                    LOG.debug("{} sessions that had ended were deleted", sweep());
                } catch (StoreException e) {
                    LOG.warn("sessions that have ended were not all deleted: {}", e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record Row(byte[] id, boolean ended) {}

    /**
     * A session has ended when its device is gone, when enough later ones were begun and none of
     * them from it, or when it has expired. One that has expired stays as long as the one before it
     * does, because a device's sessions are found from the last one backwards.
     */
    private static final String PAGE =
            """
            SELECT s.id, d.dev_eui IS NULL
                OR (s.number <= d.session_count - :kept
                    AND NOT EXISTS (SELECT 1 FROM device_session r
                        WHERE r.rejoined_from = s.id AND r.number > d.session_count - :kept))
                OR (s.expires_at <= :now
                    AND NOT EXISTS (SELECT 1 FROM device_session p WHERE p.id = s.previous)) AS ended
            FROM device_session s LEFT JOIN device d ON d.dev_eui = s.dev_eui
            WHERE s.id > :after ORDER BY s.id LIMIT :limit
            """;

    /**
     * Goes through all sessions once.
     *
     * @return how many were deleted
     */
    long sweep() {
        long deleted = 0;
        byte[] after = BEGINNING;
        while (closing.getCount() > 0) {
            List<Row> page = page(after);
            if (page.isEmpty()) {
                break;
            }
            after = page.getLast().id();
            List<byte[]> ended = page.stream().filter(Row::ended).map(Row::id).toList();
            if (!ended.isEmpty()) {
                delete(ended);
                deleted += ended.size();
            }
        }
        return deleted;
    }

    private List<Row> page(byte[] after) {
        return database.read(
                handle ->
                        handle.createQuery(PAGE)
                                .bind("kept", Session.KEPT)
                                .bind("now", clock.millis())
                                .bind("after", after)
                                .bind("limit", ROWS_PER_CHANGE)
                                .map((row, _) -> new Row(row.getBytes(1), row.getBoolean(2)))
                                .list());
    }

    private void delete(List<byte[]> ids) {
        database.write(
                handle ->
                        handle.createUpdate("DELETE FROM device_session WHERE id IN (<ids>)")
                                .bindList("ids", ids)
                                .execute());
    }

    /** Stops after the page it is at. */
    @Override
    public void close() {
        closing.countDown();
    }
}
