package dev.usher.devices;

import dev.usher.lorawan.Eui64;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What a device had used up under a JoinEUI it had before: it goes on from there when it comes back
 * to it, so that no nonce is ever accepted twice.
 *
 * @param columns by the names of the parameters they are bound to
 */
record FormerCounters(Map<String, @Nullable Object> columns) {

    /** Nothing used up yet. */
    static final FormerCounters NONE = of(null, null, null);

    private static FormerCounters of(
            @Nullable Integer devNonce,
            byte @Nullable [] usedDevNonces,
            @Nullable Integer rjCount1) {
        Map<String, @Nullable Object> columns = new HashMap<>();
        columns.put("devNonce", devNonce);
        columns.put("usedDevNonces", usedDevNonces);
        columns.put("rjCount1", rjCount1);
        return new FormerCounters(columns);
    }

    /** The counters that a device had under a JoinEUI which it is about to get again. */
    static Optional<FormerCounters> take(Handle handle, Eui64 devEui, Eui64 joinEui) {
        Optional<FormerCounters> former =
                handle.createQuery(
                                "SELECT * FROM former_join_eui WHERE dev_eui = ? AND join_eui = ?")
                        .bind(0, devEui.value())
                        .bind(1, joinEui.value())
                        .map(
                                (row, _) ->
                                        of(
                                                count(row, "dev_nonce"),
                                                row.getBytes("used_dev_nonces"),
                                                count(row, "rj_count1")))
                        .findOne();
        handle.execute(
                "DELETE FROM former_join_eui WHERE dev_eui = ? AND join_eui = ?",
                devEui.value(),
                joinEui.value());
        return former;
    }

    private static @Nullable Integer count(ResultSet row, String column) throws SQLException {
        int count = row.getInt(column);
        return row.wasNull() ? null : count;
    }

    /** Keeps the counters of a device that loses its JoinEUI; joins of it are kept out. */
    static void keep(Handle handle, Eui64 devEui) {
        handle.execute(
                """
                INSERT INTO former_join_eui
                    (dev_eui, join_eui, dev_nonce, used_dev_nonces, rj_count1)
                SELECT dev_eui, join_eui, dev_nonce, used_dev_nonces, rj_count1
                FROM device WHERE dev_eui = ?
                """,
                devEui.value());
    }
}
