package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import dev.usher.store.Change;
import dev.usher.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * How users sign in: with a password, or as whom an OpenID Connect provider knows them; and what
 * they are known by from then on.
 *
 * <p>An unknown user, a wrong password and a user without one look the same, and each costs a hash.
 * After {@value #WRONG_AN_HOUR} wrong passwords a user can sign in with none for the rest of the
 * hour (UTC).
 */
public final class Logins {

    private static final int WRONG_AN_HOUR = 10;
    private static final Duration SESSION = Duration.ofHours(12);

    private final Database database;
    private final AuditLog audit;
    private final InstantSource clock;
    private final Passwords passwords = new Passwords();

    public Logins(Database database, AuditLog audit, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Gives a user another password and ends their sessions. Whoever knows the password may do all
     * that the user may, so it takes all rights on the user, and an administrator's is for
     * administrators: a key never allows more than whoever made it gave it.
     *
     * @throws IllegalArgumentException if it is too short or too long
     * @throws MissingRight if the caller may do less than the user
     */
    public Change<Boolean> setPassword(Caller actor, AccountId user, String password) {
        String hash = passwords.hash(password);
        return handle -> {
            User whose = Accounts.user(handle, user);
            Access.require(handle, actor, whose.entity(), Right.ALL);
            if (whose.administrator()) {
                Access.requireAdministrator(actor);
            }
            handle.execute(
                    "UPDATE account SET password_hash = ?, wrong_passwords = 0 WHERE id = ?",
                    hash,
                    user.value());
            handle.execute("DELETE FROM account_session WHERE account = ?", user.value());
            audit.append(handle, event(actor.name(), "user.password", user, Map.of()));
            return true;
        };
    }

    /** The user, if this is their password. Takes long, on purpose. */
    public Optional<User> withPassword(AccountId id, String password) {
        Optional<Stored> stored = database.read(handle -> stored(handle, id));
        boolean fits =
                passwords.matches(
                        stored.flatMap(Stored::passwordHash).orElseGet(Passwords::nobodys),
                        password);
        if (stored.flatMap(Stored::passwordHash).isEmpty()) {
            return Optional.empty();
        }
        long hour = clock.millis() / Duration.ofHours(1).toMillis();
        return database.write(
                handle -> {
                    Optional<Stored> now = stored(handle, id);
                    // Whoever changed the password meanwhile meant it.
                    if (now.isEmpty() || !now.get().passwordHash().equals(passwordOf(stored))) {
                        return Optional.empty();
                    }
                    int wrong = now.get().wrongHour() == hour ? now.get().wrongPasswords() : 0;
                    if (wrong >= WRONG_AN_HOUR) {
                        return Optional.empty();
                    }
                    if (fits) {
                        return Optional.of(now.get().user());
                    }
                    handle.execute(
                            "UPDATE account SET wrong_hour = ?, wrong_passwords = ? WHERE id = ?",
                            hour,
                            wrong + 1,
                            id.value());
                    audit.append(
                            handle,
                            event(
                                    "usher",
                                    "user.login.refused",
                                    id,
                                    Map.of("wrong", "" + (wrong + 1))));
                    return Optional.empty();
                });
    }

    private static Optional<String> passwordOf(Optional<Stored> stored) {
        return stored.flatMap(Stored::passwordHash);
    }

    private record Stored(
            User user, Optional<String> passwordHash, long wrongHour, int wrongPasswords) {}

    private static Optional<Stored> stored(Handle handle, AccountId id) {
        return handle.createQuery("SELECT * FROM account WHERE id = :id AND kind = 'user'")
                .bind("id", id.value())
                .map(
                        (row, context) ->
                                new Stored(
                                        (User) Accounts.account(row, context),
                                        Optional.ofNullable(row.getString("password_hash")),
                                        row.getLong("wrong_hour"),
                                        row.getInt("wrong_passwords")))
                .findOne();
    }

    /**
     * As whom an OpenID Connect provider knows somebody (OpenID Connect Core section 5.7).
     *
     * @param issuer the provider, by the URL it calls itself
     * @param subject what it calls the person, for ever: no name and no address
     */
    public record Identity(String issuer, String subject) {

        private static final int LONGEST = 255;

        public Identity {
            check("issuer", issuer);
            check("subject", subject);
        }

        private static void check(String name, String value) {
            if (requireNonNull(value, name).isBlank() || value.length() > LONGEST) {
                throw new IllegalArgumentException(
                        "the %s has %d characters: use 1 to %d"
                                .formatted(name, value.strip().length(), LONGEST));
            }
        }
    }

    /**
     * Lets a user sign in as this subject of an OpenID Connect provider. The change fails with
     * {@link Conflict} if the subject is another user.
     */
    public Change<Identity> link(Caller actor, AccountId user, Identity identity) {
        String issuer = identity.issuer();
        String subject = identity.subject();
        return handle -> {
            Access.requireAdministrator(actor);
            Accounts.user(handle, user);
            int linked =
                    handle.execute(
                            "INSERT INTO account_identity (issuer, subject, account) VALUES (?, ?,"
                                    + " ?) ON CONFLICT (issuer, subject) DO NOTHING",
                            issuer,
                            subject,
                            user.value());
            if (linked == 0
                    && withSubject(handle, issuer, subject)
                            .filter(known -> known.id().equals(user))
                            .isEmpty()) {
                throw new Conflict("this subject of the provider is another user already");
            }
            audit.append(
                    handle,
                    event(actor.name(), "user.identity.add", user, Map.of("issuer", issuer)));
            return identity;
        };
    }

    /** Ends what {@link #link} allowed, and the user's sessions; fails with {@link NotFound}. */
    public Change<Boolean> unlink(Caller actor, AccountId user, Identity identity) {
        return handle -> {
            Access.requireAdministrator(actor);
            Accounts.user(handle, user);
            int unlinked =
                    handle.execute(
                            "DELETE FROM account_identity WHERE issuer = ? AND subject = ? AND"
                                    + " account = ?",
                            identity.issuer(),
                            identity.subject(),
                            user.value());
            if (unlinked == 0) {
                throw new NotFound(user + " is not linked to this subject of the provider");
            }
            handle.execute("DELETE FROM account_session WHERE account = ?", user.value());
            audit.append(
                    handle,
                    event(
                            actor.name(),
                            "user.identity.delete",
                            user,
                            Map.of("issuer", identity.issuer())));
            return true;
        };
    }

    /** As whom providers know a user. */
    public List<Identity> identities(Caller caller, AccountId user) {
        return database.read(
                handle -> {
                    Access.require(
                            handle, caller, Accounts.user(handle, user).entity(), Right.USER_INFO);
                    return handle.createQuery(
                                    "SELECT issuer, subject FROM account_identity WHERE account ="
                                            + " :account ORDER BY issuer, subject")
                            .bind("account", user.value())
                            .map(
                                    (row, _) ->
                                            new Identity(
                                                    row.getString("issuer"),
                                                    row.getString("subject")))
                            .list();
                });
    }

    /** The user whom the provider knows as this subject. */
    public Optional<User> withSubject(String issuer, String subject) {
        return database.read(handle -> withSubject(handle, issuer, subject));
    }

    private static Optional<User> withSubject(Handle handle, String issuer, String subject) {
        return handle.createQuery(
                        "SELECT account.* FROM account_identity JOIN account ON account.id ="
                                + " account_identity.account WHERE issuer = :issuer AND subject ="
                                + " :subject")
                .bind("issuer", issuer)
                .bind("subject", subject)
                .map(Accounts::account)
                .map(User.class::cast)
                .findOne();
    }

    /**
     * A session that was just begun.
     *
     * @param secret what the user's browser keeps; kept nowhere here
     */
    public record Session(String secret, Instant expiresAt) {
        public Session {
            requireNonNull(secret, "secret");
            requireNonNull(expiresAt, "expiresAt");
        }

        @Override
        public String toString() {
            return "Session[expiresAt=" + expiresAt + "]";
        }
    }

    /** Begins a session of a user who has proved who they are. */
    public Change<Session> begin(User user) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        Session session = new Session(KeyText.randomSecret(), now.plus(SESSION));
        return handle -> {
            handle.execute("DELETE FROM account_session WHERE expires_at <= ?", now.toEpochMilli());
            handle.execute(
                    "INSERT INTO account_session (secret_hash, account, expires_at) VALUES (?, ?,"
                            + " ?)",
                    KeyText.hash(session.secret()),
                    user.id().value(),
                    session.expiresAt().toEpochMilli());
            audit.append(handle, event("user " + user.id(), "user.login", user.id(), Map.of()));
            return session;
        };
    }

    /** Whose session it is, if it has not ended. A user who is an administrator is one here. */
    public Optional<Caller> authenticate(String secret) {
        return database.read(
                        handle ->
                                handle.createQuery(
                                                "SELECT account.* FROM account_session JOIN account"
                                                    + " ON account.id = account_session.account"
                                                    + " WHERE secret_hash = :hash AND expires_at >"
                                                    + " :now")
                                        .bind("hash", KeyText.hash(secret))
                                        .bind("now", clock.millis())
                                        .map(Accounts::account)
                                        .map(User.class::cast)
                                        .findOne())
                .map(
                        user ->
                                user.administrator()
                                        ? new Principal.Administrator("user " + user.id())
                                        : new Caller.SignedIn(user.id(), "session"));
    }

    /** Ends a session; one that has ended stays so. */
    public Change<Boolean> end(String secret) {
        return handle ->
                handle.execute(
                                "DELETE FROM account_session WHERE secret_hash = ?",
                                KeyText.hash(secret))
                        > 0;
    }

    private static AuditEvent event(
            String actor, String action, AccountId user, Map<String, String> detail) {
        return new AuditEvent(actor, action, user.value(), Optional.empty(), detail);
    }
}
