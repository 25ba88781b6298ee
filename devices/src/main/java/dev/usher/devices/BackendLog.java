package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.OwnerId;
import dev.usher.lorawan.Eui64;
import dev.usher.store.Database;
import dev.usher.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jdbi.v3.core.statement.Query;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers what was asked over Backend Interfaces, and why it was answered so, without making
 * anybody wait: what happened lately is written in one change. Keys are never in it.
 *
 * <p>The newest {@value #KEPT} entries are kept. While the database is away, up to {@value
 * #MOST_WAITING} wait for it; more than that is forgotten, and counted ({@link #forgotten}).
 */
public final class BackendLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BackendLog.class);
    private static final Duration PERIOD = Duration.ofMillis(250);
    private static final Duration LONGEST_FAREWELL = Duration.ofSeconds(5);
    private static final long KEPT = 1_000_000;
    private static final int MOST_WAITING = 100_000;

    /** Joins wait while they are written. */
    private static final int ROWS_PER_CHANGE = 200;

    /** Of the index backend_log_part. */
    private static final int PARTS = 64;

    private final Database database;
    private final BlockingQueue<Entry> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final LongAdder forgotten = new LongAdder();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread writer;

    /**
     * What was asked and answered.
     *
     * @param peer who asked, if it was proven
     * @param sender the SenderID, as it was claimed
     * @param devEui which device it was about
     * @param type the message's
     * @param version of the protocol
     * @param nonce the DevNonce or RJcount, of a join or rejoin
     * @param result the ResultCode, as version 1.1 writes it
     * @param why the reason of a refusal, in one sentence; may say more than the peer was told
     * @param micros how long the answer took, in microseconds
     */
    public record Entry(
            Instant at,
            Optional<String> peer,
            String sender,
            Optional<Eui64> devEui,
            String type,
            String version,
            OptionalInt nonce,
            String result,
            String why,
            long micros) {
        public Entry {
            requireNonNull(at, "at");
            requireNonNull(peer, "peer");
            requireNonNull(sender, "sender");
            requireNonNull(devEui, "devEui");
            requireNonNull(nonce, "nonce");
        }
    }

    /** An entry in its place. */
    public record Numbered(long seq, Entry entry) {}

    /** Which entries; all conditions hold. */
    public record Filter(Optional<String> peer, Optional<Eui64> devEui, Optional<OwnerId> owner) {
        public static final Filter ALL =
                new Filter(Optional.empty(), Optional.empty(), Optional.empty());
    }

    BackendLog(Database database) {
        this.database = requireNonNull(database, "database");
        this.writer =
                Thread.ofPlatform().name("usher-backend-log").daemon().start(this::writeNowAndThen);
    }

    void note(Entry entry) {
        if (!waiting.offer(entry)) {
            forgotten.increment();
        }
    }

    /** How many entries were not kept because the database did not take them fast enough. */
    public long forgotten() {
        return forgotten.sum();
    }

    /** The last entries before {@code before}, the newest first. */
    public List<Numbered> newest(Filter filter, long before, int limit) {
        return list(filter, "b.seq < :seq ORDER BY b.seq DESC", before, limit);
    }

    /** The first entries after {@code after}, the oldest first: ask again to follow the log. */
    public List<Numbered> following(Filter filter, long after, int limit) {
        return list(filter, "b.seq > :seq ORDER BY b.seq", after, limit);
    }

    private List<Numbered> list(Filter filter, String place, long seq, int limit) {
        String sql =
                "SELECT b.* FROM backend_log b WHERE "
                        + (filter.peer().isPresent() ? "b.peer = :peer AND " : "")
                        + (filter.devEui().isPresent()
                                ? "b.dev_eui % " + PARTS + " = :part AND b.dev_eui = :devEui AND "
                                : "")
                        + (filter.owner().isPresent()
                                ? "b.dev_eui IN (SELECT dev_eui FROM device WHERE owner = :owner)"
                                        + " AND "
                                : "")
                        + place
                        + " LIMIT :limit";
        return database.read(
                handle -> {
                    Query query = handle.createQuery(sql).bind("seq", seq).bind("limit", limit);
                    filter.peer().ifPresent(peer -> query.bind("peer", peer));
                    filter.devEui()
                            .ifPresent(
                                    devEui ->
                                            query.bind("devEui", devEui.value())
                                                    .bind("part", devEui.value() % PARTS));
                    filter.owner().ifPresent(owner -> query.bind("owner", owner.value()));
                    return query.map((row, _) -> read(row)).list();
                });
    }

    private static Numbered read(ResultSet row) throws SQLException {
        long devEui = row.getLong("dev_eui");
        Optional<Eui64> device = row.wasNull() ? Optional.empty() : Optional.of(new Eui64(devEui));
        int nonce = row.getInt("nonce");
        OptionalInt used = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(nonce);
        return new Numbered(
                row.getLong("seq"),
                new Entry(
                        Instant.ofEpochMilli(row.getLong("at")),
                        Optional.ofNullable(row.getString("peer")),
                        row.getString("sender"),
                        device,
                        row.getString("type"),
                        row.getString("version"),
                        used,
                        row.getString("result"),
                        row.getString("why"),
                        row.getLong("micros")));
    }

    private void writeNowAndThen() {
        try {
            while (!closing.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
                flush();
            }
        } catch (InterruptedException e) {
            LOG.error("the log of Backend Interfaces is no longer written: interrupted", e);
        }
    }

    /** Writes what is waiting now. */
    synchronized void flush() {
        List<Entry> entries = new ArrayList<>(ROWS_PER_CHANGE);
        while (waiting.drainTo(entries, ROWS_PER_CHANGE) > 0) {
            List<Entry> part = List.copyOf(entries);
            try {
                database.write(handle -> write(handle.getConnection(), part));
            } catch (StoreException e) {
                LOG.warn(
                        "{} entries of the Backend Interfaces log could not be written yet: {}",
                        part.size(),
                        e.getMessage());
                part.forEach(this::note);
                return;
            }
            entries.clear();
        }
    }

    private static final String ADD =
            """
            INSERT INTO backend_log (seq, at, peer, sender, dev_eui, type, version, nonce, result,
                why, micros)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """;

    /** Plain JDBC: there may be as many entries as there are joins. */
    private static boolean write(Connection connection, List<Entry> entries) {
        try (PreparedStatement last =
                        connection.prepareStatement(
                                "SELECT COALESCE(MAX(seq), 0) FROM backend_log");
                PreparedStatement add = connection.prepareStatement(ADD);
                PreparedStatement forget =
                        connection.prepareStatement("DELETE FROM backend_log WHERE seq <= ?")) {
            long seq;
            try (ResultSet row = last.executeQuery()) {
                row.next();
                seq = row.getLong(1);
            }
            for (Entry entry : entries) {
                seq++;
                bind(add, seq, entry);
            }
            add.executeBatch();
            forget.setLong(1, seq - KEPT);
            forget.executeUpdate();
            return true;
        } catch (SQLException e) {
            throw new StoreException("the database did not take the entries", e);
        }
    }

    private static void bind(PreparedStatement add, long seq, Entry entry) throws SQLException {
        add.setLong(1, seq);
        add.setLong(2, entry.at().toEpochMilli());
        add.setString(3, entry.peer().orElse(null));
        add.setString(4, entry.sender());
        add.setObject(5, entry.devEui().map(Eui64::value).orElse(null), Types.BIGINT);
        add.setString(6, entry.type());
        add.setString(7, entry.version());
        add.setObject(
                8, entry.nonce().isPresent() ? entry.nonce().getAsInt() : null, Types.INTEGER);
        add.setString(9, entry.result());
        add.setString(10, entry.why());
        add.setLong(11, entry.micros());
        add.addBatch();
    }

    /** Writes what is waiting, if the database takes it, and stops. */
    @Override
    public void close() {
        closing.countDown();
        try {
            if (writer.join(LONGEST_FAREWELL)) {
                flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
