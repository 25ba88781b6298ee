package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.usher.accounts.Caller;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.Right;
import dev.usher.lorawan.Eui64;
import dev.usher.station.LnsDownlink;
import dev.usher.station.LnsUplink;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/** What waits to be sent to devices, and what gateways say of what they were given. */
public final class Downlinks {

    /** Where two frames collide in a gateway, the first one given stays. */
    static final int PRIORITY = 0;

    private static final Duration LONGEST_ON_THE_WAY = Duration.ofSeconds(60);

    private final Database database;
    private final TrafficEvents events;
    private final InstantSource clock;

    /** Begins anywhere, so that what a gateway says late is not taken for another's. */
    private final AtomicLong lastDiid =
            new AtomicLong(ThreadLocalRandom.current().nextLong(1L << 40));

    private final Cache<Long, Eui64> onTheWay =
            Caffeine.newBuilder().expireAfterWrite(LONGEST_ON_THE_WAY).build();

    Downlinks(Database database, TrafficEvents events, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.events = requireNonNull(events, "events");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * What an application wants to send.
     *
     * @param port 1..255
     */
    public record Queued(long seq, Eui64 devEui, int port, byte[] payload, boolean confirmed) {

        @Override
        public boolean equals(Object other) {
            return other instanceof Queued that
                    && seq == that.seq
                    && devEui.equals(that.devEui)
                    && port == that.port
                    && confirmed == that.confirmed
                    && Arrays.equals(payload, that.payload);
        }

        @Override
        public int hashCode() {
            return Long.hashCode(seq);
        }
    }

    private static final int MOST_PAYLOAD = 242;

    /** Given out once: a node that is slow must not take a later one for the one it has sent. */
    private static final String NEXT_SEQ =
            """
            INSERT INTO network_counter (name, value) VALUES ('downlink', 1)
            ON CONFLICT (name) DO UPDATE SET value = network_counter.value + 1
            RETURNING value
            """;

    /**
     * Puts something into the queue of a device; it is sent after one of its next uplinks. Nobody's
     * rights are asked for: see the other one. Fails with {@link NotFound} if the network does not
     * serve it.
     *
     * @throws IllegalArgumentException if the port or the length is out of range
     */
    public Change<Queued> push(Eui64 devEui, int port, byte[] payload, boolean confirmed) {
        if (port < 1 || port > 255) {
            throw new IllegalArgumentException(
                    "port " + port + " is not an application's: choose one of 1 to 255");
        }
        if (payload.length > MOST_PAYLOAD) {
            throw new IllegalArgumentException(
                    "a payload of "
                            + payload.length
                            + " bytes fits no frame: "
                            + MOST_PAYLOAD
                            + " bytes do at most");
        }
        Queued wish = new Queued(0, devEui, port, payload.clone(), confirmed);
        return handle -> {
            NetworkDevices.get(handle, devEui);
            long seq = handle.createQuery(NEXT_SEQ).mapTo(Long.class).one();
            handle.execute(
                    "INSERT INTO network_downlink (seq, dev_eui, port, payload, confirmed,"
                            + " created_at) VALUES (?, ?, ?, ?, ?, ?)",
                    seq,
                    devEui.value(),
                    port,
                    wish.payload(),
                    confirmed ? 1 : 0,
                    clock.millis());
            return new Queued(seq, devEui, port, wish.payload(), confirmed);
        };
    }

    /**
     * Likewise, for a caller who needs {@link Right#APPLICATION_TRAFFIC_DOWN_WRITE}; to others who
     * have no right on the device it looks as if it were not there.
     */
    public Change<Queued> push(
            Caller actor, Eui64 devEui, int port, byte[] payload, boolean confirmed) {
        Change<Queued> push = push(devEui, port, payload, confirmed);
        return handle -> {
            NetworkDevices.require(handle, actor, devEui, Right.APPLICATION_TRAFFIC_DOWN_WRITE);
            return push.apply(handle);
        };
    }

    private static final String FIRST_TWO =
            "SELECT * FROM network_downlink WHERE dev_eui = ? ORDER BY seq LIMIT 2";

    /** What waits for a device, the oldest first: two at most. */
    List<Queued> firstTwo(Eui64 devEui) {
        return database.readPrepared(
                statements -> {
                    PreparedStatement query = statements.prepare(FIRST_TWO);
                    query.setLong(1, devEui.value());
                    List<Queued> queued = new ArrayList<>(2);
                    try (ResultSet row = query.executeQuery()) {
                        while (row.next()) {
                            queued.add(read(row));
                        }
                    }
                    return queued;
                });
    }

    /** All that waits for a device, the oldest first; fails with {@link NotFound} likewise. */
    public List<Queued> list(Caller caller, Eui64 devEui) {
        return database.read(
                handle -> {
                    NetworkDevices.require(handle, caller, devEui, Right.APPLICATION_TRAFFIC_READ);
                    return handle.createQuery(
                                    "SELECT * FROM network_downlink WHERE dev_eui = ? ORDER BY seq")
                            .bind(0, devEui.value())
                            .map((row, _) -> read(row))
                            .list();
                });
    }

    private static Queued read(ResultSet row) throws SQLException {
        return new Queued(
                row.getLong("seq"),
                new Eui64(row.getLong("dev_eui")),
                row.getInt("port"),
                row.getBytes("payload"),
                row.getInt("confirmed") != 0);
    }

    /** Empties the queue of a device; fails with {@link NotFound} likewise. */
    public Change<Integer> clear(Caller actor, Eui64 devEui) {
        return handle -> {
            NetworkDevices.require(handle, actor, devEui, Right.APPLICATION_TRAFFIC_DOWN_WRITE);
            return handle.execute("DELETE FROM network_downlink WHERE dev_eui = ?", devEui.value());
        };
    }

    /** Gives a frame to a gateway, under a number of its own. */
    void send(GatewayLink link, LongFunction<LnsDownlink.Frame> frame) {
        LnsDownlink.Frame numbered = frame.apply(lastDiid.incrementAndGet());
        onTheWay.put(numbered.diid(), numbered.devEui());
        link.send(numbered);
    }

    /** A gateway says that it has sent a frame. */
    void transmitted(GatewayLink link, LnsUplink.Transmitted transmitted) {
        Optional.ofNullable(onTheWay.asMap().remove(transmitted.diid()))
                .ifPresent(
                        devEui ->
                                events.publish(
                                        new TrafficEvent.Transmitted(
                                                clock.instant(), devEui, link.gateway())));
    }
}
