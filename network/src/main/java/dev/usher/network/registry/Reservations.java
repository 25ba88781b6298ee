package dev.usher.network.registry;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Access;
import dev.usher.accounts.AccountId;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Collaborators;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.Entity;
import dev.usher.accounts.GuessLimit;
import dev.usher.accounts.MissingRight;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.Right;
import dev.usher.accounts.Rights;
import dev.usher.lorawan.Eui64;
import dev.usher.station.AuthorizationHeader;
import dev.usher.station.StationUri;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * How far the claims of gateways have come. A claim takes several steps, some of them on another
 * server; what is done so far is in the database, so that a claim that stopped can go on or be
 * undone, by whichever node.
 *
 * <p>A claim that is taken up again is a new attempt; what is left of the earlier one changes
 * nothing any more.
 */
public final class Reservations {

    private static final Duration TO_GO_ON = Duration.ofMinutes(15);
    private static final int AT_A_TIME = 100;
    private static final int TOLD_AT_A_TIME = 1000;

    private final Database database;
    private final StationKeys keys;
    private final ClaimCodes codes;
    private final AuditLog audit;
    private final InstantSource clock;
    private final GuessLimit limit;
    private final SecureRandom random = new SecureRandom();

    Reservations(
            Database database,
            StationKeys keys,
            ClaimCodes codes,
            AuditLog audit,
            InstantSource clock,
            int guessesPerDay) {
        this.database = requireNonNull(database, "database");
        this.keys = requireNonNull(keys, "keys");
        this.codes = requireNonNull(codes, "codes");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
        this.limit = new GuessLimit(GuessLimit.Kind.NETWORK_GATEWAY, guessesPerDay);
    }

    /**
     * What is to become of a gateway: whose it will be, and how.
     *
     * @param targetCupsUri where it is sent; empty for this network
     */
    public record Order(
            Eui64 eui,
            GatewayId id,
            AccountId account,
            GatewaySettings settings,
            Optional<StationUri> targetCupsUri) {
        public Order {
            requireNonNull(eui, "eui");
            requireNonNull(id, "id");
            requireNonNull(account, "account");
            requireNonNull(settings, "settings");
            requireNonNull(targetCupsUri, "targetCupsUri");
        }
    }

    /** What is known of a gateway that an account wants to claim. */
    public sealed interface Standing {

        /** Nothing, or a claim that somebody left and that has expired. */
        record Free() implements Standing {}

        /** The account has begun to claim it. */
        record Begun() implements Standing {}

        /** The account has taken it over; its Gateway Join Server has not been told. */
        record TakenOver() implements Standing {}

        /** Somebody else is claiming it, and has until then to go on. */
        record Busy(Instant until) implements Standing {}

        /** Somebody has it, and allows others to claim it with a code. */
        record Claimable() implements Standing {}

        /** Somebody has it. */
        record Taken() implements Standing {}

        /** The account itself has it. */
        record Own(GatewayId id) implements Standing {}
    }

    /**
     * What is known of the gateway, for somebody who may claim for the account.
     *
     * @throws NotFound if the caller may not know of the account
     * @throws MissingRight if they may not register gateways for it
     */
    public Standing standing(Caller caller, AccountId account, Eui64 eui) {
        return database.read(
                handle -> {
                    Access.requireGatewayCreation(handle, caller, account);
                    return standing(handle, account, eui);
                });
    }

    private Standing standing(Handle handle, AccountId account, Eui64 eui) {
        Instant now = now();
        Optional<NetworkGateway> gateway = GatewayTable.find(handle, eui);
        if (gateway.isEmpty()) {
            return new Standing.Free();
        }
        boolean isOwn = claimant(handle, eui).filter(account::equals).isPresent();
        return switch (gateway.get().claim()) {
            case ClaimState.Claiming _ when isOwn -> new Standing.Begun();
            case ClaimState.Claiming(_, Instant until) ->
                    until.isAfter(now) ? new Standing.Busy(until) : new Standing.Free();
            case ClaimState.Transferred _ when isOwn -> new Standing.TakenOver();
            case ClaimState.Registered _, ClaimState.Claimed _, ClaimState.Transferred _ -> {
                boolean has =
                        Collaborators.list(handle, gateway.get().id().entity()).stream()
                                .anyMatch(
                                        one ->
                                                one.account().equals(account)
                                                        && one.rights()
                                                                .includes(Right.GATEWAY_ALL));
                if (has) {
                    yield new Standing.Own(gateway.get().id());
                }
                yield gateway.get().claimableUntil().filter(until -> until.isAfter(now)).isPresent()
                        ? new Standing.Claimable()
                        : new Standing.Taken();
            }
        };
    }

    private static Optional<AccountId> claimant(Handle handle, Eui64 eui) {
        return handle.createQuery("SELECT claim_account FROM network_gateway WHERE eui = :eui")
                .bind("eui", eui.value())
                .map(
                        (row, _) ->
                                Optional.ofNullable(row.getString("claim_account"))
                                        .map(AccountId::new))
                .findOne()
                .flatMap(account -> account);
    }

    /** Whether no gateway has this ID but, perhaps, the one itself. */
    public boolean isFree(GatewayId id, Eui64 eui) {
        return database.read(handle -> isFree(handle, id, eui));
    }

    private static boolean isFree(Handle handle, GatewayId id, Eui64 eui) {
        return GatewayTable.find(handle, id).filter(other -> !other.eui().equals(eui)).isEmpty();
    }

    /** Whether there is a gateway with this EUI here, or a claim of it. */
    public boolean isKnown(Eui64 eui) {
        return database.read(handle -> GatewayTable.find(handle, eui)).isPresent();
    }

    /** Whether no more codes may be tried for the gateway today. */
    public boolean isLocked(Eui64 eui) {
        return database.read(handle -> limit.today(handle, List.of(eui), now()).isLocked(eui));
    }

    /** A wrong code was tried for the gateway. */
    public Change<Boolean> countWrong(Caller actor, Eui64 eui) {
        return handle -> {
            countWrong(handle, actor, eui);
            return true;
        };
    }

    private void countWrong(Handle handle, Caller actor, Eui64 eui) {
        GuessLimit.Guesses guesses = limit.today(handle, List.of(eui), now());
        guesses.countWrong(eui);
        guesses.save(handle);
        audit.append(
                handle,
                NetworkGateways.event(actor, "claim.refused", eui, Map.of("why", "wrong code")));
    }

    /**
     * A gateway that is on its way to an account.
     *
     * @param attempt which attempt at the claim this is
     * @param upstream the name of its Gateway Join Server
     * @param targetCupsUri where it is sent; empty for this network
     * @param cupsKey what it will ask this network's CUPS with
     * @param lnsKey what it will connect to its LNS with
     */
    public record Reserved(
            NetworkGateway gateway,
            long attempt,
            String upstream,
            Optional<StationUri> targetCupsUri,
            Optional<AuthorizationHeader> cupsKey,
            Optional<AuthorizationHeader> lnsKey) {
        public Reserved {
            requireNonNull(gateway, "gateway");
            requireNonNull(upstream, "upstream");
            requireNonNull(targetCupsUri, "targetCupsUri");
            requireNonNull(cupsKey, "cupsKey");
            requireNonNull(lnsKey, "lnsKey");
        }

        @Override
        public String toString() {
            return "Reserved[" + gateway.id() + ", " + gateway.eui() + "]";
        }
    }

    /**
     * Reserves a gateway whose code was right, with its keys. One that the account began to claim
     * under the same ID keeps the keys it may have been told.
     *
     * @throws IdTaken if another gateway has the ID
     * @throws Conflict if the gateway was claimed meanwhile
     */
    public Change<Reserved> reserve(Caller actor, Order order, String upstream) {
        long attempt = random.nextLong();
        return handle -> {
            Access.requireGatewayCreation(handle, actor, order.account());
            Eui64 eui = order.eui();
            Optional<NetworkGateway> begun = GatewayTable.find(handle, eui);
            switch (standing(handle, order.account(), eui)) {
                case Standing.Free _, Standing.Begun _ -> {}
                case Standing.Busy _,
                        Standing.TakenOver _,
                        Standing.Claimable _,
                        Standing.Taken _,
                        Standing.Own _ ->
                        throw new Conflict("gateway " + eui + " was claimed meanwhile: try again");
            }
            requireFreeId(handle, order);
            boolean goesOn =
                    claimant(handle, eui).filter(order.account()::equals).isPresent()
                            && begun.filter(one -> one.id().equals(order.id())).isPresent();
            if (goesOn) {
                GatewayTable.update(handle, eui, order.settings());
            } else {
                begun.ifPresent(other -> NetworkGateways.remove(handle, other));
                GatewayTable.insert(handle, eui, order.id(), order.settings(), now());
                give(handle, actor, order);
            }
            handle.execute(
                    """
                    UPDATE network_gateway SET claim_state = 'claiming', claim_account = ?,
                        claim_upstream = ?, claim_attempt = ?, claim_until = ?,
                        claim_cups_uri = ?
                    WHERE eui = ?
                    """,
                    order.account().value(),
                    upstream,
                    attempt,
                    now().plus(TO_GO_ON).toEpochMilli(),
                    text(order.targetCupsUri()),
                    eui.value());
            return reserved(handle, eui, attempt, upstream);
        };
    }

    private static @Nullable String text(Optional<StationUri> uri) {
        return uri.map(StationUri::toString).orElse(null);
    }

    private static void requireFreeId(Handle handle, Order order) {
        if (!isFree(handle, order.id(), order.eui())) {
            throw new IdTaken(order.id());
        }
    }

    /** Everything on the gateway is the account's alone, and it gets new keys. */
    private void give(Handle handle, Caller actor, Order order) {
        Collaborators.put(
                handle, order.id().entity(), order.account(), Rights.allOn(Entity.Kind.GATEWAY));
        keys.issue(handle, actor, order.eui(), order.id(), StationKey.CUPS);
        keys.issue(handle, actor, order.eui(), order.id(), StationKey.LNS);
    }

    private Reserved reserved(Handle handle, Eui64 eui, long attempt, String upstream) {
        return new Reserved(
                GatewayTable.find(handle, eui).orElseThrow(),
                attempt,
                upstream,
                handle.createQuery("SELECT claim_cups_uri FROM network_gateway WHERE eui = :eui")
                        .bind("eui", eui.value())
                        .map((row, _) -> Optional.ofNullable(row.getString("claim_cups_uri")))
                        .one()
                        .map(StationUri::cups),
                keys.get(handle, eui, StationKey.CUPS),
                keys.get(handle, eui, StationKey.LNS));
    }

    /**
     * The claim is done.
     *
     * @param told what the Gateway Join Server was told, besides the key
     * @throws Conflict if another attempt has taken it up meanwhile
     */
    public Change<NetworkGateway> complete(Caller actor, Reserved reserved, long told) {
        return handle -> {
            Eui64 eui = reserved.gateway().eui();
            int completed =
                    handle.execute(
                            """
                            UPDATE network_gateway SET claim_state = 'claimed', claim_until = NULL,
                                claimed_at = ?
                            WHERE eui = ? AND claim_attempt = ?
                                AND claim_state IN ('claiming', 'transferred')
                            """,
                            clock.millis(),
                            eui.value(),
                            reserved.attempt());
            if (completed == 0) {
                throw new Conflict(
                        "gateway " + eui + " was claimed again meanwhile: that claim holds");
            }
            markTold(handle, reserved, told);
            GatewayTable.changed(handle, eui);
            audit.append(
                    handle,
                    NetworkGateways.event(
                            actor,
                            "claim",
                            eui,
                            Map.of(
                                    "id",
                                    reserved.gateway().id().value(),
                                    "collaborator",
                                    claimant(handle, eui).map(AccountId::value).orElse(""),
                                    "upstream",
                                    reserved.upstream())));
            return GatewayTable.find(handle, eui).orElseThrow();
        };
    }

    /**
     * Ends an attempt before it is undone, so that it cannot be completed any more; empty if it was
     * completed or another has taken the claim up.
     */
    public Change<Optional<Reserved>> end(Reserved reserved) {
        long attempt = random.nextLong();
        return handle -> {
            int ended =
                    handle.execute(
                            """
                            UPDATE network_gateway SET claim_attempt = ?
                            WHERE eui = ? AND claim_attempt = ? AND claim_state = 'claiming'
                            """,
                            attempt,
                            reserved.gateway().eui().value(),
                            reserved.attempt());
            return ended == 0
                    ? Optional.empty()
                    : Optional.of(
                            new Reserved(
                                    reserved.gateway(),
                                    attempt,
                                    reserved.upstream(),
                                    reserved.targetCupsUri(),
                                    reserved.cupsKey(),
                                    reserved.lnsKey()));
        };
    }

    /** Forgets what was reserved, unless another attempt has taken it up meanwhile. */
    public Change<Boolean> undo(Caller actor, Reserved reserved) {
        return handle -> undo(handle, actor, reserved.gateway().eui(), reserved.attempt());
    }

    private boolean undo(Handle handle, Caller actor, Eui64 eui, long attempt) {
        Optional<NetworkGateway> gateway =
                handle.createQuery(
                                "SELECT * FROM network_gateway WHERE eui = :eui AND claim_attempt ="
                                        + " :attempt AND claim_state = 'claiming'")
                        .bind("eui", eui.value())
                        .bind("attempt", attempt)
                        .map((row, _) -> GatewayTable.gateway(row))
                        .findOne();
        gateway.ifPresent(
                abandoned -> {
                    NetworkGateways.remove(handle, abandoned);
                    audit.append(
                            handle,
                            NetworkGateways.event(
                                    actor,
                                    "claim.undo",
                                    eui,
                                    Map.of("id", abandoned.id().value())));
                });
        return gateway.isPresent();
    }

    /** What became of an attempt to take a registered gateway over. */
    public sealed interface Transfer {

        /**
         * It is the new owner's.
         *
         * @param toTell what its Gateway Join Server is to be told, if it has one
         */
        record Done(NetworkGateway gateway, Optional<Reserved> toTell) implements Transfer {}

        /** The code is wrong. */
        record WrongCode() implements Transfer {}

        /** Too many wrong codes were tried today. */
        record Locked() implements Transfer {}

        /** Nobody may claim it any more. */
        record NotClaimable() implements Transfer {}
    }

    /**
     * Hands a gateway over to whoever knows the code its owner set. All that the former owner had
     * of it ends: everybody's rights, every key, its settings.
     *
     * @throws IdTaken if another gateway has the ID
     */
    public Change<Transfer> transfer(Caller actor, Order order, String code) {
        Eui64 eui = order.eui();
        // The code is compared here, on the caller's thread, so that the vault's work holds up no
        // other change.
        Optional<byte[]> seen = database.read(handle -> codeHash(handle, eui));
        boolean fits = seen.filter(hash -> codes.fits(hash, code)).isPresent();
        long attempt = random.nextLong();
        return handle -> {
            Access.requireGatewayCreation(handle, actor, order.account());
            if (!(standing(handle, order.account(), eui) instanceof Standing.Claimable)) {
                return new Transfer.NotClaimable();
            }
            if (limit.today(handle, List.of(eui), now()).isLocked(eui)) {
                return new Transfer.Locked();
            }
            if (!fits || !isSame(seen, codeHash(handle, eui))) {
                countWrong(handle, actor, eui);
                return new Transfer.WrongCode();
            }
            requireFreeId(handle, order);
            return transfer(handle, actor, order, attempt);
        };
    }

    private static boolean isSame(Optional<byte[]> one, Optional<byte[]> other) {
        return one.isPresent() && other.isPresent() && Arrays.equals(one.get(), other.get());
    }

    private static Optional<byte[]> codeHash(Handle handle, Eui64 eui) {
        return handle.createQuery("SELECT code_hash FROM network_gateway WHERE eui = :eui")
                .bind("eui", eui.value())
                .map((row, _) -> Optional.ofNullable(row.getBytes("code_hash")))
                .findOne()
                .flatMap(hash -> hash);
    }

    private Transfer transfer(Handle handle, Caller actor, Order order, long attempt) {
        Eui64 eui = order.eui();
        NetworkGateway before = GatewayTable.find(handle, eui).orElseThrow();
        Optional<String> upstream = upstream(before);
        Accounts.forget(handle, before.id().entity());
        // Nothing of the row stays but its EUI and the Gateway Join Server it was claimed at.
        GatewayTable.delete(handle, eui);
        GatewayTable.insert(handle, eui, order.id(), order.settings(), now());
        give(handle, actor, order);
        upstream.ifPresent(
                name ->
                        handle.execute(
                                """
                                UPDATE network_gateway SET claim_state = 'transferred',
                                    claim_account = ?, claim_upstream = ?, claim_attempt = ?,
                                    claim_cups_uri = ?
                                WHERE eui = ?
                                """,
                                order.account().value(),
                                name,
                                attempt,
                                text(order.targetCupsUri()),
                                eui.value()));
        audit.append(
                handle,
                List.of(
                        NetworkGateways.event(
                                actor, "transfer.out", eui, Map.of("id", before.id().value())),
                        NetworkGateways.event(
                                actor,
                                "transfer.in",
                                eui,
                                Map.of(
                                        "id",
                                        order.id().value(),
                                        "collaborator",
                                        order.account().value()))));
        return new Transfer.Done(
                GatewayTable.find(handle, eui).orElseThrow(),
                upstream.map(name -> reserved(handle, eui, attempt, name)));
    }

    private static Optional<String> upstream(NetworkGateway gateway) {
        return switch (gateway.claim()) {
            case ClaimState.Registered _ -> Optional.empty();
            case ClaimState.Claiming(String upstream, _) -> Optional.of(upstream);
            case ClaimState.Transferred(String upstream) -> Optional.of(upstream);
            case ClaimState.Claimed(String upstream, _) -> Optional.of(upstream);
        };
    }

    /** Takes up again what a transfer left: the Gateway Join Server has not been told. */
    public Optional<Reserved> takenOver(Eui64 eui) {
        return database.read(handle -> takenOver(handle, eui));
    }

    /** Likewise, for its new owner, who now says where the gateway is sent. */
    public Change<Optional<Reserved>> goOn(Eui64 eui, Optional<StationUri> targetCupsUri) {
        return handle -> {
            handle.execute(
                    """
                    UPDATE network_gateway SET claim_cups_uri = ?
                    WHERE eui = ? AND claim_state = 'transferred'
                    """,
                    text(targetCupsUri),
                    eui.value());
            return takenOver(handle, eui);
        };
    }

    private Optional<Reserved> takenOver(Handle handle, Eui64 eui) {
        return reserved(
                        handle,
                        handle.createQuery(
                                        """
                                        SELECT eui, claim_attempt, claim_upstream
                                        FROM network_gateway
                                        WHERE eui = :eui AND claim_state = 'transferred'
                                        """)
                                .bind("eui", eui.value()))
                .stream()
                .findFirst();
    }

    /**
     * A gateway that was claimed and may be given back by the caller.
     *
     * @param upstream the name of its Gateway Join Server
     */
    public record Claimed(NetworkGateway gateway, String upstream) {
        public Claimed {
            requireNonNull(gateway, "gateway");
            requireNonNull(upstream, "upstream");
        }
    }

    /**
     * The gateway, if it was claimed and the caller may give it back.
     *
     * @throws Conflict if it was registered by hand
     */
    public Claimed requireClaimed(Caller caller, GatewayId id) {
        return database.read(handle -> requireClaimed(handle, caller, id));
    }

    private static Claimed requireClaimed(Handle handle, Caller caller, GatewayId id) {
        Access.require(handle, caller, id.entity(), Right.GATEWAY_INFO, Right.GATEWAY_DELETE);
        NetworkGateway gateway =
                GatewayTable.find(handle, id).orElseThrow(() -> id.entity().notFound());
        return new Claimed(
                gateway,
                upstream(gateway)
                        .orElseThrow(
                                () ->
                                        new Conflict(
                                                "gateway "
                                                        + id
                                                        + " was registered by hand, not claimed:"
                                                        + " delete it")));
    }

    /** Forgets a gateway that its Gateway Join Server has back. */
    public Change<Boolean> remove(Caller actor, GatewayId id) {
        return handle -> {
            Claimed claimed = requireClaimed(handle, actor, id);
            NetworkGateways.remove(handle, claimed.gateway());
            audit.append(
                    handle,
                    NetworkGateways.event(
                            actor,
                            "unclaim",
                            claimed.gateway().eui(),
                            Map.of("id", id.value(), "upstream", claimed.upstream())));
            return true;
        };
    }

    /** The next claims that nobody went on with in time, to be undone. */
    public List<Reserved> expired() {
        return database.read(
                handle ->
                        reserved(
                                handle,
                                handle.createQuery(
                                                """
                                                SELECT eui, claim_attempt, claim_upstream
                                                FROM network_gateway
                                                WHERE claim_state = 'claiming' AND claim_until <= :now
                                                ORDER BY claim_until LIMIT :limit
                                                """)
                                        .bind("now", clock.millis())
                                        .bind("limit", AT_A_TIME)));
    }

    /**
     * What a Gateway Join Server was told of some of the claimed gateways.
     *
     * @param upstream its name
     * @param targetCupsUri where they are sent; empty for this network
     * @param told the CUPS and the certificate to trust; empty if it is to be told
     */
    public record Told(String upstream, Optional<StationUri> targetCupsUri, OptionalLong told) {
        public Told {
            requireNonNull(upstream, "upstream");
            requireNonNull(targetCupsUri, "targetCupsUri");
            requireNonNull(told, "told");
        }
    }

    /** All that Gateway Join Servers were told, as far as that is known. */
    public List<Told> told() {
        return database.read(
                handle ->
                        handle.createQuery(
                                        """
                                        SELECT DISTINCT claim_upstream, claim_cups_uri, claim_told
                                        FROM network_gateway
                                        WHERE claim_state = 'claimed'
                                            AND (claim_told IS NULL OR claim_told >= 0)
                                        """)
                                .map((row, _) -> told(row))
                                .list());
    }

    private static Told told(ResultSet row) throws SQLException {
        long told = row.getLong("claim_told");
        OptionalLong known = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(told);
        return new Told(
                row.getString("claim_upstream"),
                Optional.ofNullable(row.getString("claim_cups_uri")).map(StationUri::cups),
                known);
    }

    /**
     * Some of the gateways that a Gateway Join Server was told this of, others each time: one that
     * it refuses keeps none from its turn.
     */
    public List<Reserved> of(Told told) {
        return database.read(
                handle ->
                        reserved(
                                handle,
                                handle.createQuery(
                                                """
                                                SELECT eui, claim_attempt, claim_upstream
                                                FROM network_gateway
                                                WHERE claim_state = 'claimed' AND claim_upstream = :upstream
                                                    AND COALESCE(claim_cups_uri, '') = :uri
                                                    AND COALESCE(claim_told, -2) = :told
                                                ORDER BY RANDOM() LIMIT :limit
                                                """)
                                        .bind("upstream", told.upstream())
                                        .bind(
                                                "uri",
                                                told.targetCupsUri()
                                                        .map(Object::toString)
                                                        .orElse(""))
                                        .bind("told", told.told().orElse(-2))
                                        .bind("limit", TOLD_AT_A_TIME)));
    }

    /** The Gateway Join Server of a claimed gateway was told anew. */
    public Change<Boolean> markTold(Reserved reserved, long told) {
        return handle -> markTold(handle, reserved, told);
    }

    /** It is told again if the gateway has got another key or another owner meanwhile. */
    private boolean markTold(Handle handle, Reserved reserved, long told) {
        Eui64 eui = reserved.gateway().eui();
        int marked =
                handle.execute(
                        """
                        UPDATE network_gateway SET claim_told = ?
                        WHERE eui = ? AND claim_attempt = ? AND claim_state = 'claimed'
                        """,
                        told,
                        eui.value(),
                        reserved.attempt());
        boolean isSame =
                marked > 0 && keys.get(handle, eui, StationKey.CUPS).equals(reserved.cupsKey());
        if (!isSame) {
            handle.execute(
                    "UPDATE network_gateway SET claim_told = NULL WHERE eui = ?", eui.value());
        }
        return isSame;
    }

    /** Those of a query for their EUI, attempt and upstream. */
    private List<Reserved> reserved(Handle handle, Query query) {
        return query
                .map(
                        (row, _) ->
                                new Attempt(
                                        new Eui64(row.getLong("eui")),
                                        row.getLong("claim_attempt"),
                                        row.getString("claim_upstream")))
                .list()
                .stream()
                .map(one -> reserved(handle, one.eui(), one.attempt(), one.upstream()))
                .toList();
    }

    private record Attempt(Eui64 eui, long attempt, String upstream) {}

    /** The next gateways that were taken over and whose Gateway Join Server has not been told. */
    public List<Eui64> untold() {
        return database.read(
                handle ->
                        handle.createQuery(
                                        "SELECT eui FROM network_gateway WHERE claim_state ="
                                                + " 'transferred' ORDER BY eui LIMIT :limit")
                                .bind("limit", AT_A_TIME)
                                .map((row, _) -> new Eui64(row.getLong("eui")))
                                .list());
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }
}
