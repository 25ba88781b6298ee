package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.GuessLimit;
import dev.usher.accounts.Owner;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Principal;
import dev.usher.keys.ClaimPin;
import dev.usher.keys.KeyLabel;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.station.AuthorizationHeader;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/**
 * Who owns which gateway: claiming by the code on the label, releasing, adding gateways that have
 * no batch, importing those whose secrets were made elsewhere.
 *
 * <p>A wrong code, a gateway nobody knows and a gateway of somebody else get the same answer, take
 * the same time and count against the same limit ({@link GuessLimit}); an EUI that names no gateway
 * counts like any other, so that the count tells nothing.
 */
public final class Claims {

    private static final String REFUSED =
            "the code does not fit the gateway, or the gateway cannot be claimed: check the EUI and"
                    + " the code on the label";
    private static final String MISTYPED =
            "the code has a typing error: its check character does not fit; look for characters"
                    + " that look alike";
    private static final String LOCKED =
            "too many wrong codes were tried for this gateway today: try again tomorrow (UTC)";
    private static final String NOT_YOURS = "the gateway is not claimed by you: claim it first";

    private static final String EXISTS =
            "the gateway exists already or lies in a batch: claim it with the code on its label";
    private static final String LIMIT_REACHED =
            "you have added as many gateways as you may: delete one, or ask the operator to raise"
                    + " the limit";

    private static final byte[] NO_HASH = {};

    private final Database database;
    private final Batches batches;
    private final AuditLog audit;
    private final InstantSource clock;
    private final GatewaySecretsCheck secrets;
    private final GuessLimit limit;

    Claims(
            Database database,
            GatewaySecretsCheck secrets,
            Batches batches,
            AuditLog audit,
            InstantSource clock,
            int guessesPerDay) {
        this.database = requireNonNull(database, "database");
        this.batches = requireNonNull(batches, "batches");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
        this.secrets = requireNonNull(secrets, "secrets");
        this.limit = new GuessLimit(GuessLimit.Kind.GATEWAY, guessesPerDay);
    }

    /** One gateway to claim with the code on its label. */
    public record Claim(Eui64 gateway, String code) {
        public Claim {
            requireNonNull(gateway, "gateway");
            requireNonNull(code, "code");
        }

        @Override
        public String toString() {
            return "Claim[gateway=" + gateway + "]";
        }
    }

    /**
     * Claims gateways for an owner, each on its own. One that the owner has already is done again
     * without effect.
     *
     * @param dryRun checks everything and claims nothing; wrong codes count all the same
     */
    public Change<List<ItemResult>> claim(
            Principal actor, OwnerId owner, List<Claim> claims, boolean dryRun) {
        List<Eui64> euis = claims.stream().map(Claim::gateway).toList();
        Batches.ByEui batchesNow = batches.current();
        Map<Eui64, GatewayRow> rows = database.read(handle -> GatewayRow.findAll(handle, euis));
        // The codes are checked here, on the caller's thread, so that the vault's work holds up no
        // other change.
        List<Checked> checked =
                claims.stream()
                        .map(
                                claim ->
                                        check(
                                                claim,
                                                batchesNow.of(claim.gateway()),
                                                Optional.ofNullable(rows.get(claim.gateway()))))
                        .toList();
        return handle -> apply(handle, actor, owner, checked, dryRun);
    }

    /** A claim whose code was compared with the gateway as it was then. */
    private record Checked(
            Claim claim,
            boolean fits,
            Optional<KeyLabel> key,
            int generation,
            Optional<byte[]> codeHash) {

        /** Whether what the code was compared with is still there. */
        boolean holdsFor(Optional<Batch> batch, Optional<GatewayRow> row) {
            return batch.map(Batch::keyLabel).equals(key)
                    && row.map(GatewayRow::generation).orElse(0) == generation
                    && Arrays.equals(
                            row.flatMap(GatewayRow::codeHash).orElse(NO_HASH),
                            codeHash.orElse(NO_HASH));
        }
    }

    private Checked check(Claim claim, Optional<Batch> batch, Optional<GatewayRow> row) {
        return new Checked(
                claim,
                secrets.isCode(claim.gateway(), row, batch, claim.code()),
                batch.map(Batch::keyLabel),
                row.map(GatewayRow::generation).orElse(0),
                row.flatMap(GatewayRow::codeHash));
    }

    private List<ItemResult> apply(
            Handle handle, Principal actor, OwnerId owner, List<Checked> claims, boolean dryRun) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        List<Eui64> euis = claims.stream().map(checked -> checked.claim().gateway()).toList();
        Batches.ByEui batchesNow = Batches.in(handle);
        Map<Eui64, GatewayRow> rows = GatewayRow.findAll(handle, euis);
        GuessLimit.Guesses guesses = limit.today(handle, euis, now);
        Set<Eui64> claimedNow = new HashSet<>();
        List<AuditEvent> events = new ArrayList<>();
        List<ItemResult> results = new ArrayList<>(claims.size());
        PreparedBatch upserts =
                handle.prepareBatch(
                        """
                        INSERT INTO gateway (eui, origin, flavor, generation, owner, claimed_at)
                        VALUES (?, ?, ?, 0, ?, ?)
                        ON CONFLICT (eui) DO UPDATE
                            SET owner = excluded.owner, claimed_at = excluded.claimed_at
                        """);
        for (Checked seen : claims) {
            Claim claim = seen.claim();
            Eui64 eui = claim.gateway();
            Optional<GatewayRow> row = Optional.ofNullable(rows.get(eui));
            Optional<Batch> batch = batchesNow.of(eui);
            Checked current = seen.holdsFor(batch, row) ? seen : check(claim, batch, row);
            if (guesses.isLocked(eui)) {
                events.add(refused(actor, owner, eui, "locked"));
                results.add(ItemResult.failed(eui, LOCKED));
            } else if (!current.fits() || isOfAnother(row, owner)) {
                guesses.countWrong(eui);
                events.add(refused(actor, owner, eui, "wrong"));
                results.add(
                        ItemResult.failed(
                                eui, ClaimPin.looksMistyped(claim.code()) ? MISTYPED : REFUSED));
            } else {
                if (row.flatMap(GatewayRow::owner).isEmpty() && claimedNow.add(eui) && !dryRun) {
                    upserts.bind(0, eui.value())
                            .bind(1, row.map(GatewayRow::origin).orElse(Origin.BATCH).column())
                            .bind(2, batch.map(Batch::flavor).orElse(""))
                            .bind(3, owner.value())
                            .bind(4, now.toEpochMilli())
                            .add();
                    events.add(
                            event(
                                    actor,
                                    "gateway.claim",
                                    owner,
                                    eui,
                                    batch.map(b -> Map.of("batch", b.name())).orElse(Map.of())));
                }
                results.add(ItemResult.done(eui));
            }
        }
        upserts.execute();
        guesses.save(handle);
        audit.append(handle, events);
        return results;
    }

    private static boolean isOfAnother(Optional<GatewayRow> row, OwnerId owner) {
        return row.flatMap(GatewayRow::owner).filter(o -> !o.equals(owner)).isPresent();
    }

    /**
     * Gives gateways back: what its owner set up is forgotten, and anybody who has the code can
     * claim it. A gateway of a batch whose policy says so gets a new code first. One the owner
     * added itself is gone altogether.
     */
    public Change<List<ItemResult>> release(
            Principal actor, OwnerId owner, List<Eui64> euis, boolean dryRun) {
        return release(actor, owner, euis, dryRun, /* isUndone= */ false);
    }

    /**
     * Takes a claim back that came to nothing, as if it had not been made: the code that made it is
     * good again, whatever the batch's policy.
     */
    public Change<List<ItemResult>> undo(Principal actor, OwnerId owner, Eui64 gateway) {
        return release(actor, owner, List.of(gateway), /* dryRun= */ false, /* isUndone= */ true);
    }

    private Change<List<ItemResult>> release(
            Principal actor, OwnerId owner, List<Eui64> euis, boolean dryRun, boolean isUndone) {
        return handle -> {
            Map<Eui64, GatewayRow> rows = GatewayRow.findAll(handle, euis);
            Batches.ByEui batchesNow = Batches.in(handle);
            List<AuditEvent> events = new ArrayList<>();
            List<ItemResult> results = new ArrayList<>(euis.size());
            PreparedBatch deletes = handle.prepareBatch("DELETE FROM gateway WHERE eui = ?");
            PreparedBatch unseen = handle.prepareBatch("DELETE FROM gateway_seen WHERE eui = ?");
            PreparedBatch releases =
                    handle.prepareBatch(
                            """
                            UPDATE gateway SET generation = generation + ?,
                                owner = NULL, claimed_at = NULL, setup_at = NULL,
                                cups_uri = NULL, cups_trust = NULL, cups_crt = NULL,
                                cups_key = NULL, cups_crc = NULL,
                                lns_uri = NULL, lns_trust = NULL, lns_crt = NULL,
                                lns_key = NULL, lns_crc = NULL,
                                fw_crc = NULL, fw_after = NULL, fw_unsigned = 0,
                                fw_offered_at = NULL
                            WHERE eui = ?
                            """);
            for (Eui64 eui : euis) {
                Optional<GatewayRow> row =
                        Optional.ofNullable(rows.remove(eui)).filter(r -> r.isClaimedBy(owner));
                if (row.isEmpty()) {
                    results.add(ItemResult.failed(eui, NOT_YOURS));
                    continue;
                }
                if (!dryRun) {
                    boolean retiresPin =
                            !isUndone
                                    && row.get().origin() == Origin.BATCH
                                    && batchesNow
                                            .of(eui)
                                            .filter(Batch::retirePinOnRelease)
                                            .isPresent();
                    if (row.get().origin() == Origin.ADDED) {
                        deletes.bind(0, eui.value()).add();
                    } else {
                        releases.bind(0, retiresPin ? 1 : 0).bind(1, eui.value()).add();
                    }
                    unseen.bind(0, eui.value()).add();
                    events.add(
                            event(
                                    actor,
                                    "gateway.delete",
                                    owner,
                                    eui,
                                    retiresPin
                                            ? Map.of("pin", "retired")
                                            : isUndone ? Map.of("claim", "undone") : Map.of()));
                }
                results.add(ItemResult.done(eui));
            }
            deletes.execute();
            releases.execute();
            unseen.execute();
            audit.append(handle, events);
            return results;
        };
    }

    /**
     * The gateways like this one that have a code which claims them here: those of its batch, or
     * one that was imported alone. Empty if this one has none. Not to be called within a read or a
     * change.
     */
    public Optional<EuiRange> withCode(Eui64 gateway) {
        return batches.current()
                .of(gateway)
                .map(Batch::range)
                .or(() -> database.read(handle -> withCode(handle, gateway)));
    }

    private static Optional<EuiRange> withCode(Handle handle, Eui64 gateway) {
        return Batches.in(handle)
                .of(gateway)
                .map(Batch::range)
                .or(
                        () ->
                                row(handle, gateway)
                                        .flatMap(GatewayRow::codeHash)
                                        .map(_ -> new EuiRange(gateway, gateway)));
    }

    /** Who has claimed the gateway, if anybody has. */
    public Optional<OwnerId> ownerOf(Eui64 gateway) {
        return database.read(handle -> row(handle, gateway)).flatMap(GatewayRow::owner);
    }

    private static Optional<GatewayRow> row(Handle handle, Eui64 gateway) {
        return Optional.ofNullable(GatewayRow.findAll(handle, List.of(gateway)).get(gateway));
    }

    /**
     * A gateway without a batch, which its owner vouches for.
     *
     * @param token what follows {@code Authorization: } in the gateway's cups.key
     */
    public record Addition(Eui64 gateway, String flavor, String token) {
        public Addition {
            requireNonNull(gateway, "gateway");
            requireNonNull(flavor, "flavor");
            requireNonNull(token, "token");
        }

        @Override
        public String toString() {
            return "Addition[gateway=" + gateway + ", flavor=" + flavor + "]";
        }
    }

    /**
     * Adds gateways that have no batch and no code; they are their owner's at once. An owner may
     * have so many of them.
     */
    public Change<List<ItemResult>> add(
            Principal actor, OwnerId owner, List<Addition> additions, boolean dryRun) {
        // Hashed here, on the caller's thread, so that the vault's work holds up no other change.
        List<byte[]> tokenHashes =
                additions.stream()
                        .map(addition -> secrets.hashToken(addition.gateway(), addition.token()))
                        .toList();
        return handle -> {
            int left =
                    Owners.find(handle, owner).map(Owner::addLimit).orElse(0)
                            - added(handle, owner);
            Instant now = Instant.ofEpochMilli(clock.millis());
            Batches.ByEui batchesNow = Batches.in(handle);
            Set<Eui64> taken =
                    new HashSet<>(
                            GatewayRow.findAll(
                                            handle,
                                            additions.stream().map(Addition::gateway).toList())
                                    .keySet());
            List<AuditEvent> events = new ArrayList<>();
            List<ItemResult> results = new ArrayList<>(additions.size());
            PreparedBatch inserts =
                    handle.prepareBatch(
                            """
                            INSERT INTO gateway (eui, origin, flavor, generation, token_hash, owner,
                                claimed_at)
                            VALUES (?, 'added', ?, 0, ?, ?, ?)
                            """);
            for (int i = 0; i < additions.size(); i++) {
                Addition addition = additions.get(i);
                Eui64 eui = addition.gateway();
                Optional<String> wrong = objection(() -> check(addition));
                if (wrong.isPresent()) {
                    results.add(ItemResult.failed(eui, wrong.get()));
                } else if (taken.contains(eui) || batchesNow.of(eui).isPresent()) {
                    results.add(ItemResult.failed(eui, EXISTS));
                } else if (left <= 0) {
                    results.add(ItemResult.failed(eui, LIMIT_REACHED));
                } else {
                    left--;
                    taken.add(eui);
                    if (!dryRun) {
                        inserts.bind(0, eui.value())
                                .bind(1, addition.flavor())
                                .bind(2, tokenHashes.get(i))
                                .bind(3, owner.value())
                                .bind(4, now.toEpochMilli())
                                .add();
                        events.add(
                                event(
                                        actor,
                                        "gateway.add",
                                        owner,
                                        eui,
                                        Map.of("flavor", addition.flavor())));
                    }
                    results.add(ItemResult.done(eui));
                }
            }
            inserts.execute();
            audit.append(handle, events);
            return results;
        };
    }

    private static int added(Handle handle, OwnerId owner) {
        return handle.createQuery(
                        "SELECT count(*) FROM gateway WHERE owner = ? AND origin = 'added'")
                .bind(0, owner.value())
                .mapTo(Integer.class)
                .one();
    }

    private static void check(Addition addition) {
        Batch.checkFlavor(addition.flavor());
        if (addition.token().isBlank()) {
            throw new IllegalArgumentException(
                    "the token is empty: send the one that stands in the gateway's cups.key");
        }
        checkToken(addition.token());
    }

    private static void checkToken(String token) {
        AuthorizationHeader.of("Authorization: " + token);
    }

    /** What the check objects to. */
    private static Optional<String> objection(Runnable check) {
        try {
            check.run();
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /**
     * A gateway whose secrets its maker made.
     *
     * @param code what claims it, such as the Wi-Fi password of an Indoor Gateway
     * @param token what it authenticates with, if not with a certificate
     */
    public record Import(
            Eui64 gateway, String flavor, Optional<String> code, Optional<String> token) {
        public Import {
            requireNonNull(gateway, "gateway");
            requireNonNull(flavor, "flavor");
            requireNonNull(code, "code");
            requireNonNull(token, "token");
        }

        @Override
        public String toString() {
            return "Import[gateway=" + gateway + ", flavor=" + flavor + "]";
        }
    }

    /**
     * Adopts gateways whose secrets were made elsewhere; only hashes are kept. One that nobody has
     * claimed may be imported again.
     */
    public Change<List<ItemResult>> importAll(
            Principal actor, List<Import> imports, boolean dryRun) {
        // Hashed here, on the caller's thread, so that the vault's work holds up no other change.
        List<Hashed> hashed = imports.stream().map(this::hash).toList();
        return handle -> {
            Map<Eui64, GatewayRow> rows =
                    GatewayRow.findAll(handle, imports.stream().map(Import::gateway).toList());
            Batches.ByEui batchesNow = Batches.in(handle);
            List<AuditEvent> events = new ArrayList<>();
            List<ItemResult> results = new ArrayList<>(imports.size());
            PreparedBatch upserts =
                    handle.prepareBatch(
                            """
                            INSERT INTO gateway (eui, origin, flavor, generation, code_hash,
                                token_hash)
                            VALUES (?, 'imported', ?, 0, ?, ?)
                            ON CONFLICT (eui) DO UPDATE SET flavor = excluded.flavor,
                                code_hash = excluded.code_hash, token_hash = excluded.token_hash
                            """);
            for (Hashed one : hashed) {
                Eui64 eui = one.imported().gateway();
                Optional<String> error =
                        objection(() -> check(one.imported()))
                                .or(() -> conflict(batchesNow.of(eui), rows.get(eui)));
                if (error.isPresent()) {
                    results.add(ItemResult.failed(eui, error.get()));
                    continue;
                }
                if (!dryRun) {
                    upserts.bind(0, eui.value())
                            .bind(1, one.imported().flavor())
                            .bind(2, one.code())
                            .bind(3, one.token().orElse(null))
                            .add();
                    events.add(
                            new AuditEvent(
                                    actor,
                                    "gateway.import",
                                    eui.toString(),
                                    Optional.empty(),
                                    Map.of("flavor", one.imported().flavor())));
                }
                results.add(ItemResult.done(eui));
            }
            upserts.execute();
            audit.append(handle, events);
            return results;
        };
    }

    /** An import with what is kept of its secrets. */
    private record Hashed(Import imported, byte[] code, Optional<byte[]> token) {}

    private Hashed hash(Import imported) {
        return new Hashed(
                imported,
                secrets.hashCode(imported.gateway(), imported.code().orElse("")),
                tokenOf(imported).map(token -> secrets.hashToken(imported.gateway(), token)));
    }

    private static void check(Import imported) {
        Batch.checkFlavor(imported.flavor());
        if (imported.code().filter(code -> !code.isBlank()).isEmpty()) {
            throw new IllegalArgumentException(
                    "the gateway has no code: without one nobody could claim it");
        }
        tokenOf(imported).ifPresent(Claims::checkToken);
    }

    /** An empty cell of a table is no token. */
    private static Optional<String> tokenOf(Import imported) {
        return imported.token().filter(token -> !token.isBlank());
    }

    private static Optional<String> conflict(Optional<Batch> batch, @Nullable GatewayRow row) {
        if (batch.isPresent()) {
            return Optional.of("the gateway lies in a batch, which has its secrets: leave it out");
        }
        return row == null || (row.origin() == Origin.IMPORTED && row.owner().isEmpty())
                ? Optional.empty()
                : Optional.of("the gateway is claimed or was added by its owner: release it first");
    }

    /** The token of one gateway, or why there is none to tell. */
    public record TokenResult(Eui64 gateway, Optional<String> token, Optional<String> error) {
        public TokenResult {
            requireNonNull(gateway, "gateway");
            requireNonNull(token, "token");
            requireNonNull(error, "error");
        }

        @Override
        public String toString() {
            return "TokenResult[gateway=" + gateway + ", error=" + error + "]";
        }
    }

    /** The tokens of an owner's gateways, derived anew, for one whose cups.key was lost. */
    public List<TokenResult> tokens(OwnerId owner, List<Eui64> euis) {
        Map<Eui64, GatewayRow> rows = database.read(handle -> GatewayRow.findAll(handle, euis));
        return euis.stream()
                .map(
                        eui ->
                                token(
                                        eui,
                                        Optional.ofNullable(rows.get(eui))
                                                .filter(row -> row.isClaimedBy(owner))))
                .toList();
    }

    private TokenResult token(Eui64 eui, Optional<GatewayRow> mine) {
        Optional<Batch> batch = batches.of(eui);
        if (mine.isEmpty()) {
            return new TokenResult(eui, Optional.empty(), Optional.of(NOT_YOURS));
        }
        if (mine.get().origin() != Origin.BATCH || batch.isEmpty()) {
            return new TokenResult(
                    eui,
                    Optional.empty(),
                    Optional.of("the gateway's token was made elsewhere and is not kept here"));
        }
        String token = secrets.derive(batch.get(), eui, mine.get().generation()).token();
        return new TokenResult(eui, Optional.of(token), Optional.empty());
    }

    private static AuditEvent refused(Principal actor, OwnerId owner, Eui64 eui, String why) {
        return event(actor, "gateway.claim.refused", owner, eui, Map.of("why", why));
    }

    private static AuditEvent event(
            Principal actor, String action, OwnerId owner, Eui64 eui, Map<String, String> detail) {
        return new AuditEvent(actor, action, eui.toString(), Optional.of(owner), detail);
    }
}
