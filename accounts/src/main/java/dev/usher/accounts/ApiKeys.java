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
import org.jdbi.v3.core.statement.StatementContext;

/**
 * API keys of owners and administrators: {@code USHER.<id>.<secret>}, sent as {@code Authorization:
 * Bearer …}. Those with rights are {@link AccountKeys}.
 */
public final class ApiKeys {

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
    public Change<ApiKey.Created> createAdministrator(String actor, String name) {
        return create(actor, Optional.empty(), name, Optional.empty());
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
                            owner.map(OwnerId::toString).orElse("administrator"),
                            owner,
                            Map.of("id", id, "name", name)));
            return new ApiKey.Created(key, text.text());
        };
    }

    /** Ends a key of an owner at once; fails with {@link NotFound} if it has none such. */
    public Change<Boolean> delete(Principal actor, OwnerId owner, String id) {
        return handle -> {
            if (handle.execute("DELETE FROM api_key WHERE id = ? AND owner = ?", id, owner.value())
                    == 0) {
                throw new NotFound("owner " + owner + " has no API key of this id");
            }
            audit.append(
                    handle,
                    new AuditEvent(
                            actor,
                            "api-key.delete",
                            owner.toString(),
                            Optional.of(owner),
                            Map.of("id", id)));
            return true;
        };
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

    /** Whether anybody can administrate yet. */
    public boolean hasAdministrator() {
        return database.read(
                handle ->
                        handle.createQuery("SELECT 1 FROM api_key WHERE owner IS NULL LIMIT 1")
                                .mapTo(Integer.class)
                                .findOne()
                                .isPresent());
    }

    /**
     * Who the text of a key stands for, if it is a key that is valid now. Takes the same time for a
     * wrong secret and a right one.
     */
    public Optional<Principal> authenticate(String text) {
        return KeyText.parse(text).flatMap(this::authenticate);
    }

    private Optional<Principal> authenticate(KeyText text) {
        String id = text.id();
        return database.read(
                        handle ->
                                handle.createQuery("SELECT * FROM api_key WHERE id = :id")
                                        .bind("id", id)
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
                                        || clock.instant().isBefore(key.expiresAt().get()))
                .map(
                        key ->
                                key.owner()
                                        .<Principal>map(
                                                owner ->
                                                        new Principal.OwnerPrincipal(
                                                                owner, "key " + id))
                                        .orElseGet(() -> new Principal.Administrator("key " + id)));
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
