package dev.usher.devices;

import dev.usher.backend.Octets;
import dev.usher.keys.Sealer;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.NetId;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A session as stored: what its AppSKey can be asked for with, the keys sealed.
 *
 * @param id the SessionKeyID, 16 bytes: the time in milliseconds (6) and random ones
 * @param number how many sessions the device had with this one
 * @param previous the session before this one
 * @param origin how the device asked for it
 * @param appSKey sealed
 * @param sNwkSIntKey sealed; of LoRaWAN 1.1, it protects rejoin-requests of type 0 and 2
 * @param rjCount0 the last one of the session
 */
record Session(
        Octets id,
        Eui64 devEui,
        int number,
        Optional<Octets> previous,
        Origin origin,
        int joinNonce,
        Instant createdAt,
        Optional<Instant> expiresAt,
        NetId netId,
        DevAddr devAddr,
        byte[] appSKey,
        Optional<byte[]> sNwkSIntKey,
        OptionalInt rjCount0) {

    /** How many sessions of a device are kept. */
    static final int KEPT = 10;

    private static final int PER_QUERY = 500;
    private static final int ID_BYTES = 16;
    private static final int TIME_BYTES = 6;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * How the device asked for a session, which tells in which one it was until then, and still is
     * if it did not hear the answer.
     */
    sealed interface Origin {

        /** By a join-request: it was in none any more. */
        record Joined() implements Origin {}

        /**
         * By a rejoin-request.
         *
         * @param from the session whose key made its MIC; empty: that was not to be told
         */
        record Rejoined(Optional<Octets> from) implements Origin {}

        static Origin of(NonceLedger.Use use) {
            return switch (use) {
                case NonceLedger.Use.Counted _, NonceLedger.Use.Drawn _ -> new Joined();
                case NonceLedger.Use.RjCount1 _ -> new Rejoined(Optional.empty());
                case NonceLedger.Use.RjCount0(Optional<Octets> session, _) -> new Rejoined(session);
            };
        }

        /** As in column {@code rejoined_from}: no bytes where the session was not to be told. */
        default byte @Nullable [] column() {
            return switch (this) {
                case Joined() -> null;
                case Rejoined(Optional<Octets> from) -> from.map(Octets::bytes).orElse(UNTOLD);
            };
        }

        private static Origin read(byte @Nullable [] column) {
            return column == null
                    ? new Joined()
                    : new Rejoined(
                            column.length == 0 ? Optional.empty() : Optional.of(Octets.of(column)));
        }
    }

    private static final byte[] UNTOLD = {};

    /** A SessionKeyID that nobody has had. */
    static Octets newId(Instant now) {
        byte[] random = new byte[ID_BYTES - TIME_BYTES];
        RANDOM.nextBytes(random);
        return Octets.of(
                ByteBuffer.allocate(ID_BYTES)
                        .putLong(now.toEpochMilli() << (8 * (Long.BYTES - TIME_BYTES)))
                        .position(TIME_BYTES)
                        .put(random)
                        .array());
    }

    /** Whether it is one of the last of its device, and has not expired. */
    boolean isAlive(DeviceRow device, Instant now) {
        return devEui.equals(device.devEui())
                && number > device.sessionCount() - KEPT
                && expiresAt.filter(end -> !now.isBefore(end)).isEmpty();
    }

    AesKey openAppSKey(Sealer sealer) {
        return AesKey.of(sealer.open(context(devEui, joinNonce, "app-s-key"), appSKey));
    }

    Optional<AesKey> openSNwkSIntKey(Sealer sealer) {
        return sNwkSIntKey.map(
                key -> AesKey.of(sealer.open(context(devEui, joinNonce, "s-nwk-s-int-key"), key)));
    }

    static byte[] seal(Sealer sealer, Eui64 devEui, int joinNonce, String which, AesKey key) {
        return sealer.seal(context(devEui, joinNonce, which), key.bytes());
    }

    private static String context(Eui64 devEui, int joinNonce, String which) {
        return "device/" + devEui + "/session/" + joinNonce + "/" + which;
    }

    static Optional<Session> find(Handle handle, Octets id) {
        return handle.createQuery("SELECT * FROM device_session WHERE id = ?")
                .bind(0, id.bytes())
                .map((row, _) -> read(row))
                .findOne();
    }

    /**
     * From the last session of devices back to the oldest that is kept, and the sessions that any
     * of them was asked for from.
     */
    private static final String KNOWN =
            """
            WITH RECURSIVE chain (id, previous, rejoined_from, place) AS (
                SELECT s.id, s.previous, s.rejoined_from, 1
                FROM device d JOIN device_session s ON s.id = d.session_id
                WHERE d.dev_eui IN (<euis>)
                UNION ALL
                SELECT s.id, s.previous, s.rejoined_from, c.place + 1
                FROM chain c JOIN device_session s ON s.id = c.previous WHERE c.place < %d
            ),
            known (id) AS (SELECT id FROM chain UNION SELECT rejoined_from FROM chain)
            """
                    .formatted(KEPT);

    /**
     * Sessions of a device.
     *
     * @param sessions the newest first
     * @param areAll whether the device can be in none but these
     */
    record Known(List<Session> sessions, boolean areAll) {}

    /** The sessions of a device that are still known. */
    static Known known(Handle handle, DeviceRow device) {
        List<Session> sessions =
                handle.createQuery(
                                KNOWN
                                        + "SELECT s.* FROM known k JOIN device_session s ON s.id ="
                                        + " k.id ORDER BY s.number DESC")
                        .bindList("euis", List.of(device.devEui().value()))
                        .map((row, _) -> read(row))
                        .list();
        return new Known(sessions, areAll(sessions, device.sessionCount()));
    }

    /**
     * Going back from the last session, the device may be in each one until there is one that tells
     * in which it was before.
     */
    private static boolean areAll(List<Session> known, int sessionCount) {
        Map<Octets, Session> byId =
                known.stream().collect(Collectors.toMap(Session::id, Function.identity()));
        int number = sessionCount;
        for (Session session : known) {
            if (session.number() != number) {
                return false;
            }
            switch (session.origin()) {
                case Origin.Joined() -> {
                    return true;
                }
                case Origin.Rejoined(Optional<Octets> from) -> {
                    if (from.filter(byId::containsKey).isPresent()) {
                        return true;
                    }
                }
            }
            number--;
        }
        return number == 0;
    }

    /** Forgets all sessions of devices that are still there. */
    static void deleteAll(Handle handle, Collection<Eui64> devEuis) {
        List<Long> ids = devEuis.stream().map(Eui64::value).toList();
        for (int from = 0; from < ids.size(); from += PER_QUERY) {
            handle.createUpdate(
                            KNOWN
                                    + "DELETE FROM device_session WHERE id IN (SELECT id FROM"
                                    + " known)")
                    .bindList("euis", ids.subList(from, Math.min(ids.size(), from + PER_QUERY)))
                    .execute();
        }
    }

    private static Session read(ResultSet row) throws SQLException {
        long expiresAt = row.getLong("expires_at");
        Optional<Instant> expiry =
                row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(expiresAt));
        byte @Nullable [] previous = row.getBytes("previous");
        byte @Nullable [] sNwkSIntKey = row.getBytes("s_nwk_s_int_key");
        int rjCount0 = row.getInt("rj_count0");
        OptionalInt lastRjCount0 = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(rjCount0);
        return new Session(
                Octets.of(row.getBytes("id")),
                new Eui64(row.getLong("dev_eui")),
                row.getInt("number"),
                Optional.ofNullable(previous).map(Octets::of),
                Origin.read(row.getBytes("rejoined_from")),
                row.getInt("join_nonce"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                expiry,
                new NetId(row.getInt("net_id")),
                new DevAddr(row.getInt("dev_addr")),
                row.getBytes("app_s_key"),
                Optional.ofNullable(sNwkSIntKey),
                lastRjCount0);
    }

    @Override
    public String toString() {
        return "Session[" + devEui + " " + id + "]";
    }
}
