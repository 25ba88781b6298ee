package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.store.Database;
import dev.usher.store.Grouped;
import dev.usher.store.Statements;
import dev.usher.store.StoreException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which gateways are connected, to whichever node: each node writes down its own, and looks after
 * those of a node that has gone.
 *
 * <p>What changes is written soon after, what changed meanwhile together; while the database cannot
 * be reached it waits.
 */
final class GatewayPresence implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayPresence.class);

    private static final int ROWS_AT_A_TIME = 500;

    /** Between two writes: a fleet that connects again shares them. */
    private static final Duration PAUSE = Duration.ofMillis(200);

    /** A node whose time stood still for so many looks of another is gone. */
    private static final int LOOKS_UNTIL_GONE = 4;

    /** Is told what other nodes have to do with gateways. */
    interface Observer {

        /** A gateway has connected to another node. */
        void connectedElsewhere(Eui64 gateway, Instant at);

        /** A gateway was connected to a node that is gone, and came to no other. */
        void lost(Eui64 gateway, Instant lastSeen);

        /** The gateways that are connected to this node, and since when. */
        Map<Eui64, Instant> here();
    }

    private record Row(Eui64 gateway, Instant connectedAt, Optional<Instant> disconnectedAt) {}

    private record Seen(long at, int looks) {}

    private final Database database;
    private final long node;
    private final Observer observer;
    private final InstantSource clock;
    private final Duration look;
    private final Grouped<List<Row>, Integer> rows;
    private final Map<Eui64, Row> unwritten = new ConcurrentHashMap<>();
    private final Semaphore changed = new Semaphore(0);

    /** Other nodes; the worker's own. */
    private final Map<Long, Seen> others = new HashMap<>();

    private final Thread worker;
    private volatile boolean closed;

    /**
     * Looks after the gateways from now on.
     *
     * @param node the number of this node
     * @param look how often this node says that it is there, and looks whether the others are
     */
    GatewayPresence(
            Database database, long node, Observer observer, InstantSource clock, Duration look) {
        this.database = requireNonNull(database, "database");
        this.node = node;
        this.observer = requireNonNull(observer, "observer");
        this.clock = requireNonNull(clock, "clock");
        this.look = requireNonNull(look, "look");
        this.rows = database.grouped("network-presence", this::write);
        this.worker = Thread.ofPlatform().daemon().name("usher-presence").start(this::work);
    }

    /** A gateway has connected to this node. */
    void connected(Eui64 gateway, Instant at) {
        change(new Row(gateway, at, Optional.empty()));
    }

    /** A gateway that was connected to this node is no more. */
    void disconnected(Eui64 gateway, Instant connectedAt, Instant at) {
        change(new Row(gateway, connectedAt, Optional.of(at)));
    }

    private void change(Row row) {
        unwritten.put(row.gateway(), row);
        changed.release();
    }

    private static final String STATUS =
            "SELECT connected_at, disconnected_at FROM network_connection WHERE eui = ?";

    /** What the database knows of a gateway. */
    GatewayStatus status(Eui64 gateway) {
        return database.readPrepared(
                statements -> {
                    PreparedStatement query = statements.prepare(STATUS);
                    query.setLong(1, gateway.value());
                    try (ResultSet row = query.executeQuery()) {
                        if (!row.next()) {
                            return new GatewayStatus.Away(Optional.empty());
                        }
                        Instant connectedAt = Instant.ofEpochMilli(row.getLong("connected_at"));
                        long disconnectedAt = row.getLong("disconnected_at");
                        return row.wasNull()
                                ? new GatewayStatus.Connected(connectedAt)
                                : new GatewayStatus.Away(
                                        Optional.of(Instant.ofEpochMilli(disconnectedAt)));
                    }
                });
    }

    private void work() {
        long lookedAt = System.nanoTime() - look.toNanos();
        boolean works = true;
        while (!closed) {
            try {
                if (System.nanoTime() - lookedAt >= look.toNanos()) {
                    lookedAt = System.nanoTime();
                    look();
                    works = true; // there may be nothing to write, which always works
                }
                writeAll();
            } catch (StoreException e) {
                if (works && !closed) {
                    LOG.warn("which gateways are connected is not written: {}", e.getMessage());
                }
                works = false;
            } catch (RuntimeException e) {
                LOG.error("which gateways are connected is not written", e);
            }
            try {
                if (changed.tryAcquire(look.toNanos() / 2, TimeUnit.NANOSECONDS)) {
                    Thread.sleep(PAUSE);
                    changed.drainPermits();
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void writeAll() {
        List<Row> all = List.copyOf(unwritten.values());
        for (int from = 0; from < all.size(); from += ROWS_AT_A_TIME) {
            List<Row> some = all.subList(from, Math.min(from + ROWS_AT_A_TIME, all.size()));
            int _ = rows.run(some);
            some.forEach(row -> unwritten.remove(row.gateway(), row));
        }
    }

    /** What another node knows of a gateway that has connected to it later stays. */
    private static final String WRITE =
            """
            INSERT INTO network_connection (eui, node, connected_at, disconnected_at)
            VALUES (?, ?, ?, ?)
            ON CONFLICT (eui) DO UPDATE SET node = excluded.node,
                connected_at = excluded.connected_at, disconnected_at = excluded.disconnected_at
            WHERE network_connection.node = excluded.node
                OR network_connection.disconnected_at IS NOT NULL
                OR network_connection.connected_at <= excluded.connected_at
            """;

    private List<Integer> write(Statements statements, List<List<Row>> requests)
            throws SQLException {
        List<Row> sorted =
                requests.stream()
                        .flatMap(List::stream)
                        .sorted(Comparator.comparing(Row::gateway))
                        .toList();
        PreparedStatement insert = statements.prepare(WRITE);
        for (Row row : sorted) {
            insert.setLong(1, row.gateway().value());
            insert.setLong(2, node);
            insert.setLong(3, row.connectedAt().toEpochMilli());
            if (row.disconnectedAt().isPresent()) {
                insert.setLong(4, row.disconnectedAt().get().toEpochMilli());
            } else {
                insert.setNull(4, Types.BIGINT);
            }
            insert.addBatch();
        }
        insert.executeBatch();
        return requests.stream().map(List::size).toList();
    }

    /** What a look found. */
    private record Found(
            boolean isKnown, Map<Long, Long> nodes, List<Row> connectedElsewhere, List<Row> lost) {}

    private void look() {
        long now = clock.millis();
        Map<Long, Seen> gone = new HashMap<>(others);
        gone.values().removeIf(other -> other.looks() < LOOKS_UNTIL_GONE);
        Found found = database.write(handle -> look(handle, now, gone));
        others.keySet().retainAll(found.nodes().keySet());
        found.nodes()
                .forEach(
                        (other, at) ->
                                others.merge(
                                        other,
                                        new Seen(at, 0),
                                        (before, seen) ->
                                                before.at() == seen.at()
                                                        ? new Seen(at, before.looks() + 1)
                                                        : seen));
        found.connectedElsewhere()
                .forEach(row -> observer.connectedElsewhere(row.gateway(), row.connectedAt()));
        found.lost()
                .forEach(row -> observer.lost(row.gateway(), row.disconnectedAt().orElseThrow()));
        if (!found.isKnown()) { // the others believed it gone, or it has just begun
            observer.here().forEach(this::connected);
        }
    }

    private Found look(Handle handle, long now, Map<Long, Seen> gone) {
        boolean isKnown =
                handle.execute("UPDATE network_node SET seen_at = ? WHERE node = ?", now, node)
                        == 1;
        if (!isKnown) {
            handle.execute("INSERT INTO network_node (node, seen_at) VALUES (?, ?)", node, now);
        }
        List<Row> lost = new ArrayList<>();
        gone.forEach((other, seen) -> lost.addAll(endedWith(handle, other, seen.at())));
        Map<Long, Long> nodes = new HashMap<>();
        handle.createQuery("SELECT node, seen_at FROM network_node WHERE node <> :node")
                .bind("node", node)
                .map((row, _) -> Map.entry(row.getLong("node"), row.getLong("seen_at")))
                .forEach(other -> nodes.put(other.getKey(), other.getValue()));
        List<Row> connectedElsewhere =
                handle.createQuery(
                                """
                                SELECT eui, connected_at FROM network_connection
                                WHERE connected_at > :since AND node <> :node
                                    AND disconnected_at IS NULL
                                """)
                        .bind("since", now - 4 * look.toMillis())
                        .bind("node", node)
                        .map((row, _) -> row(row, Optional.empty()))
                        .list();
        return new Found(isKnown, nodes, connectedElsewhere, lost);
    }

    /** The gateways of a node that is gone: they were connected as long as it was seen. */
    private static List<Row> endedWith(Handle handle, long other, long seenAt) {
        if (handle.execute("DELETE FROM network_node WHERE node = ? AND seen_at = ?", other, seenAt)
                == 0) {
            return List.of(); // another node has seen to it, or it is there again
        }
        return handle.createQuery(
                        """
                        UPDATE network_connection SET disconnected_at = :at
                        WHERE node = :node AND disconnected_at IS NULL
                        RETURNING eui, connected_at
                        """)
                .bind("at", seenAt)
                .bind("node", other)
                .map((row, _) -> row(row, Optional.of(Instant.ofEpochMilli(seenAt))))
                .list();
    }

    private static Row row(ResultSet row, Optional<Instant> disconnectedAt) throws SQLException {
        return new Row(
                new Eui64(row.getLong("eui")),
                Instant.ofEpochMilli(row.getLong("connected_at")),
                disconnectedAt);
    }

    /** Writes that nothing is connected to this node any more, as its listeners close next. */
    @Override
    public void close() {
        closed = true;
        worker.interrupt();
        try {
            worker.join(Duration.ofSeconds(5));
            long now = clock.millis();
            int _ =
                    database.write(
                            handle -> {
                                handle.execute("DELETE FROM network_node WHERE node = ?", node);
                                return handle.execute(
                                        "UPDATE network_connection SET disconnected_at = ? WHERE"
                                                + " node = ? AND disconnected_at IS NULL",
                                        now,
                                        node);
                            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("which gateways were connected is not written: {}", e.getMessage());
        }
    }
}
