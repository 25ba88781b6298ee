package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import dev.usher.store.Change;
import dev.usher.store.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * API keys of owners and administrators: {@code USHER.<id>.<secret>}, sent as {@code Authorization:
 * Bearer …}. Those with rights are {@link AccountKeys}.
 */
public final class ApiKeys {

    /** Who did it, in the audit log, if it was a node itself. */
    private static final String NODE = "usher";

    private final Database database;
    private final AuditLog audit;
    private final InstantSource clock;

    public ApiKeys(Database database, AuditLog audit, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Makes a key of an owner.
     *
     * @throws IllegalArgumentException if it would have expired already
     */
    public Change<ApiKey.Created> create(
            Principal actor, OwnerId owner, String name, Optional<Instant> expiresAt) {
        AccountKeys.requireFuture(expiresAt, clock);
        return create(actor.name(), Optional.of(owner), name, expiresAt);
    }

    /** Makes an administrator's key. */
    public Change<ApiKey.Created> createAdministrator(
            Principal actor, String name, Optional<Instant> expiresAt) {
        return create(actor.name(), Optional.empty(), name, expiresAt);
    }

    /**
     * Makes the administrator's key that a node keeps in a file, in place of the one it kept there
     * before.
     *
     * @param before the id of that one, which ends
     */
    public Change<ApiKey.Created> createAdministratorOfNode(String name, Optional<String> before) {
        Change<ApiKey.Created> creation = create(NODE, Optional.empty(), name, Optional.empty());
        return handle -> {
            before.ifPresent(id -> delete(handle, NODE, Optional.empty(), id));
            return creation.apply(handle);
        };
    }

    private Change<ApiKey.Created> create(
            String actor, Optional<OwnerId> owner, String name, Optional<Instant> expiresAt) {
        KeyText text = KeyText.random();
        String id = text.id();
        ApiKey key = new ApiKey(id, owner, name, Instant.ofEpochMilli(clock.millis()), expiresAt);
        return handle -> {
            owner.ifPresent(
                    o -> {
                        if (Owners.find(handle, o).isEmpty()) {
                            throw Owners.notFound(o);
                        }
                    });
            handle.execute(
                    "INSERT INTO api_key (id, owner, name, secret_hash, created_at, expires_at)"
                            + " VALUES (?, ?, ?, ?, ?, ?)",
                    id,
                    owner.map(OwnerId::value).orElse(null),
                    name,
                    text.hash(),
                    key.createdAt().toEpochMilli(),
                    expiresAt.map(Instant::toEpochMilli).orElse(null));
            audit.append(
                    handle,
                    new AuditEvent(
                            actor,
                            "api-key.create",
                            subject(owner),
                            owner,
                            Map.of("id", id, "name", name)));
            return new ApiKey.Created(key, text.text());
        };
    }

    /** Ends a key of an owner at once; fails with {@link NotFound} if it has none such. */
    public Change<Boolean> delete(Principal actor, OwnerId owner, String id) {
        return handle -> {
            if (!delete(handle, actor.name(), Optional.of(owner), id)) {
                throw new NotFound("owner " + owner + " has no API key of this id");
            }
            return true;
        };
    }

    /** Ends an administrator's key at once; fails with {@link NotFound} if there is none such. */
    public Change<Boolean> deleteAdministrator(Principal actor, String id) {
        return handle -> {
            if (!delete(handle, actor.name(), Optional.empty(), id)) {
                throw new NotFound("no administrator has an API key of this id");
            }
            return true;
        };
    }

    private boolean delete(Handle handle, String actor, Optional<OwnerId> owner, String id) {
        int deleted =
                owner.isPresent()
                        ? handle.execute(
                                "DELETE FROM api_key WHERE id = ? AND owner = ?",
                                id,
                                owner.get().value())
                        : handle.execute("DELETE FROM api_key WHERE id = ? AND owner IS NULL", id);
        if (deleted == 0) {
            return false;
        }
        audit.append(
                handle,
                new AuditEvent(actor, "api-key.delete", subject(owner), owner, Map.of("id", id)));
        return true;
    }

    private static String subject(Optional<OwnerId> owner) {
        return owner.map(OwnerId::toString).orElse("administrator");
    }

    public List<ApiKey> list(OwnerId owner) {
        return database.read(
                handle ->
                        handle.createQuery(
                                        "SELECT * FROM api_key WHERE owner = :owner ORDER BY"
                                                + " created_at, id")
                                .bind("owner", owner.value())
                                .map(ApiKeys::key)
                                .list());
    }

    /** The keys of administrators, oldest first. */
    public List<ApiKey> listAdministrators() {
        return database.read(
                handle ->
                        handle.createQuery(
                                        "SELECT * FROM api_key WHERE owner IS NULL ORDER BY"
                                                + " created_at, id")
                                .map(ApiKeys::key)
                                .list());
    }

    /**
     * Who the text of a key stands for, if it is a key that is valid now. Takes the same time for a
     * wrong secret and a right one.
     */
    public Optional<Principal> authenticate(String text) {
        return KeyText.parse(text).flatMap(this::authenticate);
    }

    /** The administrator's key of this text, if it is one that is valid now. */
    public Optional<ApiKey> administrator(String text) {
        return KeyText.parse(text).flatMap(this::valid).filter(key -> key.owner().isEmpty());
    }

    private Optional<Principal> authenticate(KeyText text) {
        String credential = "key " + text.id();
        return valid(text)
                .map(
                        key ->
                                key.owner()
                                        .<Principal>map(
                                                owner ->
                                                        new Principal.OwnerPrincipal(
                                                                owner, credential))
                                        .orElseGet(() -> new Principal.Administrator(credential)));
    }

    private Optional<ApiKey> valid(KeyText text) {
        return database.read(
                        handle ->
                                handle.createQuery("SELECT * FROM api_key WHERE id = :id")
                                        .bind("id", text.id())
                                        .map(
                                                (row, context) ->
                                                        new Stored(
                                                                key(row, context),
                                                                row.getBytes("secret_hash")))
                                        .findOne())
                .filter(stored -> text.fits(stored.secretHash()))
                .map(Stored::key)
                .filter(
                        key ->
                                key.expiresAt().isEmpty()
                                        || clock.instant().isBefore(key.expiresAt().get()));
    }

    private record Stored(ApiKey key, byte[] secretHash) {}

    private static ApiKey key(ResultSet row, StatementContext context) throws SQLException {
        long owner = row.getLong("owner");
        Optional<OwnerId> ofOwner =
                row.wasNull() ? Optional.empty() : Optional.of(new OwnerId(owner));
        long expires = row.getLong("expires_at");
        Optional<Instant> expiresAt =
                row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(expires));
        return new ApiKey(
                row.getString("id"),
                ofOwner,
                row.getString("name"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                expiresAt);
    }
}
