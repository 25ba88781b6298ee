package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.Sealer;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/**
 * The devices that are there ({@link Provisioning} takes them in, {@link DeviceClaims} gives them
 * to owners).
 *
 * <p>A device is its owner's to change, and its maker's until it has an owner; to anybody else but
 * an administrator it is not there.
 */
public final class Devices {

    private static final int PAGE = 1000;

    private final Database database;
    private final Vault vault;
    private final Sealer sealer;
    private final Provisioning provisioning;
    private final AuditLog audit;

    Devices(Database database, Vault vault, Provisioning provisioning, AuditLog audit) {
        this.database = requireNonNull(database, "database");
        this.vault = requireNonNull(vault, "vault");
        this.sealer = vault.sealer();
        this.provisioning = requireNonNull(provisioning, "provisioning");
        this.audit = requireNonNull(audit, "audit");
    }

    public Optional<Device> find(Eui64 devEui) {
        return database.read(handle -> StoredDevice.find(handle, devEui)).map(StoredDevice::view);
    }

    /** The device, or {@link NotFound} with a sentence. */
    public Device get(Eui64 devEui) {
        return find(devEui).orElseThrow(() -> StoredDevice.notFound(devEui));
    }

    /** Which devices to list: those to which all of it applies. */
    public record Filter(
            Optional<OwnerId> maker, Optional<OwnerId> owner, Optional<Eui64> joinEui) {
        public static final Filter ALL =
                new Filter(Optional.empty(), Optional.empty(), Optional.empty());

        public Filter {
            requireNonNull(maker, "maker");
            requireNonNull(owner, "owner");
            requireNonNull(joinEui, "joinEui");
        }
    }

    /**
     * The next devices after one, at most so many, in the order of the database: DevEUIs as signed
     * numbers.
     */
    public List<Device> list(Filter filter, Optional<Eui64> after, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit " + limit + " is below 1");
        }
        StringBuilder sql = new StringBuilder("SELECT * FROM device WHERE 1 = 1");
        Map<String, Object> arguments = new HashMap<>();
        filter.maker()
                .ifPresent(
                        maker -> {
                            sql.append(" AND maker = :maker");
                            arguments.put("maker", maker.value());
                        });
        filter.owner()
                .ifPresent(
                        owner -> {
                            sql.append(" AND owner = :owner");
                            arguments.put("owner", owner.value());
                        });
        filter.joinEui()
                .ifPresent(
                        joinEui -> {
                            sql.append(" AND join_eui = :joinEui");
                            arguments.put("joinEui", joinEui.value());
                        });
        after.ifPresent(
                devEui -> {
                    sql.append(" AND dev_eui > :after");
                    arguments.put("after", devEui.value());
                });
        sql.append(" ORDER BY dev_eui LIMIT :limit");
        arguments.put("limit", limit);
        return database
                .read(
                        handle ->
                                handle.createQuery(sql)
                                        .bindMap(arguments)
                                        .map(StoredDevice::read)
                                        .list())
                .stream()
                .map(StoredDevice::view)
                .toList();
    }

    /**
     * Hands over all devices of a filter, in the order of {@link #list}, some at a time so that a
     * slow reader holds up nobody. Root keys, KEKs and owner tokens are not among what is known of
     * them.
     */
    public void export(Filter filter, Consumer<Device> consumer) {
        Optional<Eui64> after = Optional.empty();
        List<Device> page;
        do {
            page = list(filter, after, PAGE);
            page.forEach(consumer);
            after = page.isEmpty() ? after : Optional.of(page.getLast().devEui());
        } while (page.size() == PAGE);
    }

    /**
     * Changes a device. A join of it that was under way begins anew.
     *
     * @throws IllegalArgumentException if new root keys do not open, or are not those of the
     *     device's LoRaWAN version
     */
    public Change<Device> set(Principal actor, Eui64 devEui, DeviceChange change) {
        Optional<WrappedRootKeys> keys = change.rootKeys().map(given -> take(actor, devEui, given));
        Optional<StoredActivation> activation =
                change.activation()
                        .map(
                                to ->
                                        StoredActivation.seal(
                                                to.settings(),
                                                sealer,
                                                DeviceRow.kekContext(devEui)));
        return handle -> {
            StoredDevice.moveOn(handle, devEui);
            StoredDevice device = StoredDevice.forChange(handle, actor, devEui);
            keys.ifPresentOrElse(
                    given -> setRootKeys(handle, actor, device, change, given),
                    () ->
                            NewDevice.checkKeys(
                                    device.view().hasNwkKey(),
                                    device.view().hasAppKey(),
                                    change.macVersion()));
            change.joinEui()
                    .filter(joinEui -> !joinEui.equals(device.view().joinEui()))
                    .ifPresent(joinEui -> setJoinEui(handle, actor, device, joinEui));
            update(handle, device, change, activation);
            audited(handle, actor, "device.set", device, described(change, activation));
            return StoredDevice.get(handle, devEui).view();
        };
    }

    /** Whoever may not change the device does not learn which transport KEKs its maker has. */
    private WrappedRootKeys take(Principal actor, Eui64 devEui, GivenRootKeys given) {
        StoredDevice device =
                database.read(handle -> StoredDevice.forChange(handle, actor, devEui));
        return provisioning.take(device.view().maker(), devEui, given, device.rootKeys().label());
    }

    private static void update(
            Handle handle,
            StoredDevice stored,
            DeviceChange change,
            Optional<StoredActivation> sealedActivation) {
        Device device = stored.view();
        StoredActivation activation =
                change.activation().isPresent()
                        ? stored.activation()
                                .after(change.activation().get(), sealedActivation.orElseThrow())
                        : stored.activation();
        Optional<MacVersion> version = change.macVersion().or(device::macVersion);
        handle.createUpdate(
                        """
                        UPDATE device SET mac_version = :macVersion, home_net_id = :homeNetId,
                            home_ns_id = :homeNsId, as_id = :asId, kek_label = :kekLabel,
                            kek = :kek, app_s_key_in_clear = :inClear, roaming_net_ids = :roaming,
                            strict = :strict, resets_join_nonces = :resets, lifetime = :lifetime
                        WHERE dev_eui = :devEui
                        """)
                .bind("devEui", device.devEui().value())
                .bind("macVersion", version.map(MacVersion::text).orElse(null))
                .bindMap(activation.columns())
                .bind(
                        "roaming",
                        StoredDevice.roaming(change.roamingNetIds().orElse(device.roamingNetIds())))
                .bind("strict", change.strict().orElse(device.strict()) ? 1 : 0)
                .bind("resets", change.resetsJoinNonces().orElse(device.resetsJoinNonces()) ? 1 : 0)
                .bind("lifetime", change.lifetime().orElse(device.lifetime()))
                .execute();
    }

    private static void setRootKeys(
            Handle handle,
            Principal actor,
            StoredDevice device,
            DeviceChange change,
            WrappedRootKeys keys) {
        if (actor instanceof Principal.OwnerPrincipal && device.view().owner().isPresent()) {
            throw new Conflict(
                    "device "
                            + device.devEui()
                            + " is claimed: only an administrator changes its root keys now");
        }
        NewDevice.checkKeys(
                change.rootKeys().orElseThrow(), change.macVersion().or(device.view()::macVersion));
        handle.execute(
                "UPDATE device SET nwk_key = ?, app_key = ?, key_label = ? WHERE dev_eui = ?",
                keys.nwkKey().orElse(null),
                keys.appKey().orElse(null),
                keys.label().map(KeyLabel::value).orElse(null),
                device.devEui().value());
    }

    private static void setJoinEui(
            Handle handle, Principal actor, StoredDevice device, Eui64 joinEui) {
        OwnerId maker =
                JoinEuiRanges.makerOf(handle, joinEui)
                        .filter(
                                of ->
                                        actor instanceof Principal.Administrator
                                                || of.equals(device.view().maker()))
                        .orElseThrow(
                                () ->
                                        new Conflict(
                                                "JoinEUI "
                                                        + joinEui
                                                        + " is in no range of the device's"
                                                        + " maker"));
        FormerCounters.keep(handle, device.devEui());
        FormerCounters former =
                FormerCounters.take(handle, device.devEui(), joinEui).orElse(FormerCounters.NONE);
        handle.createUpdate(
                        """
                        UPDATE device SET join_eui = :joinEui, maker = :maker,
                            dev_nonce = :devNonce, used_dev_nonces = :usedDevNonces,
                            rj_count1 = :rjCount1
                        WHERE dev_eui = :devEui
                        """)
                .bind("devEui", device.devEui().value())
                .bind("joinEui", joinEui.value())
                .bind("maker", maker.value())
                .bindMap(former.columns())
                .execute();
    }

    private static Map<String, String> described(
            DeviceChange change, Optional<StoredActivation> activation) {
        Map<String, String> detail = new TreeMap<>();
        change.joinEui().ifPresent(joinEui -> detail.put("joinEui", joinEui.toString()));
        change.rootKeys().ifPresent(_ -> detail.put("rootKeys", "changed"));
        change.macVersion().ifPresent(version -> detail.put("macVersion", version.text()));
        change.activation()
                .ifPresent(
                        to -> {
                            detail.put("activation", "changed");
                            detail.put("asKek", to.keepAsKek() ? "kept" : "changed");
                        });
        activation.map(StoredActivation::described).ifPresent(detail::putAll);
        change.roamingNetIds()
                .ifPresent(netIds -> detail.put("roaming", StoredDevice.roaming(netIds)));
        change.strict().ifPresent(strict -> detail.put("strict", strict.toString()));
        change.resetsJoinNonces()
                .ifPresent(resets -> detail.put("resetsJoinNonces", resets.toString()));
        change.lifetime().ifPresent(lifetime -> detail.put("lifetime", lifetime.toString()));
        return detail;
    }

    /**
     * What became of some devices.
     *
     * @param rewrapped how many have their root keys under the wrapping key now and had not before
     * @param last the last one that was looked at; empty: there are no more
     */
    public record Rewrapped(int rewrapped, Optional<Eui64> last) {
        public Rewrapped {
            requireNonNull(last, "last");
        }
    }

    /**
     * Wraps root keys under this wrapping key of the vault that are under another one or sealed
     * only, of the next devices after one, in the order of {@link #list}. Joins go on meanwhile.
     *
     * @param actor an administrator
     * @param limit how many devices to do at most
     * @throws dev.usher.keys.VaultException if the vault cannot, as where the export of a former
     *     wrapping key was forbidden; none of these devices is changed
     */
    public Rewrapped rewrap(Principal actor, KeyLabel to, Optional<Eui64> after, int limit) {
        List<StoredDevice> devices =
                database.read(
                        handle ->
                                handle.createQuery(
                                                """
                                                SELECT * FROM device
                                                WHERE (key_label IS NULL OR key_label <> :label)
                                                    AND dev_eui > :after
                                                ORDER BY dev_eui LIMIT :limit
                                                """)
                                        .bind("label", to.value())
                                        .bind(
                                                "after",
                                                after.map(Eui64::value).orElse(Long.MIN_VALUE))
                                        .bind("limit", limit)
                                        .map(StoredDevice::read)
                                        .list());
        Map<StoredDevice, WrappedRootKeys> rewrapped = new LinkedHashMap<>();
        devices.forEach(
                device ->
                        rewrapped.put(device, device.rootKeys().under(to, device.devEui(), vault)));
        if (rewrapped.isEmpty()) {
            return new Rewrapped(0, Optional.empty());
        }
        int done = database.write(handle -> replace(handle, actor, to, rewrapped));
        return new Rewrapped(done, Optional.of(devices.getLast().devEui()));
    }

    private int replace(
            Handle handle,
            Principal actor,
            KeyLabel to,
            Map<StoredDevice, WrappedRootKeys> rewrapped) {
        int done = 0;
        for (Map.Entry<StoredDevice, WrappedRootKeys> entry : rewrapped.entrySet()) {
            WrappedRootKeys before = entry.getKey().rootKeys();
            WrappedRootKeys now = entry.getValue();
            // Sealed anew, the same key has other bytes: so they tell whether it was replaced.
            done +=
                    handle.execute(
                            """
                            UPDATE device SET nwk_key = ?, app_key = ?, key_label = ?
                            WHERE dev_eui = ? AND COALESCE(app_key, nwk_key) = ?
                            """,
                            now.nwkKey().orElse(null),
                            now.appKey().orElse(null),
                            to.value(),
                            entry.getKey().devEui().value(),
                            before.appKey().or(before::nwkKey).orElseThrow());
        }
        audit.append(
                handle,
                new AuditEvent(
                        actor,
                        "device.rewrap",
                        to.value(),
                        Optional.empty(),
                        Map.of("devices", String.valueOf(done))));
        return done;
    }

    /** Some device whose root keys are under this wrapping key, if there is one. */
    public Optional<Eui64> anyUnder(KeyLabel wrappingKey) {
        return database.read(
                handle ->
                        handle.createQuery("SELECT dev_eui FROM device WHERE key_label = ? LIMIT 1")
                                .bind(0, wrappingKey.value())
                                .mapTo(Long.class)
                                .findOne()
                                .map(Eui64::new));
    }

    /**
     * Forgets which DevNonces and RJcounts the device used under its JoinEUI, for one that lost its
     * memory. Its old join-requests can be replayed from then on, once each. The JoinNonce goes on
     * as it is.
     */
    public Change<Device> resetNonces(Principal actor, Eui64 devEui) {
        return handle -> {
            StoredDevice.moveOn(handle, devEui);
            StoredDevice device = StoredDevice.forChange(handle, actor, devEui);
            handle.execute(
                    """
                    UPDATE device SET dev_nonce = NULL, used_dev_nonces = NULL, rj_count1 = NULL
                    WHERE dev_eui = ?
                    """,
                    devEui.value());
            audited(handle, actor, "device.reset-nonces", device, Map.of());
            return StoredDevice.get(handle, devEui).view();
        };
    }

    /**
     * Deletes a device with its keys and sessions: for its maker until it has an owner, and for
     * administrators. What nonces it used is not forgotten, in case it is provisioned again.
     */
    public Change<Boolean> delete(Principal actor, Eui64 devEui) {
        return handle -> {
            StoredDevice.moveOn(handle, devEui);
            StoredDevice device = StoredDevice.forChange(handle, actor, devEui);
            if (actor instanceof Principal.OwnerPrincipal && device.view().owner().isPresent()) {
                throw new Conflict(
                        "device " + devEui + " is claimed: give it back instead of deleting it");
            }
            DeletedDevice.keep(handle, devEui);
            Session.deleteAll(handle, List.of(devEui));
            handle.execute("DELETE FROM device WHERE dev_eui = ?", devEui.value());
            audited(handle, actor, "device.delete", device, Map.of());
            return true;
        };
    }

    private void audited(
            Handle handle,
            Principal actor,
            String action,
            StoredDevice device,
            Map<String, String> detail) {
        audit.append(
                handle,
                new AuditEvent(
                        actor,
                        action,
                        device.devEui().toString(),
                        Optional.of(device.view().keeper()),
                        detail));
    }
}
