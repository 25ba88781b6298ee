package dev.usher.devices;

import dev.usher.accounts.Conflict;
import dev.usher.accounts.EuiRows;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.keys.KeyLabel;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** A whole row of table {@code device}, with what {@link Device} does not show. */
record StoredDevice(
        Device view,
        WrappedRootKeys rootKeys,
        Optional<byte[]> tokenHash,
        StoredActivation activation) {

    /**
     * Moves the JoinNonce on, so that a join which was computed before is computed anew; it comes
     * first in a change and keeps joins of the device out until the change is done. Where the
     * JoinNonces are used up, there is no join to be kept out.
     */
    static final String JOIN_NONCE_MOVED_ON =
            "join_nonce = join_nonce + CASE WHEN join_nonce < "
                    + NonceLedger.LAST_JOIN_NONCE
                    + " THEN 1 ELSE 0 END";

    Eui64 devEui() {
        return view.devEui();
    }

    boolean isOwnedBy(OwnerId candidate) {
        return view.owner().filter(candidate::equals).isPresent();
    }

    static Optional<StoredDevice> find(Handle handle, Eui64 devEui) {
        return handle.createQuery("SELECT * FROM device WHERE dev_eui = ?")
                .bind(0, devEui.value())
                .map(StoredDevice::read)
                .findOne();
    }

    /** The device, or {@link NotFound} with a sentence. */
    static StoredDevice get(Handle handle, Eui64 devEui) {
        return find(handle, devEui).orElseThrow(() -> notFound(devEui));
    }

    static Map<Eui64, StoredDevice> findAll(Handle handle, Collection<Eui64> devEuis) {
        Map<Eui64, StoredDevice> found = HashMap.newHashMap(devEuis.size());
        EuiRows.read(
                handle,
                "SELECT * FROM device WHERE dev_eui IN (<euis>)",
                Map.of(),
                devEuis,
                StoredDevice::read,
                device -> found.put(device.devEui(), device));
        return found;
    }

    /**
     * The device, for whoever may change it: its owner, its maker until it has one, an
     * administrator.
     *
     * @throws NotFound to a stranger, as if the device were not there
     * @throws Conflict to its maker, once it is claimed
     */
    static StoredDevice forChange(Handle handle, Principal actor, Eui64 devEui) {
        StoredDevice device = get(handle, devEui);
        if (actor instanceof Principal.OwnerPrincipal(OwnerId id, _)
                && !device.view.keeper().equals(id)) {
            if (device.view.maker().equals(id)) {
                throw new Conflict(
                        "device "
                                + devEui
                                + " is claimed: only its owner changes it, or its owner gives it"
                                + " back first");
            }
            throw notFound(devEui);
        }
        return device;
    }

    static NotFound notFound(Eui64 devEui) {
        return new NotFound("there is no device " + devEui);
    }

    /** Keeps joins of the device out until the change is done, and makes them begin anew. */
    static void moveOn(Handle handle, Eui64 devEui) {
        handle.execute(
                "UPDATE device SET " + JOIN_NONCE_MOVED_ON + " WHERE dev_eui = ?", devEui.value());
    }

    /** As the column has it. */
    static String roaming(Set<NetId> netIds) {
        return netIds.stream().map(NetId::toString).sorted().collect(Collectors.joining(","));
    }

    static StoredDevice read(ResultSet row, StatementContext context) throws SQLException {
        WrappedRootKeys rootKeys =
                new WrappedRootKeys(
                        Optional.ofNullable(row.getBytes("nwk_key")),
                        Optional.ofNullable(row.getBytes("app_key")),
                        Optional.ofNullable(row.getString("key_label")).map(KeyLabel::new));
        Optional<byte[]> tokenHash = Optional.ofNullable(row.getBytes("token_hash"));
        StoredActivation activation = StoredActivation.read(row);
        long owner = row.getLong("owner");
        Optional<OwnerId> claimedBy =
                row.wasNull() ? Optional.empty() : Optional.of(new OwnerId(owner));
        long claimedAt = row.getLong("claimed_at");
        Optional<Instant> claimed =
                row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(claimedAt));
        boolean locked = row.getInt("locked") != 0;
        return new StoredDevice(
                new Device(
                        new Eui64(row.getLong("dev_eui")),
                        new Eui64(row.getLong("join_eui")),
                        new OwnerId(row.getLong("maker")),
                        claimedBy,
                        Optional.ofNullable(row.getString("mac_version")).map(MacVersion::parse),
                        Optional.ofNullable(row.getString("profile_id")),
                        Optional.ofNullable(row.getString("serial_number")),
                        rootKeys.nwkKey().isPresent(),
                        rootKeys.appKey().isPresent(),
                        tokenHash.isPresent() && !(claimedBy.isPresent() && locked),
                        locked,
                        activation.view(),
                        DeviceRow.netIds(row.getString("roaming_net_ids")),
                        row.getInt("strict") != 0,
                        row.getInt("resets_join_nonces") != 0,
                        row.getLong("lifetime"),
                        row.getInt("join_nonce"),
                        count(row, "dev_nonce"),
                        count(row, "rj_count1"),
                        Instant.ofEpochMilli(row.getLong("created_at")),
                        claimed,
                        rootKeys.label()),
                rootKeys,
                tokenHash,
                activation);
    }

    private static OptionalInt count(ResultSet row, String column) throws SQLException {
        int count = row.getInt(column);
        return row.wasNull() ? OptionalInt.empty() : OptionalInt.of(count);
    }

    @Override
    public String toString() {
        return "StoredDevice[" + devEui() + "]";
    }
}
