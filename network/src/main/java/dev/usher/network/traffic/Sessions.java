package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.backend.Octets;
import dev.usher.keys.Sealer;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetworkSessionKeys;
import dev.usher.store.Database;
import dev.usher.store.Grouped;
import dev.usher.store.Statements;
import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of this network's devices. A counter is moved on durably before anything is done
 * with what was counted: an uplink is handed on once, and no downlink counter is used twice.
 */
final class Sessions {

    private static final int KEY = 16;

    private final Database database;
    private final Sealer sealer;
    private final InstantSource clock;
    private final Grouped<Begin, Integer> begins;
    private final Grouped<Move, Boolean> moves;

    Sessions(Database database, Sealer sealer, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.sealer = requireNonNull(sealer, "sealer");
        this.clock = requireNonNull(clock, "clock");
        this.begins = database.grouped("network-sessions", Sessions::begin);
        this.moves = database.grouped("network-counters", Sessions::move);
    }

    /** A session to begin; everything in it that is secret is sealed. */
    private record Begin(
            Eui64 devEui,
            DevAddr devAddr,
            Eui64 joinEui,
            MacVersion macVersion,
            byte[] networkKeys,
            byte @Nullable [] appSKey,
            byte @Nullable [] sessionKeyId,
            int rxDelay,
            long createdAt) {}

    /**
     * A session whose counters are to move on, if they are still as they were read.
     *
     * @param fCntUp of the uplink that was heard
     * @param heardAt now
     * @param downlinks how many counters of the network are used
     * @param applicationDownlinks how many of the application
     * @param awaitedAck as in the session, from now on
     * @param sent what of the device's queue is sent with them, and waits no longer
     */
    record Move(
            DeviceSession session,
            long fCntUp,
            Instant heardAt,
            int downlinks,
            int applicationDownlinks,
            int confFCnt,
            OptionalLong awaitedAck,
            Optional<Downlinks.Queued> sent) {}

    /**
     * Begins a session of a device; the one it was heard in last stays until it is heard in this.
     */
    void begin(
            NetworkDevice device,
            DevAddr devAddr,
            NetworkSessionKeys keys,
            Optional<AesKey> appSKey,
            Optional<Octets> sessionKeyId,
            int rxDelay) {
        String context = context(device.devEui(), devAddr);
        begins.run(
                new Begin(
                        device.devEui(),
                        devAddr,
                        device.joinEui(),
                        device.macVersion(),
                        sealer.seal(context + "network-keys", bytes(keys)),
                        appSKey.map(key -> sealer.seal(context + "app-s-key", key.bytes()))
                                .orElse(null),
                        sessionKeyId.map(Octets::bytes).orElse(null),
                        rxDelay,
                        clock.millis()));
    }

    private static String context(Eui64 devEui, DevAddr devAddr) {
        return "network/" + devEui + "/" + devAddr + "/";
    }

    private static final String NEXT_NUMBER =
            "SELECT COALESCE(MAX(number), 0) + 1 FROM network_session WHERE dev_eui = ?";

    /** Of those the device was not heard in, only the last counts. */
    private static final String FORGET_UNHEARD =
            "DELETE FROM network_session WHERE dev_eui = ? AND f_cnt_up IS NULL";

    private static final String INSERT =
            """
            INSERT INTO network_session (dev_eui, number, dev_addr, join_eui, mac_version,
                network_keys, app_s_key, session_key_id, rx_delay, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """;

    private static List<Integer> begin(Statements statements, List<Begin> all) throws SQLException {
        Integer[] numbers = new Integer[all.size()];
        for (int i : inOrder(all.size(), Comparator.comparing(i -> all.get(i).devEui()))) {
            Begin begin = all.get(i);
            PreparedStatement next = statements.prepare(NEXT_NUMBER);
            next.setLong(1, begin.devEui().value());
            try (ResultSet row = next.executeQuery()) {
                row.next();
                numbers[i] = row.getInt(1);
            }
            PreparedStatement forget = statements.prepare(FORGET_UNHEARD);
            forget.setLong(1, begin.devEui().value());
            forget.executeUpdate();
            PreparedStatement insert = statements.prepare(INSERT);
            insert.setLong(1, begin.devEui().value());
            insert.setInt(2, numbers[i]);
            insert.setInt(3, begin.devAddr().value());
            insert.setLong(4, begin.joinEui().value());
            insert.setString(5, begin.macVersion().text());
            insert.setBytes(6, begin.networkKeys());
            insert.setBytes(7, begin.appSKey());
            insert.setBytes(8, begin.sessionKeyId());
            insert.setInt(9, begin.rxDelay());
            insert.setLong(10, begin.createdAt());
            insert.executeUpdate();
        }
        return List.of(numbers);
    }

    /** In the order of their keys, so that two nodes never wait for each other in a circle. */
    private static List<Integer> inOrder(int count, Comparator<Integer> order) {
        return IntStream.range(0, count).boxed().sorted(order).toList();
    }

    /**
     * Moves the counters of a session on.
     *
     * @return false if they are no longer as they were read: read again, and decide again
     */
    boolean move(Move move) {
        return moves.run(move);
    }

    private static final String MOVE =
            """
            UPDATE network_session SET f_cnt_up = ?, heard_at = ?, n_f_cnt_down = n_f_cnt_down + ?,
                a_f_cnt_down = a_f_cnt_down + ?, conf_f_cnt = ?, awaited_ack = ?
            WHERE dev_eui = ? AND number = ? AND COALESCE(f_cnt_up, -1) = ?
                AND n_f_cnt_down = ? AND a_f_cnt_down = ?
            """;

    private static final String FORGET_EARLIER =
            "DELETE FROM network_session WHERE dev_eui = ? AND number < ?";

    private static final String FORGET_SENT =
            "DELETE FROM network_downlink WHERE dev_eui = ? AND seq = ?";

    private static List<Boolean> move(Statements statements, List<Move> all) throws SQLException {
        Boolean[] moved = new Boolean[all.size()];
        for (int i :
                inOrder(all.size(), Comparator.comparing(i -> all.get(i).session().devEui()))) {
            Move move = all.get(i);
            DeviceSession session = move.session();
            PreparedStatement update = statements.prepare(MOVE);
            update.setLong(1, move.fCntUp());
            update.setLong(2, move.heardAt().toEpochMilli());
            update.setInt(3, move.downlinks());
            update.setInt(4, move.applicationDownlinks());
            update.setInt(5, move.confFCnt());
            update.setObject(
                    6,
                    move.awaitedAck().isPresent() ? move.awaitedAck().getAsLong() : null,
                    Types.BIGINT);
            update.setLong(7, session.devEui().value());
            update.setInt(8, session.number());
            update.setLong(9, session.fCntUp().orElse(-1));
            update.setLong(10, session.nFCntDown());
            update.setLong(11, session.aFCntDown());
            moved[i] = update.executeUpdate() == 1;
            if (moved[i] && move.sent().isPresent()) {
                PreparedStatement sent = statements.prepare(FORGET_SENT);
                sent.setLong(1, session.devEui().value());
                sent.setLong(2, move.sent().get().seq());
                sent.executeUpdate();
            }
            if (moved[i] && session.fCntUp().isEmpty()) {
                PreparedStatement forget = statements.prepare(FORGET_EARLIER);
                forget.setLong(1, session.devEui().value());
                forget.setInt(2, session.number());
                forget.executeUpdate();
            }
        }
        return List.of(moved);
    }

    private static final String BY_ADDRESS =
            "SELECT * FROM network_session WHERE dev_addr = ? ORDER BY dev_eui, number";

    /** All sessions with this address: which of them a frame is of, its MIC tells. */
    List<DeviceSession> at(DevAddr devAddr) {
        return database.readPrepared(
                statements -> {
                    PreparedStatement query = statements.prepare(BY_ADDRESS);
                    query.setInt(1, devAddr.value());
                    List<DeviceSession> sessions = new ArrayList<>(1);
                    try (ResultSet row = query.executeQuery()) {
                        while (row.next()) {
                            sessions.add(read(row));
                        }
                    }
                    return sessions;
                });
    }

    private DeviceSession read(ResultSet row) throws SQLException {
        Eui64 devEui = new Eui64(row.getLong("dev_eui"));
        DevAddr devAddr = new DevAddr(row.getInt("dev_addr"));
        String context = context(devEui, devAddr);
        byte @Nullable [] appSKey = row.getBytes("app_s_key");
        OptionalLong lastUp = optionalLong(row, "f_cnt_up");
        long heardAt = row.getLong("heard_at");
        Optional<Instant> lastHeard =
                row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(heardAt));
        return new DeviceSession(
                devEui,
                row.getInt("number"),
                devAddr,
                new Eui64(row.getLong("join_eui")),
                MacVersion.parse(row.getString("mac_version")),
                keys(sealer.open(context + "network-keys", row.getBytes("network_keys"))),
                Optional.ofNullable(appSKey)
                        .map(key -> AesKey.of(sealer.open(context + "app-s-key", key))),
                Optional.ofNullable(row.getBytes("session_key_id")).map(Octets::of),
                row.getInt("rx_delay"),
                lastUp,
                lastHeard,
                row.getLong("n_f_cnt_down"),
                row.getLong("a_f_cnt_down"),
                row.getInt("conf_f_cnt"),
                optionalLong(row, "awaited_ack"));
    }

    private static OptionalLong optionalLong(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
    }

    private static final String AWAITED_BEFORE =
            """
            SELECT awaited_ack FROM network_session
            WHERE dev_eui = ? AND number < ? AND awaited_ack IS NOT NULL
            """;

    /** Of which downlinks of earlier sessions the device has told nothing. */
    List<Long> awaitedBefore(DeviceSession session) {
        return database.readPrepared(
                statements -> {
                    PreparedStatement query = statements.prepare(AWAITED_BEFORE);
                    query.setLong(1, session.devEui().value());
                    query.setInt(2, session.number());
                    List<Long> awaited = new ArrayList<>();
                    try (ResultSet row = query.executeQuery()) {
                        while (row.next()) {
                            awaited.add(row.getLong(1));
                        }
                    }
                    return awaited;
                });
    }

    private static final String SET_APP_S_KEY =
            "UPDATE network_session SET app_s_key = ? WHERE dev_eui = ? AND number = ?";

    /** Keeps the AppSKey that the Join Server gave later. */
    void keepAppSKey(DeviceSession session, AesKey appSKey) {
        byte[] sealed =
                sealer.seal(
                        context(session.devEui(), session.devAddr()) + "app-s-key",
                        appSKey.bytes());
        database.write(
                handle ->
                        handle.execute(
                                SET_APP_S_KEY, sealed, session.devEui().value(), session.number()));
    }

    private static byte[] bytes(NetworkSessionKeys keys) {
        return switch (keys) {
            case NetworkSessionKeys.R1_0 r -> r.nwkSKey().bytes();
            case NetworkSessionKeys.R1_1 r ->
                    ByteBuffer.allocate(3 * KEY)
                            .put(r.fNwkSIntKey().bytes())
                            .put(r.sNwkSIntKey().bytes())
                            .put(r.nwkSEncKey().bytes())
                            .array();
        };
    }

    private static NetworkSessionKeys keys(byte[] bytes) {
        if (bytes.length == KEY) {
            return new NetworkSessionKeys.R1_0(AesKey.of(bytes));
        }
        ByteBuffer keys = ByteBuffer.wrap(bytes);
        return new NetworkSessionKeys.R1_1(next(keys), next(keys), next(keys));
    }

    private static AesKey next(ByteBuffer keys) {
        byte[] key = new byte[KEY];
        keys.get(key);
        return AesKey.of(key);
    }
}
