package dev.usher.network.outlets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Access;
import dev.usher.accounts.AccountId;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.Principal;
import dev.usher.accounts.Rights;
import dev.usher.keys.Sealer;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;

/** The webhooks there are, and whose they are. */
public final class Webhooks {

    /** How long a secret that was replaced still signs. */
    static final Duration FORMER_SECRET = Duration.ofHours(24);

    private static final int SECRET_BYTES = 32;
    private static final int SHORTEST_SECRET = 16;
    private static final int LONGEST_SECRET = 200;
    private static final int MOST = 1000;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Database database;
    private final Sealer sealer;
    private final AuditLog audit;
    private final InstantSource clock;

    public Webhooks(Database database, Sealer sealer, AuditLog audit, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.sealer = requireNonNull(sealer, "sealer");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Makes a webhook.
     *
     * @param account whose it is; the network's own if empty, which is for administrators
     * @param secret what deliveries are signed with; made here if empty
     * @throws IllegalArgumentException if the secret is too short or too long
     */
    public Change<Webhook.Signed> create(
            Caller actor,
            WebhookId id,
            Optional<AccountId> account,
            WebhookSettings settings,
            Optional<String> secret) {
        String signing = secret.map(Webhooks::checked).orElseGet(Webhooks::randomSecret);
        byte[] sealed = sealer.seal(context(id), signing.getBytes(UTF_8));
        return handle -> {
            requireMayHave(handle, actor, account);
            Webhook webhook =
                    new Webhook(
                            id,
                            account,
                            most(handle, actor, account),
                            settings,
                            Instant.ofEpochMilli(clock.millis()));
            if (find(handle, id).isPresent()) {
                throw new Conflict("there is a webhook " + id + " already: choose another ID");
            }
            long count = handle.createQuery("SELECT COUNT(*) FROM webhook").mapTo(Long.class).one();
            if (count >= MOST) {
                throw new Conflict("there are " + MOST + " webhooks already, and no more can be");
            }
            handle.execute(
                    "INSERT INTO webhook (id, account, rights, url, types, enabled, secret,"
                            + " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    id.value(),
                    account.map(AccountId::value).orElse(null),
                    webhook.rights().toString(),
                    settings.url().toString(),
                    String.join(",", settings.types()),
                    settings.enabled() ? 1 : 0,
                    sealed,
                    webhook.createdAt().toEpochMilli());
            note(handle, actor, "webhook.create", id);
            return new Webhook.Signed(webhook, signing);
        };
    }

    /** Changes a webhook. From then on it tells no more than the caller could have it tell. */
    public Change<Webhook> set(
            Caller actor, WebhookId id, UnaryOperator<WebhookSettings> settings) {
        return handle -> {
            Webhook before = get(handle, actor, id);
            Webhook after =
                    new Webhook(
                            id,
                            before.account(),
                            before.rights().and(most(handle, actor, before.account())),
                            settings.apply(before.settings()),
                            before.createdAt());
            handle.execute(
                    "UPDATE webhook SET rights = ?, url = ?, types = ?, enabled = ? WHERE id = ?",
                    after.rights().toString(),
                    after.settings().url().toString(),
                    String.join(",", after.settings().types()),
                    after.settings().enabled() ? 1 : 0,
                    id.value());
            note(handle, actor, "webhook.set", id);
            return after;
        };
    }

    /** Gives a webhook another secret; for a day deliveries are signed with the former one too. */
    public Change<Webhook.Signed> replaceSecret(
            Caller actor, WebhookId id, Optional<String> secret) {
        String signing = secret.map(Webhooks::checked).orElseGet(Webhooks::randomSecret);
        byte[] sealed = sealer.seal(context(id), signing.getBytes(UTF_8));
        long until = clock.millis() + FORMER_SECRET.toMillis();
        return handle -> {
            Webhook webhook = get(handle, actor, id);
            handle.execute(
                    "UPDATE webhook SET former_secret = secret, former_until = ?, secret = ? WHERE"
                            + " id = ?",
                    until,
                    sealed,
                    id.value());
            note(handle, actor, "webhook.secret", id);
            return new Webhook.Signed(webhook, signing);
        };
    }

    /** Ends a webhook; what waits for it is forgotten. */
    public Change<Webhook> delete(Caller actor, WebhookId id) {
        return handle -> {
            Webhook webhook = get(handle, actor, id);
            handle.execute("DELETE FROM webhook WHERE id = ?", id.value());
            Outbox.forget(handle, id.outlet());
            note(handle, actor, "webhook.delete", id);
            return webhook;
        };
    }

    /** Fails with {@link NotFound} if there is none, or the caller may not know of it. */
    public Webhook.Shown get(Caller caller, WebhookId id) {
        return database.read(handle -> shown(handle, get(handle, caller, id)));
    }

    /**
     * The next webhooks by ID.
     *
     * @param account whose; of all for administrators, of the caller for others, if empty
     */
    public List<Webhook.Shown> list(
            Caller caller, Optional<AccountId> account, Optional<WebhookId> after, int limit) {
        Optional<AccountId> whose = account.isPresent() ? account : caller.account();
        return database.read(
                handle -> {
                    if (whose.isPresent() || !(caller instanceof Principal.Administrator)) {
                        requireMayHave(handle, caller, whose);
                    }
                    return handle
                            .createQuery(
                                    """
                                    SELECT * FROM webhook
                                    WHERE id > :after AND (:every = 1 OR account = :account)
                                    ORDER BY id LIMIT :limit
                                    """)
                            .bind("after", after.map(WebhookId::value).orElse(""))
                            .bind("every", whose.isEmpty() ? 1 : 0)
                            .bind("account", whose.map(AccountId::value).orElse(""))
                            .bind("limit", limit)
                            .map((row, _) -> webhook(row))
                            .list()
                            .stream()
                            .map(webhook -> shown(handle, webhook))
                            .toList();
                });
    }

    /**
     * The most a caller may have told in the name of an account: what they may do for it, which is
     * less than the account itself may where they are a member of an organization with few rights.
     */
    private static Rights most(Handle handle, Caller caller, Optional<AccountId> account) {
        return account.flatMap(id -> Accounts.find(handle, id))
                .map(found -> Access.of(handle, caller, found.entity()))
                .orElse(Rights.ALL); // the network's own, which only administrators have
    }

    private static void requireMayHave(Handle handle, Caller caller, Optional<AccountId> account) {
        if (account.isPresent()) {
            Access.requireSettings(handle, caller, account.get());
        } else {
            Access.requireAdministrator(caller);
        }
    }

    private static Webhook get(Handle handle, Caller caller, WebhookId id) {
        Webhook webhook = find(handle, id).orElseThrow(() -> notFound(id));
        if (caller instanceof Principal.Administrator) {
            return webhook;
        }
        boolean known =
                webhook.account()
                        .flatMap(account -> Accounts.find(handle, account))
                        .filter(account -> !Access.of(handle, caller, account.entity()).isEmpty())
                        .isPresent();
        if (!known) {
            throw notFound(id);
        }
        requireMayHave(handle, caller, webhook.account());
        return webhook;
    }

    private static NotFound notFound(WebhookId id) {
        return new NotFound("there is no webhook " + id + ", or you may not see it: check the ID");
    }

    private static Optional<Webhook> find(Handle handle, WebhookId id) {
        return handle.createQuery("SELECT * FROM webhook WHERE id = :id")
                .bind("id", id.value())
                .map((row, _) -> webhook(row))
                .findOne();
    }

    private static Webhook.Shown shown(Handle handle, Webhook webhook) {
        return new Webhook.Shown(webhook, Outbox.state(handle, webhook.id().outlet()));
    }

    /** A webhook, and what its deliveries are signed with now. */
    record Active(Webhook webhook, List<String> secrets) {

        Active {
            secrets = List.copyOf(secrets);
        }

        @Override
        public String toString() {
            return "Active[" + webhook + "]";
        }
    }

    /** Those that are enabled. */
    List<Active> enabled() {
        return database.read(
                handle ->
                        handle.createQuery("SELECT * FROM webhook WHERE enabled = 1 ORDER BY id")
                                .map((row, _) -> active(row))
                                .list());
    }

    /** What the deliveries of one are signed with now. */
    Optional<Active> active(WebhookId id) {
        return database.read(
                handle ->
                        handle.createQuery("SELECT * FROM webhook WHERE id = :id")
                                .bind("id", id.value())
                                .map((row, _) -> active(row))
                                .findOne());
    }

    private Active active(ResultSet row) throws SQLException {
        Webhook webhook = webhook(row);
        List<String> secrets = new ArrayList<>(2);
        secrets.add(open(webhook.id(), row.getBytes("secret")));
        boolean former =
                Outbox.time(row, "former_until").filter(clock.instant()::isBefore).isPresent();
        if (former) {
            secrets.add(open(webhook.id(), row.getBytes("former_secret")));
        }
        return new Active(webhook, secrets);
    }

    private String open(WebhookId id, byte[] sealed) {
        return new String(sealer.open(context(id), sealed), UTF_8);
    }

    /** Tells it nothing any more, as whoever is there has asked for. */
    void disable(WebhookId id) {
        database.write(
                handle -> {
                    handle.execute("UPDATE webhook SET enabled = 0 WHERE id = ?", id.value());
                    audit.append(
                            handle,
                            new AuditEvent(
                                    "usher",
                                    "webhook.disable",
                                    id.value(),
                                    Optional.empty(),
                                    Map.of("why", "410 Gone")));
                    return true;
                });
    }

    private void note(Handle handle, Caller actor, String action, WebhookId id) {
        audit.append(handle, new AuditEvent(actor, action, id.value(), Optional.empty(), Map.of()));
    }

    private static String context(WebhookId id) {
        return "webhook/" + id + "/secret";
    }

    private static String checked(String secret) {
        if (secret.length() < SHORTEST_SECRET || secret.length() > LONGEST_SECRET) {
            throw new IllegalArgumentException(
                    ("a secret of %d characters does not do: use %d to %d, or leave it out to have"
                                    + " one made")
                            .formatted(secret.length(), SHORTEST_SECRET, LONGEST_SECRET));
        }
        return secret;
    }

    private static String randomSecret() {
        byte[] bytes = new byte[SECRET_BYTES];
        RANDOM.nextBytes(bytes);
        return "whsec_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Webhook webhook(ResultSet row) throws SQLException {
        String types = row.getString("types");
        return new Webhook(
                new WebhookId(row.getString("id")),
                Optional.ofNullable(row.getString("account")).map(AccountId::new),
                Rights.parse(row.getString("rights")),
                new WebhookSettings(
                        WebhookSettings.url(row.getString("url")),
                        types.isEmpty()
                                ? Set.of()
                                : Set.copyOf(Arrays.asList(types.split(",", -1))),
                        row.getInt("enabled") != 0),
                Instant.ofEpochMilli(row.getLong("created_at")));
    }
}
