package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Access;
import dev.usher.accounts.AccountId;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Collaborator;
import dev.usher.accounts.Collaborators;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.Entity;
import dev.usher.accounts.EuiRows;
import dev.usher.accounts.MissingRight;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.Organization;
import dev.usher.accounts.Principal;
import dev.usher.accounts.Right;
import dev.usher.accounts.Rights;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * The devices that this network serves. What somebody has no right on looks to them as if it were
 * not there.
 */
public final class NetworkDevices {

    private static final String BY_EUI = "SELECT * FROM network_device WHERE dev_eui = ?";

    private final Database database;
    private final Function<Eui64, Optional<KnownDevice>> known;
    private final AuditLog audit;
    private final InstantSource clock;

    /**
     * Makes the devices of a network.
     *
     * @param known what this house's own Join Server knows of a device
     */
    public NetworkDevices(
            Database database,
            Function<Eui64, Optional<KnownDevice>> known,
            AuditLog audit,
            InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.known = requireNonNull(known, "known");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Takes a device in, for whoever names it first. One that this house's own Join Server knows is
     * served for the organization that has claimed it there and, but for administrators, for nobody
     * else; from somebody it was served for before, that organization takes it.
     *
     * @param collaborator who may do everything with it: the caller itself, if empty. An
     *     administrator's is nobody's then: administrators alone may see it.
     * @throws MissingRight if it is to be claimed first; it does not say who has, if anybody
     * @throws Conflict if the network serves it already; it does not say for whom
     */
    public Change<NetworkDevice> create(
            Caller actor,
            Optional<AccountId> collaborator,
            Eui64 devEui,
            Eui64 joinEui,
            String name,
            MacVersion macVersion) {
        Optional<AccountId> holder = collaborator.or(actor::account);
        NetworkDevice device =
                new NetworkDevice(
                        devEui, joinEui, name, macVersion, Instant.ofEpochMilli(clock.millis()));
        // Looked up on the caller's thread, so that it holds up no other change.
        Optional<KnownDevice> atHome = known.apply(devEui);
        return handle -> {
            if (holder.isPresent()) {
                Access.requireDeviceCreation(handle, actor, holder.get());
            } else {
                Access.requireAdministrator(actor);
            }
            boolean isClaimed = atHome.isPresent() && hasClaimed(handle, holder, atHome.get());
            if (atHome.isPresent() && !isClaimed && !(actor instanceof Principal.Administrator)) {
                throw new MissingRight(
                        "device "
                                + devEui
                                + " has its keys at this house's Join Server: claim it there first,"
                                + " with its owner token, and have it served for the organization"
                                + " that has claimed it");
            }
            if (find(handle, devEui).isPresent()) {
                if (!isClaimed || isHeld(handle, device.entity(), holder)) {
                    throw new Conflict("device " + devEui + " is served already");
                }
                remove(handle, device.entity(), devEui);
                note(handle, actor, "network-device.take", devEui, Map.of());
            }
            handle.execute(
                    "INSERT INTO network_device (dev_eui, join_eui, name, mac_version, created_at)"
                            + " VALUES (?, ?, ?, ?, ?)",
                    devEui.value(),
                    joinEui.value(),
                    name,
                    macVersion.text(),
                    device.createdAt().toEpochMilli());
            holder.ifPresent(
                    account ->
                            Collaborators.put(
                                    handle,
                                    device.entity(),
                                    account,
                                    Rights.allOn(Entity.Kind.DEVICE)));
            note(
                    handle,
                    actor,
                    "network-device.create",
                    devEui,
                    holder.map(account -> Map.of("collaborator", account.value()))
                            .orElseGet(Map::of));
            return device;
        };
    }

    private static boolean hasClaimed(
            Handle handle, Optional<AccountId> holder, KnownDevice device) {
        return device.owner().isPresent()
                && holder.flatMap(account -> Accounts.find(handle, account))
                        .filter(
                                account ->
                                        account instanceof Organization organization
                                                && organization.owner().equals(device.owner()))
                        .isPresent();
    }

    /**
     * Whether somebody has claimed the device at this house's Join Server since it is served here
     * for others: they had it before, and are to learn nothing of what it says from now on. What
     * administrators have served for nobody is not in question.
     */
    boolean isClaimedFromHolders(NetworkDevice device) {
        Optional<KnownDevice> claimed =
                known.apply(device.devEui())
                        .filter(
                                now ->
                                        now.claimedAt()
                                                .filter(device.createdAt()::isBefore)
                                                .isPresent());
        return claimed.isPresent()
                && database.read(handle -> isHeldByOthers(handle, device, claimed.get()));
    }

    private static boolean isHeldByOthers(Handle handle, NetworkDevice device, KnownDevice now) {
        List<AccountId> holders =
                Collaborators.list(handle, device.entity()).stream()
                        .map(Collaborator::account)
                        .toList();
        return !holders.isEmpty()
                && holders.stream().noneMatch(one -> hasClaimed(handle, Optional.of(one), now));
    }

    private static boolean isHeld(Handle handle, Entity device, Optional<AccountId> holder) {
        return Collaborators.list(handle, device).stream()
                .anyMatch(one -> holder.filter(one.account()::equals).isPresent());
    }

    /**
     * Lets go of a device, its sessions, its keys and everybody's rights on it; fails with {@link
     * NotFound} if there is none, or the caller may not know of it.
     */
    public Change<NetworkDevice> delete(Caller actor, Eui64 devEui) {
        return handle -> {
            NetworkDevice device = require(handle, actor, devEui, Right.APPLICATION_DEVICES_WRITE);
            remove(handle, device.entity(), devEui);
            note(handle, actor, "network-device.delete", devEui, Map.of());
            return device;
        };
    }

    private static void remove(Handle handle, Entity device, Eui64 devEui) {
        for (String table : List.of("network_downlink", "network_session", "network_device")) {
            handle.execute("DELETE FROM " + table + " WHERE dev_eui = ?", devEui.value());
        }
        Accounts.forget(handle, device);
    }

    private void note(
            Handle handle, Caller actor, String action, Eui64 devEui, Map<String, String> detail) {
        audit.append(
                handle, new AuditEvent(actor, action, devEui.toString(), Optional.empty(), detail));
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

    /** The device, or {@link NotFound} where the caller may not see it. */
    public NetworkDevice get(Caller caller, Eui64 devEui) {
        return database.read(
                handle -> require(handle, caller, devEui, Right.APPLICATION_DEVICES_READ));
    }

    /** What there are rights on; fails with {@link NotFound} where the caller has none at all. */
    public Entity entity(Caller caller, Eui64 devEui) {
        return database.read(handle -> require(handle, caller, devEui).entity());
    }

    /**
     * The device, for those who have these rights on it.
     *
     * @throws NotFound if there is none, or the caller has no right on it at all
     */
    static NetworkDevice require(Handle handle, Caller caller, Eui64 devEui, Right... needed) {
        Access.require(handle, caller, Entity.device(devEui), needed);
        return get(handle, devEui);
    }

    /**
     * Since when somebody, if there is such a one, is told what this device says: since it is
     * served for who has it now. Empty if they are not.
     */
    public Optional<Instant> readableSince(
            Function<Handle, Optional<? extends Caller>> somebody, Eui64 devEui) {
        return database.read(
                handle ->
                        somebody.apply(handle)
                                .map(caller -> Access.of(handle, caller, Entity.device(devEui)))
                                .filter(rights -> rights.includes(Right.APPLICATION_TRAFFIC_READ))
                                .flatMap(_ -> find(handle, devEui))
                                .map(NetworkDevice::createdAt));
    }

    /**
     * The next devices, always in the same order: those of an account, or all that the caller may
     * see.
     *
     * @param after the last of the page before
     */
    public List<NetworkDevice> list(
            Caller caller, Optional<AccountId> collaborator, Optional<Eui64> after, int limit) {
        return database.read(
                handle -> {
                    collaborator.ifPresent(
                            account -> Access.requireDeviceList(handle, caller, account));
                    return collaborator.isEmpty() && caller instanceof Principal.Administrator
                            ? list(handle, after, limit)
                            : listSeen(handle, caller, collaborator, after, limit);
                });
    }

    private static List<NetworkDevice> list(Handle handle, Optional<Eui64> after, int limit) {
        return handle.createQuery(
                        "SELECT * FROM network_device WHERE dev_eui > :after ORDER BY dev_eui LIMIT"
                                + " :limit")
                .bind("after", after.map(Eui64::value).orElse(Long.MIN_VALUE))
                .bind("limit", limit)
                .map((row, _) -> read(row))
                .list();
    }

    private static List<NetworkDevice> listSeen(
            Handle handle,
            Caller caller,
            Optional<AccountId> collaborator,
            Optional<Eui64> after,
            int limit) {
        List<Eui64> page =
                Access.seen(
                                handle,
                                caller,
                                collaborator,
                                Entity.Kind.DEVICE,
                                Right.APPLICATION_DEVICES_READ,
                                after.map(Eui64::toString).orElse(""),
                                limit)
                        .stream()
                        .map(Eui64::parse)
                        .toList();
        Map<Eui64, NetworkDevice> devices = new HashMap<>();
        EuiRows.read(
                handle,
                "SELECT * FROM network_device WHERE dev_eui IN (<euis>)",
                Map.of(),
                page,
                (row, _) -> read(row),
                device -> devices.put(device.devEui(), device));
        return page.stream().map(devices::get).filter(Objects::nonNull).toList();
    }

    static NetworkDevice get(Handle handle, Eui64 devEui) {
        return find(handle, devEui).orElseThrow(() -> Entity.device(devEui).notFound());
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
}
