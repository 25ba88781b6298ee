package dev.usher.devices;

import dev.usher.accounts.OwnerId;
import dev.usher.backend.Octets;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.Sealer;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import dev.usher.store.Statements;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a join asks of one row of table {@code device}; {@link Device} is what others see of it.
 *
 * @param activation the device's own settings, and where they say nothing its owner's
 * @param lifetime of a session, in seconds; 0: without end
 * @param joinNonce the last one given out; 0: none
 * @param devNonce the last one of a device that counts them
 * @param usedDevNonces those of a device that draws them
 * @param rjCount1 the last one
 * @param sessionId its last session
 * @param sessionCount how many sessions it has had
 */
record DeviceRow(
        Eui64 devEui,
        Eui64 joinEui,
        Optional<OwnerId> owner,
        Optional<MacVersion> macVersion,
        WrappedRootKeys rootKeys,
        ActivationSettings activation,
        Set<NetId> roamingNetIds,
        boolean strict,
        boolean resetsJoinNonces,
        long lifetime,
        int joinNonce,
        OptionalInt devNonce,
        UsedDevNonces usedDevNonces,
        OptionalInt rjCount1,
        Optional<Octets> sessionId,
        int sessionCount) {

    /** More at a time are found by several queries; for fewer, the last is named again. */
    private static final int SQLITE_PER_QUERY = 16;

    // Read by place, not by name, which costs sqlite-jdbc more than the query.
    private static final String FIND =
            """
            SELECT d.join_eui, d.owner, d.mac_version, d.nwk_key, d.app_key, d.key_label,
                d.roaming_net_ids, d.strict, d.resets_join_nonces, d.lifetime, d.join_nonce,
                d.dev_nonce, d.used_dev_nonces, d.rj_count1, d.session_id, d.session_count,
                d.home_net_id, d.home_ns_id, d.as_id, d.kek_label, d.kek, d.app_s_key_in_clear,
                a.home_net_id, a.home_ns_id, a.as_id, a.kek_label, a.kek, a.app_s_key_in_clear,
                d.dev_eui
            FROM device d LEFT JOIN activation_settings a ON a.owner = d.owner
            WHERE d.dev_eui
            """;

    private static final String FIND_SOME =
            FIND + "IN (?" + ", ?".repeat(SQLITE_PER_QUERY - 1) + ")";
    private static final String FIND_ALL = FIND + "= ANY (?::int8[])";

    private static final int OWN_ACTIVATION = 17;
    private static final int OWNERS_ACTIVATION = 23;
    private static final int DEV_EUI = 29;

    static Optional<DeviceRow> find(Statements statements, Sealer sealer, Eui64 devEui)
            throws SQLException {
        return Optional.ofNullable(findAll(statements, sealer, List.of(devEui)).get(devEui));
    }

    /** Those of these devices that are known. */
    static Map<Eui64, DeviceRow> findAll(Statements statements, Sealer sealer, List<Eui64> devEuis)
            throws SQLException {
        Map<Eui64, DeviceRow> found = HashMap.newHashMap(devEuis.size());
        switch (statements.engine()) {
            case SQLITE -> {
                PreparedStatement find = statements.prepare(FIND_SOME);
                for (int from = 0; from < devEuis.size(); from += SQLITE_PER_QUERY) {
                    for (int i = 0; i < SQLITE_PER_QUERY; i++) {
                        int at = Math.min(from + i, devEuis.size() - 1);
                        find.setLong(i + 1, devEuis.get(at).value());
                    }
                    readAll(find, sealer, found);
                }
            }
            case POSTGRESQL -> {
                PreparedStatement find = statements.prepare(FIND_ALL);
                Object[] keys = devEuis.stream().map(Eui64::value).toArray(Long[]::new);
                find.setArray(1, find.getConnection().createArrayOf("int8", keys));
                readAll(find, sealer, found);
            }
        }
        return found;
    }

    private static void readAll(PreparedStatement find, Sealer sealer, Map<Eui64, DeviceRow> found)
            throws SQLException {
        try (ResultSet row = find.executeQuery()) {
            while (row.next()) {
                Eui64 devEui = new Eui64(row.getLong(DEV_EUI));
                found.put(devEui, read(devEui, row, sealer));
            }
        }
    }

    private static DeviceRow read(Eui64 devEui, ResultSet row, Sealer sealer) throws SQLException {
        Optional<OwnerId> owner = optionalLong(row, 2).map(OwnerId::new);
        ActivationSettings own = activation(row, OWN_ACTIVATION, kekContext(devEui), sealer);
        return new DeviceRow(
                devEui,
                new Eui64(row.getLong(1)),
                owner,
                Optional.ofNullable(row.getString(3)).map(MacVersion::parse),
                new WrappedRootKeys(
                        Optional.ofNullable(row.getBytes(4)),
                        Optional.ofNullable(row.getBytes(5)),
                        Optional.ofNullable(row.getString(6)).map(KeyLabel::new)),
                owner.isEmpty()
                        ? own
                        : own.or(
                                activation(
                                        row, OWNERS_ACTIVATION, kekContext(owner.get()), sealer)),
                netIds(row.getString(7)),
                row.getInt(8) != 0,
                row.getInt(9) != 0,
                row.getLong(10),
                row.getInt(11),
                optionalInt(row, 12),
                Optional.ofNullable(row.getBytes(13))
                        .map(UsedDevNonces::of)
                        .orElse(UsedDevNonces.NONE),
                optionalInt(row, 14),
                Optional.ofNullable(row.getBytes(15)).map(Octets::of),
                row.getInt(16));
    }

    /** The settings in the six columns that begin there. */
    private static ActivationSettings activation(
            ResultSet row, int at, String kekContext, Sealer sealer) throws SQLException {
        OptionalInt homeNetId = optionalInt(row, at);
        OptionalInt inClear = optionalInt(row, at + 5);
        byte @Nullable [] kek = row.getBytes(at + 4);
        return new ActivationSettings(
                homeNetId.isPresent()
                        ? Optional.of(new NetId(homeNetId.getAsInt()))
                        : Optional.empty(),
                optionalLong(row, at + 1).map(Eui64::new),
                Optional.ofNullable(row.getString(at + 2)),
                kek == null
                        ? Optional.empty()
                        : Optional.of(
                                new ActivationSettings.AsKek(
                                        row.getString(at + 3),
                                        Kek.of(sealer.open(kekContext, kek)))),
                inClear.isPresent() ? Optional.of(inClear.getAsInt() != 0) : Optional.empty());
    }

    /** What a device's own sealed KEK is bound to. */
    static String kekContext(Eui64 devEui) {
        return "device/" + devEui + "/as-kek";
    }

    /** What the sealed KEK of an owner's settings is bound to. */
    static String kekContext(OwnerId owner) {
        return "owner/" + owner + "/as-kek";
    }

    static Set<NetId> netIds(String column) {
        return column.isEmpty()
                ? Set.of()
                : Arrays.stream(column.split(",", -1))
                        .map(NetId::parse)
                        .collect(Collectors.toUnmodifiableSet());
    }

    private static OptionalInt optionalInt(ResultSet row, int column) throws SQLException {
        int value = row.getInt(column);
        return row.wasNull() ? OptionalInt.empty() : OptionalInt.of(value);
    }

    private static Optional<Long> optionalLong(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(value);
    }
}
