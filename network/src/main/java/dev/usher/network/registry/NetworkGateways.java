package dev.usher.network.registry;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Access;
import dev.usher.accounts.AccountId;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Collaborators;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.Entity;
import dev.usher.accounts.MissingRight;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.Organization;
import dev.usher.accounts.Principal;
import dev.usher.accounts.Right;
import dev.usher.accounts.Rights;
import dev.usher.lorawan.Eui64;
import dev.usher.station.AuthorizationHeader;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;

/**
 * The gateways of this network, as people see and change them. What somebody has no right on looks
 * to them as if it were not there.
 */
public final class NetworkGateways {

    private static final Duration LONGEST_AUTHORIZATION = Duration.ofDays(366);

    /** To hand a gateway over is to give away its secrets and to lose it. */
    private static final Right[] TO_HAND_OVER = {
        Right.GATEWAY_INFO, Right.GATEWAY_READ_SECRETS, Right.GATEWAY_DELETE
    };

    /** Whoever has these is told what a gateway hears and sends. */
    private static final Rights TO_WATCH =
            Rights.of(Right.GATEWAY_TRAFFIC_READ, Right.GATEWAY_STATUS_READ);

    private static final Rights TO_ISSUE =
            Rights.of(Right.GATEWAY_SETTINGS_API_KEYS, Right.GATEWAY_WRITE_SECRETS);

    private final Database database;
    private final StationKeys keys;
    private final ClaimCodes codes;
    private final Function<Eui64, Optional<KnownGateway>> known;
    private final AuditLog audit;
    private final InstantSource clock;

    NetworkGateways(
            Database database,
            StationKeys keys,
            ClaimCodes codes,
            Function<Eui64, Optional<KnownGateway>> known,
            AuditLog audit,
            InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.keys = requireNonNull(keys, "keys");
        this.codes = requireNonNull(codes, "codes");
        this.known = requireNonNull(known, "known");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Registers a gateway by hand; the account may do everything with it. One that this house's own
     * Gateway Join Server knows is claimed instead, but by administrators and for the organization
     * that has claimed it there.
     *
     * @throws IllegalArgumentException if it is no EUI of a gateway, or no station could use the
     *     settings
     * @throws MissingRight if it is to be claimed
     * @throws Conflict if the ID or the EUI is taken; it does not say by whom
     */
    public Change<NetworkGateway> create(
            Caller actor,
            AccountId collaborator,
            GatewayId id,
            Eui64 eui,
            GatewaySettings settings) {
        return create(
                actor,
                collaborator,
                id,
                eui,
                settings,
                actor instanceof Principal.Administrator ? Optional.empty() : known.apply(eui));
    }

    /** Likewise, of a gateway that asks for it itself: whose it is, nobody has said. */
    public Change<NetworkGateway> createUnasked(
            Caller actor,
            AccountId collaborator,
            GatewayId id,
            Eui64 eui,
            GatewaySettings settings) {
        return create(actor, collaborator, id, eui, settings, known.apply(eui));
    }

    /**
     * @param atHome looked up on the caller's thread, so that it holds up no other change
     */
    private Change<NetworkGateway> create(
            Caller actor,
            AccountId collaborator,
            GatewayId id,
            Eui64 eui,
            GatewaySettings settings,
            Optional<KnownGateway> atHome) {
        if (eui.value() == 0) {
            throw new IllegalArgumentException("EUI " + eui + " is no gateway's: check it");
        }
        settings.requireUsable(GatewaySettings.DEFAULT);
        return handle -> {
            Access.requireGatewayCreation(handle, actor, collaborator);
            if (atHome.isPresent() && !hasClaimed(handle, collaborator, atHome.get())) {
                throw new MissingRight(
                        "gateway "
                                + eui
                                + " is known to this house's Gateway Join Server: claim it with the"
                                + " code on its label");
            }
            requireFree(handle, id);
            if (GatewayTable.find(handle, eui).isPresent()) {
                throw new Conflict(
                        "a gateway with EUI "
                                + eui
                                + " is registered already: if it is yours now, claim it with the"
                                + " code its former owner gives you");
            }
            GatewayTable.insert(handle, eui, id, settings, now());
            Collaborators.put(handle, id.entity(), collaborator, Rights.allOn(Entity.Kind.GATEWAY));
            audit.append(
                    handle,
                    event(
                            actor,
                            "create",
                            eui,
                            Map.of("id", id.value(), "collaborator", collaborator.value())));
            return GatewayTable.find(handle, eui).orElseThrow();
        };
    }

    private static boolean hasClaimed(Handle handle, AccountId account, KnownGateway gateway) {
        return gateway.owner().isPresent()
                && Accounts.find(handle, account)
                        .filter(
                                found ->
                                        found instanceof Organization organization
                                                && organization.owner().equals(gateway.owner()))
                        .isPresent();
    }

    static void requireFree(Handle handle, GatewayId id) {
        if (GatewayTable.find(handle, id).isPresent()) {
            throw new Conflict("the gateway ID " + id + " is taken: choose another");
        }
    }

    /** The gateway, or {@link NotFound} where the caller may not see it. */
    public NetworkGateway get(Caller caller, GatewayId id) {
        return database.read(handle -> require(handle, caller, id, Right.GATEWAY_INFO));
    }

    /** Likewise, by its EUI. */
    public NetworkGateway get(Caller caller, Eui64 eui) {
        return database.read(
                handle ->
                        GatewayTable.find(handle, eui)
                                .filter(gateway -> maySee(handle, caller, gateway))
                                .orElseThrow(
                                        () ->
                                                new NotFound(
                                                        "there is no gateway with EUI "
                                                                + eui
                                                                + ", or you may not see it: check"
                                                                + " the EUI")));
    }

    private static NetworkGateway require(
            Handle handle, Caller caller, GatewayId id, Right... needed) {
        Access.require(handle, caller, id.entity(), needed);
        return GatewayTable.find(handle, id).orElseThrow(() -> id.entity().notFound());
    }

    /**
     * Since when somebody, if there is such a one, is told what this gateway hears and sends: since
     * it was claimed or registered. Empty if they are not.
     */
    public Optional<Instant> watchedSince(
            Function<Handle, Optional<? extends Caller>> somebody, Eui64 eui) {
        return database.read(
                handle ->
                        somebody.apply(handle)
                                .flatMap(
                                        caller ->
                                                GatewayTable.find(handle, eui)
                                                        .filter(
                                                                gateway ->
                                                                        mayWatch(
                                                                                handle, caller,
                                                                                gateway)))
                                .map(NetworkGateway::createdAt));
    }

    private static boolean mayWatch(Handle handle, Caller caller, NetworkGateway gateway) {
        return Access.of(handle, caller, gateway.id().entity()).includes(TO_WATCH);
    }

    /**
     * The next gateways by ID: those of an account, or all that the caller may see.
     *
     * @param after the last ID of the page before
     */
    public List<NetworkGateway> list(
            Caller caller, Optional<AccountId> collaborator, Optional<GatewayId> after, int limit) {
        return database.read(
                handle -> {
                    collaborator.ifPresent(
                            account -> Access.requireGatewayList(handle, caller, account));
                    String last = after.map(GatewayId::value).orElse("");
                    return collaborator.isEmpty() && caller instanceof Principal.Administrator
                            ? list(handle, last, limit)
                            : listSeen(handle, caller, collaborator, last, limit);
                });
    }

    private static List<NetworkGateway> list(Handle handle, String after, int limit) {
        return handle.createQuery(
                        "SELECT * FROM network_gateway WHERE id > :after ORDER BY id LIMIT :limit")
                .bind("after", after)
                .bind("limit", limit)
                .map((row, _) -> GatewayTable.gateway(row))
                .list();
    }

    private static List<NetworkGateway> listSeen(
            Handle handle,
            Caller caller,
            Optional<AccountId> collaborator,
            String after,
            int limit) {
        List<String> page =
                Access.seen(
                        handle,
                        caller,
                        collaborator,
                        Entity.Kind.GATEWAY,
                        Right.GATEWAY_INFO,
                        after,
                        limit);
        if (page.isEmpty()) {
            return List.of();
        }
        return handle.createQuery("SELECT * FROM network_gateway WHERE id IN (<ids>) ORDER BY id")
                .bindList("ids", page)
                .map((row, _) -> GatewayTable.gateway(row))
                .list();
    }

    private static boolean maySee(Handle handle, Caller caller, NetworkGateway gateway) {
        return Access.of(handle, caller, gateway.id().entity()).includes(Right.GATEWAY_INFO);
    }

    /**
     * Changes settings. A gateway that comes back to this network's LNS gets a key for it, if it
     * has none. The key it keeps is shown to the server it is sent to: who may not read it may only
     * send the gateway elsewhere with another key.
     *
     * @param change makes the new settings of those that are; it may be asked more than once
     * @param replaced the keys that are set in the same change
     */
    public Change<NetworkGateway> set(
            Caller actor,
            GatewayId id,
            UnaryOperator<GatewaySettings> change,
            Set<StationKey> replaced) {
        return handle -> {
            NetworkGateway before = require(handle, actor, id, Right.GATEWAY_SETTINGS_BASIC);
            GatewaySettings settings = change.apply(before.settings());
            if (settings.equals(before.settings())) {
                return before;
            }
            settings.requireUsable(before.settings());
            requireMayShowKeys(handle, actor, before, settings, replaced);
            GatewayTable.update(handle, before.eui(), settings);
            if (!settings.hasTargetOf(before.settings())) {
                sent(handle, before.eui());
            }
            boolean comesHome =
                    settings.address().isEmpty() && before.settings().address().isPresent();
            if (comesHome && !StationKeys.isIssued(handle, before.eui(), StationKey.LNS)) {
                // The one it has is another LNS's: it opens nothing here, and is not for us to see.
                keys.issue(handle, actor, before.eui(), id, StationKey.LNS);
            }
            audit.append(
                    handle, event(actor, "update", before.eui(), difference(before, settings)));
            return GatewayTable.find(handle, id).orElseThrow();
        };
    }

    private void requireMayShowKeys(
            Handle handle,
            Caller actor,
            NetworkGateway before,
            GatewaySettings after,
            Set<StationKey> replaced) {
        for (StationKey kind : List.of(StationKey.LNS, StationKey.TARGET_CUPS)) {
            Optional<?> server = shownTo(kind, after);
            if (server.isPresent()
                    && !server.equals(shownTo(kind, before.settings()))
                    && !replaced.contains(kind)
                    && keys.get(handle, before.eui(), kind).isPresent()
                    && !Access.of(handle, actor, before.id().entity())
                            .includes(Right.GATEWAY_READ_SECRETS)) {
                throw new MissingRight(
                        "%s would be shown the %s of gateway %s: set another key in the same change, or none, or have %s on it"
                                .formatted(
                                        server.get(),
                                        kind == StationKey.LNS
                                                ? "LNS key"
                                                : "key for the target CUPS",
                                        before.id(),
                                        Right.GATEWAY_READ_SECRETS));
            }
        }
    }

    /** The server that is not this network's own and gets that key; empty: there is none. */
    private static Optional<?> shownTo(StationKey kind, GatewaySettings settings) {
        return kind == StationKey.LNS ? settings.address() : settings.targetCupsUri();
    }

    /** It is told something else from now on, and nobody knows yet whether it works with that. */
    private void sent(Handle handle, Eui64 eui) {
        handle.execute(
                "UPDATE network_gateway SET target_changed_at = ?, reverted_at = NULL WHERE eui ="
                        + " ?",
                clock.millis(),
                eui.value());
    }

    private static Map<String, String> difference(NetworkGateway before, GatewaySettings after) {
        GatewaySettings then = before.settings();
        Map<String, String> detail = new TreeMap<>();
        detail.put("id", before.id().value());
        note(detail, "name", then.name(), after.name());
        note(detail, "description", then.description(), after.description());
        note(
                detail,
                "frequencyPlanIds",
                String.join(",", then.frequencyPlanIds()),
                String.join(",", after.frequencyPlanIds()));
        note(detail, "address", text(then.address()), text(after.address()));
        note(detail, "targetCupsUri", text(then.targetCupsUri()), text(after.targetCupsUri()));
        note(
                detail,
                "requireAuthenticatedConnection",
                "" + then.requireAuthenticatedConnection(),
                "" + after.requireAuthenticatedConnection());
        note(
                detail,
                "enforceDutyCycle",
                "" + then.enforceDutyCycle(),
                "" + after.enforceDutyCycle());
        return detail;
    }

    private static void note(Map<String, String> detail, String name, String before, String after) {
        if (!before.equals(after)) {
            detail.put(name, after);
        }
    }

    private static String text(Optional<?> value) {
        return value.map(Object::toString).orElse("");
    }

    /**
     * Deletes a gateway that was registered by hand, with its keys. One that was claimed is given
     * back instead, by unclaiming it: else nobody could claim it again.
     */
    public Change<Boolean> delete(Caller actor, GatewayId id) {
        return handle -> {
            NetworkGateway gateway = require(handle, actor, id, Right.GATEWAY_DELETE);
            if (!(gateway.claim() instanceof ClaimState.Registered)) {
                throw new Conflict(
                        "gateway "
                                + id
                                + " was claimed: unclaim it, so that somebody can claim it again");
            }
            remove(handle, gateway);
            audit.append(handle, event(actor, "delete", gateway.eui(), Map.of("id", id.value())));
            return true;
        };
    }

    static void remove(Handle handle, NetworkGateway gateway) {
        Accounts.forget(handle, gateway.id().entity());
        GatewayTable.delete(handle, gateway.eui());
    }

    /**
     * Sets a key that somebody else made, such as a foreign LNS, or takes it away.
     *
     * @throws IllegalArgumentException if it is the key for this network's CUPS, which is issued
     */
    public Change<Boolean> setKey(
            Caller actor, GatewayId id, StationKey kind, Optional<AuthorizationHeader> key) {
        if (kind == StationKey.CUPS) {
            throw new IllegalArgumentException(
                    "the key for this network's CUPS cannot be set: issue another");
        }
        return handle -> {
            NetworkGateway gateway = require(handle, actor, id, Right.GATEWAY_WRITE_SECRETS);
            keys.set(handle, gateway.eui(), kind, key);
            GatewayTable.changed(handle, gateway.eui());
            sent(handle, gateway.eui());
            audit.append(
                    handle,
                    event(
                            actor,
                            "key." + (key.isPresent() ? "set" : "delete"),
                            gateway.eui(),
                            keyDetail(id, kind)));
            return true;
        };
    }

    /**
     * Makes a key of this network for the gateway, LNS or CUPS. The one before stays valid until
     * the gateway has the new one.
     */
    public Change<AuthorizationHeader> issueKey(Caller actor, GatewayId id, StationKey kind) {
        Rights needed = kind.rights().or(TO_ISSUE);
        return handle -> {
            NetworkGateway gateway = require(handle, actor, id, needed.all().toArray(Right[]::new));
            AuthorizationHeader key = keys.issue(handle, actor, gateway.eui(), id, kind);
            GatewayTable.changed(handle, gateway.eui());
            if (kind == StationKey.LNS) {
                sent(handle, gateway.eui());
            }
            audit.append(handle, event(actor, "key.issue", gateway.eui(), keyDetail(id, kind)));
            return key;
        };
    }

    private static Map<String, String> keyDetail(GatewayId id, StationKey kind) {
        return Map.of("id", id.value(), "key", kind.name().toLowerCase(Locale.ROOT));
    }

    /**
     * Ends an API key of the gateway at once, as {@link AccountKeys#delete} does. One that it is
     * told to use stays: without it the gateway could never come back to be told another.
     *
     * @throws Conflict if it is one that it is told to use
     */
    public Change<Boolean> deleteApiKey(Caller actor, GatewayId id, String keyId) {
        return handle -> {
            NetworkGateway gateway = require(handle, actor, id, Right.GATEWAY_SETTINGS_API_KEYS);
            Optional<StationKey> use = StationKeys.useOf(handle, gateway.eui(), keyId);
            if (use.isPresent()) {
                throw new Conflict(
                        "gateway "
                                + id
                                + " itself needs this key for its "
                                + use.get()
                                + ": issue another for that; this one ends when the gateway has it,"
                                + " or can be deleted then");
            }
            return keys.delete(actor, id, keyId).apply(handle);
        };
    }

    /** A key of the gateway, in clear, for those who may read its secrets. */
    public Optional<AuthorizationHeader> key(Caller caller, GatewayId id, StationKey kind) {
        return database.read(
                handle -> {
                    NetworkGateway gateway =
                            require(handle, caller, id, Right.GATEWAY_READ_SECRETS);
                    return keys.get(handle, gateway.eui(), kind);
                });
    }

    /**
     * Lets somebody else claim the gateway with a code, until then. It is theirs alone when they
     * do, and its keys end.
     *
     * @param code at least 8 letters and digits; case, spaces and dashes do not matter
     */
    public Change<NetworkGateway> authorize(
            Caller actor, GatewayId id, String code, Instant until) {
        ClaimCodes.check(code);
        Instant now = now();
        if (!until.isAfter(now) || until.isAfter(now.plus(LONGEST_AUTHORIZATION))) {
            throw new IllegalArgumentException(
                    "the end "
                            + until
                            + " is not within the next "
                            + LONGEST_AUTHORIZATION.toDays()
                            + " days: choose another");
        }
        // Hashed on the caller's thread, so that the vault's work holds up no other change.
        byte[] hash = codes.hash(code);
        return handle -> {
            NetworkGateway gateway = require(handle, actor, id, TO_HAND_OVER);
            handle.execute(
                    "UPDATE network_gateway SET code_hash = ?, code_until = ? WHERE eui = ?",
                    hash,
                    until.toEpochMilli(),
                    gateway.eui().value());
            audit.append(
                    handle,
                    event(
                            actor,
                            "claim.authorize",
                            gateway.eui(),
                            Map.of("id", id.value(), "until", until.toString())));
            return GatewayTable.find(handle, id).orElseThrow();
        };
    }

    /** Ends what {@link #authorize} allowed. */
    public Change<NetworkGateway> unauthorize(Caller actor, GatewayId id) {
        return handle -> {
            NetworkGateway gateway = require(handle, actor, id, TO_HAND_OVER);
            handle.execute(
                    "UPDATE network_gateway SET code_hash = NULL, code_until = NULL WHERE eui = ?",
                    gateway.eui().value());
            audit.append(
                    handle,
                    event(actor, "claim.unauthorize", gateway.eui(), Map.of("id", id.value())));
            return GatewayTable.find(handle, id).orElseThrow();
        };
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    static AuditEvent event(Caller actor, String verb, Eui64 eui, Map<String, String> detail) {
        return new AuditEvent(
                actor, "network-gateway." + verb, eui.toString(), Optional.empty(), detail);
    }
}
