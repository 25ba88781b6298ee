package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.Principal;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The devices that this network serves. */
public final class NetworkDevices {

    private static final String BY_EUI = "SELECT * FROM network_device WHERE dev_eui = ?";

    private final Database database;
    private final AuditLog audit;
    private final InstantSource clock;

    NetworkDevices(Database database, AuditLog audit, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
    }

    /** Takes a device in; fails with {@link Conflict} if the network serves it already. */
    public Change<NetworkDevice> create(
            Principal actor, Eui64 devEui, Eui64 joinEui, String name, MacVersion macVersion) {
        NetworkDevice device =
                new NetworkDevice(
                        devEui, joinEui, name, macVersion, Instant.ofEpochMilli(clock.millis()));
        return handle -> {
            if (find(handle, devEui).isPresent()) {
                throw new Conflict("device " + devEui + " is served already");
            }
            handle.execute(
                    "INSERT INTO network_device (dev_eui, join_eui, name, mac_version, created_at)"
                            + " VALUES (?, ?, ?, ?, ?)",
                    devEui.value(),
                    joinEui.value(),
                    name,
                    macVersion.text(),
                    device.createdAt().toEpochMilli());
            note(handle, actor, "network-device.create", devEui);
            return device;
        };
    }

    /** Lets go of a device and its sessions; fails with {@link NotFound} if there is none. */
    public Change<NetworkDevice> delete(Principal actor, Eui64 devEui) {
        return handle -> {
            NetworkDevice device = get(handle, devEui);
            for (String table : List.of("network_downlink", "network_session", "network_device")) {
                handle.execute("DELETE FROM " + table + " WHERE dev_eui = ?", devEui.value());
            }
            note(handle, actor, "network-device.delete", devEui);
            return device;
        };
    }

    private void note(Handle handle, Principal actor, String action, Eui64 devEui) {
        audit.append(
                handle,
                new AuditEvent(actor, action, devEui.toString(), Optional.empty(), Map.of()));
    }

    public Optional<NetworkDevice> find(Eui64 devEui) {
        return database.readPrepared(
                statements -> {
                    PreparedStatement query = statements.prepare(BY_EUI);
                    query.setLong(1, devEui.value());
                    try (ResultSet row = query.executeQuery()) {
                        return row.next() ? Optional.of(read(row)) : Optional.empty();
                    }
                });
    }

    /** Fails with {@link NotFound} if the network does not serve it. */
    public NetworkDevice get(Eui64 devEui) {
        return find(devEui).orElseThrow(() -> notFound(devEui));
    }

    /** In the order of their DevEUIs as signed numbers. */
    public List<NetworkDevice> list(Optional<Eui64> after, int limit) {
        return database.read(
                handle ->
                        handle.createQuery(
                                        "SELECT * FROM network_device WHERE dev_eui > :after ORDER"
                                                + " BY dev_eui LIMIT :limit")
                                .bind("after", after.map(Eui64::value).orElse(Long.MIN_VALUE))
                                .bind("limit", limit)
                                .map((row, _) -> read(row))
                                .list());
    }

    static NetworkDevice get(Handle handle, Eui64 devEui) {
        return find(handle, devEui).orElseThrow(() -> notFound(devEui));
    }

    private static Optional<NetworkDevice> find(Handle handle, Eui64 devEui) {
        return handle.createQuery(BY_EUI)
                .bind(0, devEui.value())
                .map((row, _) -> read(row))
                .findOne();
    }

    private static NetworkDevice read(ResultSet row) throws SQLException {
        return new NetworkDevice(
                new Eui64(row.getLong("dev_eui")),
                new Eui64(row.getLong("join_eui")),
                row.getString("name"),
                MacVersion.parse(row.getString("mac_version")),
                Instant.ofEpochMilli(row.getLong("created_at")));
    }

    private static NotFound notFound(Eui64 devEui) {
        return new NotFound("device " + devEui + " is not served by this network");
    }
}
