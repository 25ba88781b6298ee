package dev.usher.network.outlets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.usher.network.traffic.TrafficEvent;
import dev.usher.store.Database;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import tools.jackson.databind.node.ObjectNode;

/**
 * What waits to be delivered, durably, and who delivers it: of all nodes the one that holds the
 * lease of an outlet.
 */
final class Outbox {

    /** How long an outlet is a node's own, unless it asks again. */
    static final Duration LEASE = Duration.ofSeconds(30);

    /** How long it is known that something was delivered. */
    private static final Duration REMEMBERED = Duration.ofMinutes(10);

    private static final int ID_BYTES = 16;

    private final Database database;
    private final InstantSource clock;
    private final String node;

    /**
     * @param node what this node goes by among those with the same database
     */
    Outbox(Database database, InstantSource clock, String node) {
        this.database = requireNonNull(database, "database");
        this.clock = requireNonNull(clock, "clock");
        this.node = requireNonNull(node, "node");
    }

    /** One event, as it is told at one outlet. */
    record Letter(String outlet, String id, String lane, String type, String body) {

        static Letter of(String outlet, TrafficEvent event) {
            String lane =
                    switch (event) {
                        case TrafficEvent.OfDevice ofDevice -> ofDevice.devEui().toString();
                        case TrafficEvent.OfGateway ofGateway -> ofGateway.gateway().toString();
                    };
            ObjectNode body = EventJson.of(event);
            String id = id(outlet, event, body);
            return new Letter(
                    outlet, id, lane, EventJson.type(event), body.put("id", id).toString());
        }

        /**
         * The same on every node. What gateways say of an uplink is left out, as one node may know
         * of more of them than another.
         */
        private static String id(String outlet, TrafficEvent event, ObjectNode body) {
            ObjectNode same = body.deepCopy().put("at", event.at().toEpochMilli());
            same.remove("heardBy");
            try {
                byte[] hash =
                        MessageDigest.getInstance("SHA-256")
                                .digest((outlet + "\n" + same).getBytes(UTF_8));
                return HexFormat.of().formatHex(hash, 0, ID_BYTES);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }
    }

    /** Keeps letters until they are delivered; one that is here already is not kept twice. */
    void put(Collection<Letter> letters) {
        long now = clock.millis();
        database.write(
                handle -> {
                    long seq =
                            handle.createQuery("SELECT COALESCE(MAX(seq), 0) FROM outlet_delivery")
                                    .mapTo(Long.class)
                                    .one();
                    PreparedBatch rows =
                            handle.prepareBatch(
                                    "INSERT INTO outlet_delivery (seq, outlet, id, lane, type,"
                                            + " body, created_at, due_at) VALUES (?, ?, ?, ?, ?,"
                                            + " ?, ?, ?) ON CONFLICT (outlet, id) DO NOTHING");
                    for (Letter letter : letters) {
                        seq++;
                        rows.add(
                                seq,
                                letter.outlet(),
                                letter.id(),
                                letter.lane(),
                                letter.type(),
                                letter.body(),
                                now,
                                now);
                    }
                    return rows.execute().length;
                });
    }

    /** How many wait for each outlet for which something waits. */
    Map<String, Long> pending() {
        return database.read(
                handle -> {
                    Map<String, Long> pending = new HashMap<>();
                    handle.createQuery(
                                    "SELECT outlet, COUNT(*) AS waiting FROM outlet_delivery WHERE"
                                            + " done_at IS NULL GROUP BY outlet")
                            .map(
                                    (row, _) ->
                                            Map.entry(
                                                    row.getString("outlet"),
                                                    row.getLong("waiting")))
                            .forEach(entry -> pending.put(entry.getKey(), entry.getValue()));
                    return pending;
                });
    }

    /** For which outlets something is due. */
    Set<String> withDue() {
        return database.read(
                handle ->
                        handle.createQuery(
                                        "SELECT DISTINCT outlet FROM outlet_delivery WHERE done_at"
                                                + " IS NULL AND due_at <= :now")
                                .bind("now", clock.millis())
                                .mapTo(String.class)
                                .set());
    }

    /** What is due at an outlet, the oldest first. */
    List<Delivery> due(String outlet, int most) {
        return database.read(
                handle ->
                        handle.createQuery(
                                        """
                                        SELECT * FROM outlet_delivery
                                        WHERE outlet = :outlet AND done_at IS NULL
                                            AND due_at <= :now
                                        ORDER BY seq LIMIT :most
                                        """)
                                .bind("outlet", outlet)
                                .bind("now", clock.millis())
                                .bind("most", most)
                                .map((row, _) -> delivery(row))
                                .list());
    }

    private static Delivery delivery(ResultSet row) throws SQLException {
        return new Delivery(
                row.getLong("seq"),
                row.getString("id"),
                row.getString("lane"),
                row.getString("type"),
                row.getString("body"),
                row.getInt("attempts"));
    }

    /**
     * What came of deliveries to one outlet.
     *
     * @param refused when each of those that were refused is tried again, by its number
     * @param error why the last of those that failed did
     */
    record Report(List<Long> arrived, Map<Long, Instant> refused, Optional<String> error) {
        Report {
            arrived = List.copyOf(arrived);
            refused = Map.copyOf(refused);
        }
    }

    void note(String outlet, Report report) {
        long now = clock.millis();
        database.write(
                handle -> {
                    for (long seq : report.arrived()) {
                        handle.execute(
                                "UPDATE outlet_delivery SET done_at = ?, body = '' WHERE seq = ?"
                                        + " AND outlet = ?",
                                now,
                                seq,
                                outlet);
                    }
                    report.refused()
                            .forEach(
                                    (seq, due) ->
                                            handle.execute(
                                                    "UPDATE outlet_delivery SET due_at = ?,"
                                                            + " attempts = attempts + 1 WHERE seq"
                                                            + " = ? AND outlet = ?",
                                                    due.toEpochMilli(),
                                                    seq,
                                                    outlet));
                    if (!report.arrived().isEmpty()) {
                        handle.execute(
                                "UPDATE outlet SET delivered_at = ? WHERE name = ?", now, outlet);
                    }
                    report.error()
                            .ifPresent(
                                    error ->
                                            handle.execute(
                                                    "UPDATE outlet SET failed_at = ?, last_error ="
                                                            + " ? WHERE name = ?",
                                                    now,
                                                    error,
                                                    outlet));
                    return report.arrived().size();
                });
    }

    /**
     * Makes an outlet this node's own for a time, if it is nobody's or this node's already.
     *
     * @return whether it is
     */
    boolean hold(String outlet, Duration time) {
        long now = clock.millis();
        long until = now + time.toMillis();
        return database.write(
                handle -> {
                    int held =
                            handle.execute(
                                    "UPDATE outlet SET node = ?, held_until = ? WHERE name = ? AND"
                                            + " (node = ? OR held_until <= ?)",
                                    node,
                                    until,
                                    outlet,
                                    node,
                                    now);
                    return held > 0
                            || handle.execute(
                                            "INSERT INTO outlet (name, node, held_until) VALUES"
                                                    + " (?, ?, ?) ON CONFLICT (name) DO NOTHING",
                                            outlet,
                                            node,
                                            until)
                                    > 0;
                });
    }

    /** Leaves what this node holds to others. */
    void release() {
        database.write(
                handle -> handle.execute("UPDATE outlet SET held_until = 0 WHERE node = ?", node));
    }

    /** Counts letters that were not taken, as too many wait. */
    void dropped(String outlet, long count) {
        database.write(
                handle -> {
                    handle.execute(
                            "INSERT INTO outlet (name, node, held_until) VALUES (?, '', 0) ON"
                                    + " CONFLICT (name) DO NOTHING",
                            outlet);
                    return giveUp(handle, outlet, count);
                });
    }

    private static int giveUp(Handle handle, String outlet, long count) {
        return handle.execute(
                "UPDATE outlet SET given_up = given_up + ? WHERE name = ?", count, outlet);
    }

    /**
     * Gives up what has waited for too long, and forgets what was delivered a while ago.
     *
     * @return how many were given up
     */
    long sweep(Duration longest) {
        Instant now = clock.instant();
        long tooOld = now.minus(longest).toEpochMilli();
        return database.write(
                handle -> {
                    Map<String, Long> old = new HashMap<>();
                    handle.createQuery(
                                    "SELECT outlet, COUNT(*) AS old FROM outlet_delivery WHERE"
                                            + " done_at IS NULL AND created_at <= :old GROUP BY"
                                            + " outlet")
                            .bind("old", tooOld)
                            .map((row, _) -> Map.entry(row.getString("outlet"), row.getLong("old")))
                            .forEach(entry -> old.put(entry.getKey(), entry.getValue()));
                    old.forEach((outlet, count) -> giveUp(handle, outlet, count));
                    handle.execute(
                            "DELETE FROM outlet_delivery WHERE done_at IS NULL AND created_at <="
                                    + " ?",
                            tooOld);
                    handle.execute(
                            "DELETE FROM outlet_delivery WHERE done_at <= ?",
                            now.minus(REMEMBERED).toEpochMilli());
                    return old.values().stream().mapToLong(Long::longValue).sum();
                });
    }

    /** How deliveries to an outlet go. */
    static OutletState state(Handle handle, String outlet) {
        long pending =
                handle.createQuery(
                                "SELECT COUNT(*) FROM outlet_delivery WHERE outlet = :outlet AND"
                                        + " done_at IS NULL")
                        .bind("outlet", outlet)
                        .mapTo(Long.class)
                        .one();
        return handle.createQuery("SELECT * FROM outlet WHERE name = :name")
                .bind("name", outlet)
                .map(
                        (row, _) ->
                                new OutletState(
                                        pending,
                                        time(row, "delivered_at"),
                                        time(row, "failed_at"),
                                        Optional.ofNullable(row.getString("last_error")),
                                        row.getLong("given_up")))
                .findOne()
                .orElse(
                        new OutletState(
                                pending, Optional.empty(), Optional.empty(), Optional.empty(), 0));
    }

    /** Forgets everything about an outlet. */
    static void forget(Handle handle, String outlet) {
        handle.execute("DELETE FROM outlet_delivery WHERE outlet = ?", outlet);
        handle.execute("DELETE FROM outlet WHERE name = ?", outlet);
    }

    static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }
}
