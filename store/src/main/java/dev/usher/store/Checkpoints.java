package dev.usher.store;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the pages of SQLite's write-ahead log to their places while changes go on. Left to itself,
 * SQLite does so within the commit that makes the log long enough, and everybody waits for it.
 *
 * <p>The log begins anew, instead of growing, only if all of it is copied. So the last pages, those
 * that were written during the copying, are copied while no change goes on. That copying is the one
 * SQLite ends by bringing the database to the disk, with all that was copied before; so it is
 * brought there first, while changes go on.
 */
final class Checkpoints implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    /**
     * How many pages of 4 KiB the log has before they are copied: eight times SQLite's own measure,
     * because a page that changes often is copied only once.
     */
    static final int PAGES = 8000;

    private static final Duration PERIOD = Duration.ofMillis(250);
    private static final Duration LONGEST_FAREWELL = Duration.ofSeconds(5);

    /** So few that a change may wait for them. */
    private static final int FEW_PAGES = 100;

    /** If changes are faster than the copying, they have to wait. */
    private static final int MOST_PASSES = 5;

    private final DataSource connections;
    private final FileChannel database;
    private final Lock writer;
    private final int pages;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    /**
     * @param database the file; to be closed after the last connection, because closing it gives up
     *     this process's POSIX locks on it, SQLite's among them
     * @param writer is held by whoever makes a change
     * @param pages how many the log has before they are copied
     */
    Checkpoints(DataSource connections, FileChannel database, Lock writer, int pages) {
        this.connections = requireNonNull(connections, "connections");
        this.database = requireNonNull(database, "database");
        this.writer = requireNonNull(writer, "writer");
        this.pages = pages;
        this.thread =
                Thread.ofPlatform()
                        .name("usher-checkpoints")
                        .daemon()
                        .unstarted(this::copyNowAndThen);
    }

    Checkpoints started() {
        thread.start();
        return this;
    }

    private void copyNowAndThen() {
        try {
            while (!closing.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    copyIfLong();
                } catch (SQLException | IOException e) {
                    // The commits copy them, when there are several times as many.
                    LOG.warn("the database's log could not be copied yet: {}", e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            LOG.error("the database's log is no longer copied in time: interrupted", e);
        }
    }

    /** Copies all of the log, if it has become long enough. */
    void copyIfLong() throws SQLException, IOException {
        try (Connection connection = connections.getConnection();
                Statement statement = connection.createStatement()) {
            if (log(statement, "NOOP").waiting() < pages) {
                return;
            }
            for (int pass = 1; pass <= MOST_PASSES; pass++) {
                log(statement, "PASSIVE");
                database.force(false);
                if (log(statement, "NOOP").waiting() <= FEW_PAGES) {
                    break;
                }
            }
            writer.lock();
            try {
                log(statement, "PASSIVE");
            } finally {
                writer.unlock();
            }
        }
    }

    /**
     * The log.
     *
     * @param pages in it
     * @param copied how many of them are in their places
     */
    record Log(int pages, int copied) {

        int waiting() {
            return pages - copied;
        }
    }

    /** The log as it is after a checkpoint of this mode; NOOP copies nothing. */
    static Log log(Statement statement, String mode) throws SQLException {
        try (ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(" + mode + ")")) {
            row.next();
            return new Log(row.getInt("log"), row.getInt("checkpointed"));
        }
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join(LONGEST_FAREWELL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
