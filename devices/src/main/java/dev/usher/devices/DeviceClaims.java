package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.GuessLimit;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Principal;
import dev.usher.keys.Sealer;
import dev.usher.lorawan.Eui64;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Who owns which device: claiming by the owner token in its QR code, and giving it back. The
 * semantics are those of the claim API of The Things Join Server, version 2.
 *
 * <p>A wrong token and a device of somebody else get the same answer and count against the same
 * limit ({@link GuessLimit}).
 */
public final class DeviceClaims {

    private static final byte[] NO_HASH = {};

    private final Database database;
    private final Sealer sealer;
    private final OwnerTokens tokens;
    private final AuditLog audit;
    private final InstantSource clock;
    private final GuessLimit limit;

    DeviceClaims(
            Database database,
            Sealer sealer,
            OwnerTokens tokens,
            AuditLog audit,
            InstantSource clock,
            int guessesPerDay) {
        this.database = requireNonNull(database, "database");
        this.sealer = requireNonNull(sealer, "sealer");
        this.tokens = requireNonNull(tokens, "tokens");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
        this.limit = new GuessLimit(GuessLimit.Kind.DEVICE, guessesPerDay);
    }

    /**
     * One device to claim.
     *
     * @param activation what its own activation settings become; where they say nothing, its
     *     owner's hold. A KEK is kept only of a device that is the owner's already
     * @param lock whether nobody else can claim it from now on; else whoever has its token can
     * @param regenerateOwnerToken whether the token in its QR code is of no use any more
     */
    public record Claim(
            Eui64 devEui,
            String ownerToken,
            ActivationChange activation,
            boolean lock,
            boolean regenerateOwnerToken) {
        public Claim {
            requireNonNull(devEui, "devEui");
            OwnerToken.check(ownerToken);
            requireNonNull(activation, "activation");
        }

        /** With these settings and no others, whoever has the device. */
        public Claim(
                Eui64 devEui,
                String ownerToken,
                ActivationSettings activation,
                boolean lock,
                boolean regenerateOwnerToken) {
            this(devEui, ownerToken, ActivationChange.to(activation), lock, regenerateOwnerToken);
        }

        @Override
        public String toString() {
            return "Claim[devEui=" + devEui + "]";
        }
    }

    /**
     * Claims devices for an owner, each on its own. One that the owner has already needs no token:
     * it is only dealt with as the claim now says. Of one that is taken over, what its former owner
     * set up is forgotten as if it had been given back.
     *
     * @return what became of each, in their order
     * @throws NotFound if there is no such owner
     */
    public Change<List<ClaimOutcome>> claim(Principal actor, OwnerId owner, List<Claim> claims) {
        List<Eui64> devEuis = claims.stream().map(Claim::devEui).toList();
        Map<Eui64, StoredDevice> now =
                database.read(handle -> StoredDevice.findAll(handle, devEuis));
        // Tokens are checked here, on the caller's thread, so that the vault's work holds up no
        // other change.
        List<Checked> checked =
                claims.stream()
                        .map(claim -> check(claim, Optional.ofNullable(now.get(claim.devEui()))))
                        .toList();
        return handle -> apply(handle, actor, owner, checked);
    }

    /** A claim whose token was compared with the device's as it was then. */
    private record Checked(
            Claim claim,
            boolean fits,
            Optional<byte[]> tokenHash,
            StoredActivation sealed,
            Optional<NewToken> newToken) {

        /** Whether what the token was compared with is still there. */
        boolean holdsFor(StoredDevice device) {
            return Arrays.equals(device.tokenHash().orElse(NO_HASH), tokenHash.orElse(NO_HASH));
        }
    }

    private record NewToken(String text, byte[] hash) {
        @Override
        public String toString() {
            return "NewToken[hidden]";
        }
    }

    private NewToken newToken(Eui64 devEui) {
        String text = OwnerToken.random();
        return new NewToken(text, tokens.hash(devEui, text));
    }

    private Checked check(Claim claim, Optional<StoredDevice> device) {
        Eui64 devEui = claim.devEui();
        return new Checked(
                claim,
                device.filter(known -> tokens.fits(known, claim.ownerToken())).isPresent(),
                device.flatMap(StoredDevice::tokenHash),
                StoredActivation.seal(
                        claim.activation().settings(), sealer, DeviceRow.kekContext(devEui)),
                claim.regenerateOwnerToken() ? Optional.of(newToken(devEui)) : Optional.empty());
    }

    private List<ClaimOutcome> apply(
            Handle handle, Principal actor, OwnerId owner, List<Checked> claims) {
        if (Owners.find(handle, owner).isEmpty()) {
            throw new NotFound("there is no owner " + owner + ": create it first");
        }
        Instant now = Instant.ofEpochMilli(clock.millis());
        List<Eui64> devEuis = claims.stream().map(checked -> checked.claim().devEui()).toList();
        Map<Eui64, StoredDevice> devices = StoredDevice.findAll(handle, devEuis);
        GuessLimit.Guesses guesses = limit.today(handle, devEuis, now);
        // In the order of their keys, as joins lock them.
        Map<Eui64, Granted> claimed = new TreeMap<>();
        List<AuditEvent> events = new ArrayList<>();
        List<ClaimOutcome> outcomes = new ArrayList<>(claims.size());
        for (Checked seen : claims) {
            Eui64 devEui = seen.claim().devEui();
            StoredDevice device = devices.get(devEui);
            if (device == null) {
                outcomes.add(new ClaimOutcome.NotProvisioned());
                continue;
            }
            boolean isOwn = device.isOwnedBy(owner) || claimed.containsKey(devEui);
            boolean isTaken = device.view().owner().isPresent() && device.view().locked();
            if (!isOwn && guesses.isLocked(devEui)) {
                events.add(refused(actor, owner, devEui, "locked"));
                outcomes.add(new ClaimOutcome.TooManyGuesses());
            } else if (!isOwn && (!fits(seen, device) || isTaken)) {
                guesses.countWrong(devEui);
                events.add(refused(actor, owner, devEui, "wrong"));
                outcomes.add(new ClaimOutcome.Denied());
            } else {
                device.view()
                        .owner()
                        .filter(former -> !isOwn && !former.equals(owner))
                        .ifPresent(
                                former ->
                                        events.add(
                                                event(
                                                        actor,
                                                        "device.unclaim",
                                                        former,
                                                        devEui,
                                                        Map.of("why", "claimed by another"))));
                Granted granted = Granted.of(seen, device, owner);
                claimed.put(devEui, granted);
                events.add(event(actor, "device.claim", owner, devEui, granted.described()));
                outcomes.add(new ClaimOutcome.Claimed(seen.newToken().map(NewToken::text)));
            }
        }
        write(handle, owner, claimed.values(), now);
        guesses.save(handle);
        audit.append(handle, events);
        return outcomes;
    }

    private boolean fits(Checked seen, StoredDevice device) {
        return seen.holdsFor(device) ? seen.fits() : tokens.fits(device, seen.claim().ownerToken());
    }

    /**
     * A claim that holds.
     *
     * @param device as it was before
     * @param isOwn whether it was this owner's already
     * @param activation its settings from now on
     */
    private record Granted(
            Checked checked, Device device, boolean isOwn, StoredActivation activation) {

        static Granted of(Checked checked, StoredDevice device, OwnerId owner) {
            boolean isOwn = device.isOwnedBy(owner);
            return new Granted(
                    checked,
                    device.view(),
                    isOwn,
                    isOwn
                            ? device.activation()
                                    .after(checked.claim().activation(), checked.sealed())
                            : checked.sealed());
        }

        /** Whether it was somebody else's. */
        boolean isTakenOver() {
            return !isOwn && device.owner().isPresent();
        }

        Map<String, String> described() {
            Map<String, String> detail = new HashMap<>(activation.described());
            detail.put("locked", Boolean.toString(checked.claim().lock()));
            checked.newToken().ifPresent(_ -> detail.put("ownerToken", "regenerated"));
            return detail;
        }
    }

    private static void write(
            Handle handle, OwnerId owner, Collection<Granted> claims, Instant now) {
        PreparedBatch updates =
                handle.prepareBatch(
                        "UPDATE device SET "
                                + StoredDevice.JOIN_NONCE_MOVED_ON
                                + """
                                , owner = :owner, claimed_at = :claimedAt, locked = :locked,
                                    home_net_id = :homeNetId, home_ns_id = :homeNsId,
                                    as_id = :asId, kek_label = :kekLabel, kek = :kek,
                                    app_s_key_in_clear = :inClear,
                                    roaming_net_ids = CASE WHEN :takenOver = 1 THEN ''
                                        ELSE roaming_net_ids END,
                                    resets_join_nonces = CASE WHEN :takenOver = 1 THEN 0
                                        ELSE resets_join_nonces END,
                                    token_hash = COALESCE(:tokenHash, token_hash)
                                WHERE dev_eui = :devEui
                                """);
        List<Eui64> takenOver = new ArrayList<>();
        for (Granted granted : claims) {
            Device before = granted.device();
            Checked checked = granted.checked();
            if (granted.isTakenOver()) {
                takenOver.add(before.devEui());
            }
            Instant claimedAt = granted.isOwn() ? before.claimedAt().orElse(now) : now;
            updates.bind("devEui", before.devEui().value())
                    .bind("owner", owner.value())
                    .bind("claimedAt", claimedAt.toEpochMilli())
                    .bind("locked", checked.claim().lock() ? 1 : 0)
                    .bind("takenOver", granted.isTakenOver() ? 1 : 0)
                    .bindMap(granted.activation().columns())
                    .bind("tokenHash", checked.newToken().map(NewToken::hash).orElse(null))
                    .add();
        }
        updates.execute();
        Session.deleteAll(handle, takenOver);
    }

    /** Whether a device is this owner's, and where it is at home. */
    public ClaimStatus status(OwnerId owner, Eui64 devEui) {
        Optional<StoredDevice> device = database.read(handle -> StoredDevice.find(handle, devEui));
        Optional<DeviceRow> row =
                database.readPrepared(statements -> DeviceRow.find(statements, sealer, devEui));
        if (device.isEmpty() || row.isEmpty()) {
            return new ClaimStatus.NotProvisioned();
        }
        if (!device.get().isOwnedBy(owner)) {
            return new ClaimStatus.NotClaimed();
        }
        ActivationSettings activation = row.get().activation();
        return new ClaimStatus.Claimed(
                activation.homeNetId(), activation.homeNsId(), device.get().view().locked());
    }

    /**
     * Gives devices back: what their owner set up is forgotten, its sessions too, and anybody who
     * has the owner token can claim them.
     *
     * @param regenerateOwnerTokens whether they get new tokens first, so that the ones in their QR
     *     codes are of no use any more
     * @return what became of each, in their order
     */
    public Change<List<UnclaimOutcome>> unclaim(
            Principal actor, OwnerId owner, List<Eui64> devEuis, boolean regenerateOwnerTokens) {
        Map<Eui64, NewToken> newTokens = new HashMap<>();
        if (regenerateOwnerTokens) {
            devEuis.forEach(devEui -> newTokens.put(devEui, newToken(devEui)));
        }
        return handle -> {
            Map<Eui64, StoredDevice> devices = StoredDevice.findAll(handle, devEuis);
            // In the order of their keys, as joins lock them.
            Map<Eui64, Optional<NewToken>> unclaimed = new TreeMap<>();
            List<AuditEvent> events = new ArrayList<>();
            List<UnclaimOutcome> outcomes = new ArrayList<>(devEuis.size());
            for (Eui64 devEui : devEuis) {
                StoredDevice device = devices.get(devEui);
                Optional<NewToken> token = Optional.ofNullable(newTokens.get(devEui));
                if (device == null) {
                    outcomes.add(new UnclaimOutcome.NotProvisioned());
                } else if (!device.isOwnedBy(owner) || unclaimed.containsKey(devEui)) {
                    outcomes.add(new UnclaimOutcome.NotClaimed());
                } else {
                    unclaimed.put(devEui, token);
                    events.add(
                            event(
                                    actor,
                                    "device.unclaim",
                                    owner,
                                    devEui,
                                    token.isPresent()
                                            ? Map.of("ownerToken", "regenerated")
                                            : Map.of()));
                    outcomes.add(new UnclaimOutcome.Unclaimed(token.map(NewToken::text)));
                }
            }
            giveBack(handle, unclaimed);
            audit.append(handle, events);
            return outcomes;
        };
    }

    private static void giveBack(Handle handle, Map<Eui64, Optional<NewToken>> devices) {
        PreparedBatch updates =
                handle.prepareBatch(
                        "UPDATE device SET "
                                + StoredDevice.JOIN_NONCE_MOVED_ON
                                + """
                                , owner = NULL, claimed_at = NULL, locked = 0,
                                    home_net_id = NULL, home_ns_id = NULL, as_id = NULL,
                                    kek_label = NULL, kek = NULL, app_s_key_in_clear = NULL,
                                    roaming_net_ids = '', resets_join_nonces = 0,
                                    token_hash = COALESCE(?, token_hash)
                                WHERE dev_eui = ?
                                """);
        devices.forEach(
                (devEui, token) ->
                        updates.bind(0, token.map(NewToken::hash).orElse(null))
                                .bind(1, devEui.value())
                                .add());
        updates.execute();
        Session.deleteAll(handle, devices.keySet());
    }

    /**
     * Makes a new owner token for a device: for its owner, its maker until it has one, and
     * administrators. The former one is of no use any more.
     *
     * @return the token, which is never told again
     * @throws NotFound to a stranger, as if the device were not there
     * @throws Conflict to its maker, once it is claimed
     */
    public Change<String> regenerateOwnerToken(Principal actor, Eui64 devEui) {
        NewToken token = newToken(devEui);
        return handle -> {
            StoredDevice device = StoredDevice.forChange(handle, actor, devEui);
            handle.execute(
                    "UPDATE device SET token_hash = ? WHERE dev_eui = ?",
                    token.hash(),
                    devEui.value());
            audit.append(
                    handle,
                    event(
                            actor,
                            "device.regenerate-token",
                            device.view().keeper(),
                            devEui,
                            Map.of()));
            return token.text();
        };
    }

    private static AuditEvent refused(Principal actor, OwnerId owner, Eui64 devEui, String why) {
        return event(actor, "device.claim.refused", owner, devEui, Map.of("why", why));
    }

    private static AuditEvent event(
            Principal actor,
            String action,
            OwnerId owner,
            Eui64 devEui,
            Map<String, String> detail) {
        return new AuditEvent(actor, action, devEui.toString(), Optional.of(owner), detail);
    }
}
