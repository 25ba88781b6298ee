package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.OwnerId;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import dev.usher.store.Database;
import dev.usher.store.Rows;
import dev.usher.store.Statements;
import dev.usher.store.StoreException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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
 * anybody wait: what happened lately is written now and then. Keys are never in it. If the machine
 * fails, so does the memory of its last moments.
 *
 * <p>The newest {@value #KEPT} entries are kept. While the database is away, up to {@value
 * #MOST_WAITING} wait for it; more than that is forgotten, and counted ({@link #forgotten}). So is
 * what strangers ask more often than {@value #STRANGERS_A_SECOND} times a second, since whoever can
 * reach the port could otherwise push everything else out.
 */
public final class BackendLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BackendLog.class);
    private static final Duration PERIOD = Duration.ofMillis(250);
    private static final Duration LONGEST_FAREWELL = Duration.ofSeconds(5);
    private static final long KEPT = 1_000_000;
    private static final int MOST_WAITING = 100_000;
    private static final int STRANGERS_A_SECOND = 5;
    private static final int STRANGERS_AT_ONCE = 50;

    /** Strangers may write 32 KiB into a notification, and a million entries are kept. */
    private static final int LONGEST_WHY = 500;

    /** On SQLite joins wait while they are written, for some milliseconds. */
    private static final int ROWS_PER_CHANGE = 250;

    /** Of the index backend_log_part. */
    private static final int PARTS = 8;

    private final Database database;
    private final BlockingQueue<Entry> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final LongAdder forgotten = new LongAdder();
    private final Bucket strangers;
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
     * @param result the ResultCode, as version 1.1 writes it; of a notification, what its sender
     *     wrote, cut short
     * @param why the reason of a refusal, in one sentence; may say more than the peer was told; of
     *     a notification likewise
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
            result = Printable.of(result);
            why = Printable.of(why, LONGEST_WHY);
        }
    }

    /** An entry in its place. */
    public record Numbered(long seq, Entry entry) {}

    /**
     * Which entries; all conditions hold.
     *
     * @param owner of those about devices that are this owner's, since they are: what was before is
     *     a former owner's
     */
    public record Filter(Optional<String> peer, Optional<Eui64> devEui, Optional<OwnerId> owner) {
        public static final Filter ALL =
                new Filter(Optional.empty(), Optional.empty(), Optional.empty());
    }

    BackendLog(Database database, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.strangers = new Bucket(clock);
        this.writer =
                Thread.ofPlatform().name("usher-backend-log").daemon().start(this::writeNowAndThen);
    }

    void note(Entry entry) {
        if (entry.peer().isEmpty() && !strangers.takes()) {
            forgotten.increment();
        } else {
            await(entry);
        }
    }

    private void await(Entry entry) {
        if (!waiting.offer(entry)) {
            forgotten.increment();
        }
    }

    /** How much of what strangers ask is kept. */
    private static final class Bucket {

        private final InstantSource clock;
        private double room = STRANGERS_AT_ONCE;
        private long at;

        Bucket(InstantSource clock) {
            this.clock = requireNonNull(clock, "clock");
            this.at = clock.millis();
        }

        synchronized boolean takes() {
            long now = clock.millis();
            double since = Math.max(0, now - at) / 1000.0;
            room = Math.min(STRANGERS_AT_ONCE, room + since * STRANGERS_A_SECOND);
            at = now;
            if (room < 1) {
                return false;
            }
            room--;
            return true;
        }
    }

    /**
     * How many entries were not kept because the database did not take them fast enough, or because
     * they were too many strangers'.
     */
    public long forgotten() {
        return forgotten.sum();
    }

    /** Whether there is such a peer, or what one of that name asked is remembered. */
    public boolean knowsPeer(String name) {
        return database.read(
                handle ->
                        handle.createQuery(
                                        """
                                        SELECT EXISTS (SELECT 1 FROM peer WHERE name = :name)
                                            OR EXISTS
                                                (SELECT 1 FROM backend_log WHERE peer = :name)
                                        """)
                                .bind("name", name)
                                .mapTo(Boolean.class)
                                .one());
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
                                ? "EXISTS (SELECT 1 FROM device d WHERE d.dev_eui = b.dev_eui AND"
                                        + " d.owner = :owner AND b.at >= d.claimed_at) AND "
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

    /** Writes what is waiting now; what comes while the last of it is written, waits. */
    synchronized void flush() {
        List<Entry> entries = new ArrayList<>(ROWS_PER_CHANGE);
        do {
            entries.clear();
            waiting.drainTo(entries, ROWS_PER_CHANGE);
        } while (write(List.copyOf(entries)) && entries.size() == ROWS_PER_CHANGE);
    }

    private boolean write(List<Entry> entries) {
        try {
            return entries.isEmpty()
                    || database.writeSoon(handle -> write(database.statements(handle), entries));
        } catch (StoreException e) {
            LOG.warn(
                    "{} entries of the Backend Interfaces log could not be written yet: {}",
                    entries.size(),
                    e.getMessage());
            entries.forEach(this::await);
            return false;
        }
    }

    private static final List<Rows.Column> COLUMNS =
            List.of(
                    Rows.Column.int64("seq"),
                    Rows.Column.int64("at"),
                    Rows.Column.text("peer"),
                    Rows.Column.text("sender"),
                    Rows.Column.int64("dev_eui"),
                    Rows.Column.text("type"),
                    Rows.Column.text("version"),
                    Rows.Column.int32("nonce"),
                    Rows.Column.text("result"),
                    Rows.Column.text("why"),
                    Rows.Column.int64("micros"));

    /** From the first on, lest PostgreSQL take it for a third of all and read the whole table. */
    private static final String FORGET =
            """
            DELETE FROM backend_log
            WHERE seq BETWEEN (SELECT MIN(seq) FROM backend_log) AND ?
            """;

    /** Plain JDBC: there may be as many entries as there are joins. */
    private static boolean write(Statements statements, List<Entry> entries) {
        try {
            long seq;
            try (ResultSet row =
                    statements
                            .prepare("SELECT COALESCE(MAX(seq), 0) FROM backend_log")
                            .executeQuery()) {
                row.next();
                seq = row.getLong(1);
            }
            Rows rows = new Rows(COLUMNS);
            for (Entry entry : entries) {
                seq++;
                add(rows, seq, entry);
            }
            statements.insert("backend_log", rows);
            if (seq > KEPT) {
                PreparedStatement forget = statements.prepare(FORGET);
                forget.setLong(1, seq - KEPT);
                forget.executeUpdate();
            }
            return true;
        } catch (SQLException e) {
            throw new StoreException("the database did not take the entries", e);
        }
    }

    private static void add(Rows rows, long seq, Entry entry) {
        rows.add(
                seq,
                entry.at().toEpochMilli(),
                entry.peer().orElse(null),
                entry.sender(),
                entry.devEui().map(Eui64::value).orElse(null),
                entry.type(),
                entry.version(),
                entry.nonce().isPresent() ? entry.nonce().getAsInt() : null,
                entry.result(),
                entry.why(),
                entry.micros());
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
