package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.Sealer;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Gatherers;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/**
 * Takes in the devices of makers, one or a million.
 *
 * <p>A maker provisions devices under its own JoinEUIs ({@link JoinEuiRanges}), an administrator
 * under anybody's. The same device again has no effect, so an interrupted import is simply
 * repeated; a device that differs from the one that is there is refused.
 */
public final class Provisioning {

    /** How many devices share a change: few enough that joins hardly wait for it. */
    static final int AT_ONCE = 500;

    private static final String EXISTS =
            "the DevEUI is taken: a device of another maker is provisioned with it";

    private final Database database;
    private final Vault vault;
    private final Sealer sealer;
    private final Optional<KeyLabel> wrappingKey;
    private final OwnerTokens tokens;
    private final TransportKeks keks;
    private final AuditLog audit;
    private final InstantSource clock;

    /**
     * @param wrappingKey what the root keys are wrapped under of devices that name none
     */
    Provisioning(
            Database database,
            Vault vault,
            Optional<KeyLabel> wrappingKey,
            OwnerTokens tokens,
            TransportKeks keks,
            AuditLog audit,
            InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.vault = requireNonNull(vault, "vault");
        this.sealer = vault.sealer();
        this.wrappingKey = requireNonNull(wrappingKey, "wrappingKey");
        this.tokens = requireNonNull(tokens, "tokens");
        this.keks = requireNonNull(keks, "keks");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Provisions any number of devices, some hundreds in each change. What {@code progress} was
     * told is durable; after an interruption, provision all of them again.
     *
     * @param dryRun checks everything and provisions nothing
     * @param progress is told what became of the next devices, in their order
     * @throws dev.usher.store.StoreException if the database cannot be reached
     */
    public void provisionAll(
            Principal actor,
            Stream<NewDevice> devices,
            boolean dryRun,
            Consumer<List<ProvisionResult>> progress) {
        // The next ones are made ready while these are written.
        devices.gather(Gatherers.windowFixed(AT_ONCE))
                .gather(Gatherers.mapConcurrent(2, some -> provision(actor, some, dryRun)))
                .forEachOrdered(change -> progress.accept(database.write(change)));
    }

    /**
     * Provisions devices, each on its own, in one change.
     *
     * @param dryRun checks everything and provisions nothing
     */
    public Change<List<ProvisionResult>> provision(
            Principal actor, List<NewDevice> devices, boolean dryRun) {
        // Keys are sealed and tokens hashed here, on the caller's thread, so that it holds up no
        // other change.
        List<JoinEuiRanges.Assigned> ranges = database.read(JoinEuiRanges::list);
        Map<Eui64, Optional<KeyLabel>> labels = labels(devices);
        RootKeyDelivery delivery = new RootKeyDelivery(vault, keks);
        List<Prepared> prepared =
                devices.stream()
                        .map(
                                device -> {
                                    Optional<KeyLabel> label =
                                            labels.getOrDefault(device.devEui(), policy(device));
                                    return prepare(actor, device, ranges, delivery, label);
                                })
                        .toList();
        return handle -> apply(handle, actor, prepared, dryRun);
    }

    private Optional<KeyLabel> policy(NewDevice device) {
        return device.wrappingKey().or(() -> wrappingKey);
    }

    /**
     * What the root keys are under of those devices that are there already. Given once more, they
     * are wrapped alike, so that they can be compared without being used.
     */
    private Map<Eui64, Optional<KeyLabel>> labels(List<NewDevice> devices) {
        if (devices.stream().allMatch(device -> policy(device).isEmpty())) {
            return Map.of();
        }
        List<Eui64> devEuis = devices.stream().map(NewDevice::devEui).toList();
        return database.read(handle -> StoredDevice.findAll(handle, devEuis)).values().stream()
                .collect(
                        Collectors.toMap(
                                StoredDevice::devEui, stored -> stored.rootKeys().label()));
    }

    /** A device that is ready to be written, or an objection to it. */
    private sealed interface Prepared {

        NewDevice device();

        record Ready(
                NewDevice device,
                OwnerId maker,
                WrappedRootKeys keys,
                StoredActivation activation,
                Optional<String> madeToken,
                byte[] tokenHash)
                implements Prepared {}

        record Refused(NewDevice device, String why) implements Prepared {}
    }

    private Prepared prepare(
            Principal actor,
            NewDevice device,
            List<JoinEuiRanges.Assigned> ranges,
            RootKeyDelivery delivery,
            Optional<KeyLabel> label) {
        Eui64 devEui = device.devEui();
        Optional<OwnerId> maker = makerOf(ranges, device.joinEui());
        if (maker.isEmpty() || !mayProvisionFor(actor, maker.get())) {
            return new Prepared.Refused(device, notOurs(actor, device.joinEui()));
        }
        WrappedRootKeys keys;
        try {
            keys = delivery.take(maker.get(), devEui, device.rootKeys(), label);
        } catch (IllegalArgumentException e) {
            return new Prepared.Refused(device, String.valueOf(e.getMessage()));
        }
        Optional<String> madeToken =
                device.ownerToken().isPresent()
                        ? Optional.empty()
                        : Optional.of(OwnerToken.random());
        String token = device.ownerToken().or(() -> madeToken).orElseThrow();
        return new Prepared.Ready(
                device,
                maker.get(),
                keys,
                StoredActivation.seal(device.activation(), sealer, DeviceRow.kekContext(devEui)),
                madeToken,
                tokens.hash(devEui, token));
    }

    /**
     * Root keys that are to take the place of a device's.
     *
     * @param label the wrapping key that the device's are under; empty: none
     * @throws IllegalArgumentException if they do not open
     */
    WrappedRootKeys take(
            OwnerId maker, Eui64 devEui, GivenRootKeys given, Optional<KeyLabel> label) {
        return new RootKeyDelivery(vault, keks)
                .take(maker, devEui, given, label.or(() -> wrappingKey));
    }

    private static Optional<OwnerId> makerOf(List<JoinEuiRanges.Assigned> ranges, Eui64 joinEui) {
        return ranges.stream()
                .filter(assigned -> assigned.range().contains(joinEui))
                .map(JoinEuiRanges.Assigned::maker)
                .findFirst();
    }

    private static boolean mayProvisionFor(Principal actor, OwnerId maker) {
        return switch (actor) {
            case Principal.Administrator _ -> true;
            case Principal.OwnerPrincipal(OwnerId id, _) -> id.equals(maker);
        };
    }

    private static String notOurs(Principal actor, Eui64 joinEui) {
        return switch (actor) {
            case Principal.Administrator _ ->
                    "JoinEUI "
                            + joinEui
                            + " is in no range of this Join Server: assign it to its maker first";
            case Principal.OwnerPrincipal _ ->
                    "JoinEUI "
                            + joinEui
                            + " is in no range of yours: ask the operator of the Join Server to"
                            + " assign it to you";
        };
    }

    private List<ProvisionResult> apply(
            Handle handle, Principal actor, List<Prepared> all, boolean dryRun) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        List<Eui64> devEuis = all.stream().map(prepared -> prepared.device().devEui()).toList();
        List<JoinEuiRanges.Assigned> ranges = JoinEuiRanges.list(handle);
        Map<Eui64, StoredDevice> existing = StoredDevice.findAll(handle, devEuis);
        Map<Eui64, NewDevice> created = new HashMap<>();
        List<Prepared.Ready> inserted = new ArrayList<>(all.size());
        List<ProvisionResult> results = new ArrayList<>(all.size());
        for (Prepared prepared : all) {
            Eui64 devEui = prepared.device().devEui();
            results.add(
                    switch (prepared) {
                        case Prepared.Refused(_, String why) ->
                                new ProvisionResult.Failed(devEui, why);
                        case Prepared.Ready ready -> {
                            Optional<StoredDevice> known =
                                    Optional.ofNullable(existing.get(devEui));
                            Optional<String> error =
                                    objection(ready, ranges, known, created.get(devEui));
                            if (error.isPresent()) {
                                yield new ProvisionResult.Failed(devEui, error.get());
                            }
                            if (known.isPresent() || created.put(devEui, ready.device()) != null) {
                                yield new ProvisionResult.Unchanged(devEui);
                            }
                            inserted.add(ready);
                            yield new ProvisionResult.Created(
                                    devEui, dryRun ? Optional.empty() : ready.madeToken());
                        }
                    });
        }
        if (!dryRun) {
            insert(handle, inserted, now);
            audit.append(
                    handle, inserted.stream().map(ready -> provisioned(actor, ready)).toList());
        }
        return results;
    }

    private Optional<String> objection(
            Prepared.Ready ready,
            List<JoinEuiRanges.Assigned> ranges,
            Optional<StoredDevice> known,
            @Nullable NewDevice before) {
        NewDevice device = ready.device();
        if (makerOf(ranges, device.joinEui()).filter(ready.maker()::equals).isEmpty()) {
            return Optional.of(
                    "JoinEUI "
                            + device.joinEui()
                            + " was just withdrawn or assigned to another maker: try again");
        }
        if (before != null && !before.equals(device)) {
            return Optional.of(
                    "device " + device.devEui() + " is listed twice, with different content");
        }
        if (known.isEmpty() && !ready.keys().label().equals(policy(device))) {
            return Optional.of("device " + device.devEui() + " was just deleted: try again");
        }
        return known.flatMap(stored -> difference(ready, stored));
    }

    /** Why this is not the device that is there. */
    private Optional<String> difference(Prepared.Ready ready, StoredDevice stored) {
        NewDevice device = ready.device();
        Device view = stored.view();
        if (!view.maker().equals(ready.maker())) {
            return Optional.of(EXISTS);
        }
        List<String> differing = new ArrayList<>();
        note(differing, "JoinEUI", view.joinEui().equals(device.joinEui()));
        note(
                differing,
                "root keys",
                stored.rootKeys().isSame(device.devEui(), vault, ready.keys()));
        note(
                differing,
                "wrapping key",
                device.wrappingKey().isEmpty() || device.wrappingKey().equals(view.wrappingKey()));
        note(differing, "LoRaWAN version", view.macVersion().equals(device.macVersion()));
        note(differing, "ProfileID", view.profileId().equals(device.profileId()));
        note(differing, "serial number", view.serialNumber().equals(device.serialNumber()));
        // The rest may have been changed by the owner, which is no fault of an import.
        if (view.owner().isEmpty()) {
            note(differing, "owner token", tokens.fits(stored, device.ownerToken()));
            note(
                    differing,
                    "activation settings",
                    stored.activation()
                            .holds(
                                    device.activation(),
                                    sealer,
                                    DeviceRow.kekContext(device.devEui())));
            note(differing, "roaming", view.roamingNetIds().equals(device.roamingNetIds()));
            note(differing, "strictness", view.strict() == device.strict());
            note(
                    differing,
                    "resetting of nonces",
                    view.resetsJoinNonces() == device.resetsJoinNonces());
            note(differing, "lifetime", view.lifetime() == device.lifetime());
        }
        return differing.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "device "
                                + device.devEui()
                                + " is provisioned already with other content ("
                                + String.join(", ", differing)
                                + "): set what is to change, or delete it first");
    }

    private static void note(List<String> differing, String what, boolean same) {
        if (!same) {
            differing.add(what);
        }
    }

    private static void insert(Handle handle, List<Prepared.Ready> devices, Instant now) {
        Map<Eui64, DeletedDevice> deletedDevices =
                DeletedDevice.takeAll(
                        handle, devices.stream().map(Prepared.Ready::device).toList());
        PreparedBatch rows =
                handle.prepareBatch(
                        """
                        INSERT INTO device (dev_eui, join_eui, maker, created_at, mac_version,
                            profile_id, serial_number, nwk_key, app_key, key_label, token_hash,
                            home_net_id, home_ns_id, as_id, kek_label, kek, app_s_key_in_clear,
                            roaming_net_ids, strict, resets_join_nonces, lifetime, join_nonce,
                            session_count, dev_nonce, used_dev_nonces, rj_count1)
                        VALUES (:devEui, :joinEui, :maker, :at, :macVersion,
                            :profileId, :serialNumber, :nwkKey, :appKey, :keyLabel, :tokenHash,
                            :homeNetId, :homeNsId, :asId, :kekLabel, :kek, :inClear,
                            :roaming, :strict, :resets, :lifetime, :joinNonce,
                            :sessionCount, :devNonce, :usedDevNonces, :rjCount1)
                        """);
        for (Prepared.Ready ready : devices) {
            NewDevice device = ready.device();
            DeletedDevice deleted =
                    deletedDevices.getOrDefault(device.devEui(), DeletedDevice.NONE);
            rows.bind("devEui", device.devEui().value())
                    .bind("joinEui", device.joinEui().value())
                    .bind("maker", ready.maker().value())
                    .bind("at", now.toEpochMilli())
                    .bind("macVersion", device.macVersion().map(MacVersion::text).orElse(null))
                    .bind("profileId", device.profileId().orElse(null))
                    .bind("serialNumber", device.serialNumber().orElse(null))
                    .bind("nwkKey", ready.keys().nwkKey().orElse(null))
                    .bind("appKey", ready.keys().appKey().orElse(null))
                    .bind("keyLabel", ready.keys().label().map(KeyLabel::value).orElse(null))
                    .bind("tokenHash", ready.tokenHash())
                    .bindMap(ready.activation().columns())
                    .bind("roaming", StoredDevice.roaming(device.roamingNetIds()))
                    .bind("strict", device.strict() ? 1 : 0)
                    .bind("resets", device.resetsJoinNonces() ? 1 : 0)
                    .bind("lifetime", device.lifetime())
                    .bind("joinNonce", deleted.joinNonce())
                    .bind("sessionCount", deleted.sessionCount())
                    .bindMap(deleted.counters().columns())
                    .add();
        }
        rows.execute();
    }

    private static AuditEvent provisioned(Principal actor, Prepared.Ready ready) {
        return new AuditEvent(
                actor,
                "device.provision",
                ready.device().devEui().toString(),
                Optional.of(ready.maker()),
                Map.of("joinEui", ready.device().joinEui().toString()));
    }
}
