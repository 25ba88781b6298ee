package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import dev.usher.store.Change;
import dev.usher.store.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * API keys with rights, of users, organizations, gateways and devices: {@code USHER.<id>.<secret>},
 * sent as {@code Authorization: Bearer …}. A key never allows more than whoever made it may do.
 */
public final class AccountKeys {

    private final Database database;
    private final AuditLog audit;
    private final InstantSource clock;

    public AccountKeys(Database database, AuditLog audit, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Makes a key.
     *
     * @throws IllegalArgumentException if it would have expired already
     * @throws MissingRight if the caller may not make keys, or has not all of these rights
     */
    public Change<AccountKey.Created> create(
            Caller actor, Entity entity, String name, Rights rights, Optional<Instant> expiresAt) {
        requireFuture(expiresAt, clock);
        Change<AccountKey.Created> creation = createUnasked(actor, entity, name, rights, expiresAt);
        return handle -> {
            Rights own = Access.require(handle, actor, entity, manage(entity));
            Rights more = rights.without(own);
            if (!more.isEmpty()) {
                throw new MissingRight(
                        "a key cannot allow what you may not do yourself on "
                                + entity
                                + ": leave out "
                                + more);
            }
            return creation.apply(handle);
        };
    }

    static void requireFuture(Optional<Instant> expiresAt, InstantSource clock) {
        expiresAt
                .filter(end -> !end.isAfter(clock.instant()))
                .ifPresent(
                        end -> {
                            throw new IllegalArgumentException(
                                    "the end " + end + " is past: choose a later one");
                        });
    }

    /**
     * Makes a key that the house itself needs, such as the one a gateway connects with. What the
     * caller may do is for the change around it to look at.
     */
    public Change<AccountKey.Created> createUnasked(
            Caller actor, Entity entity, String name, Rights rights, Optional<Instant> expiresAt) {
        KeyText text = KeyText.random();
        AccountKey key =
                new AccountKey(
                        text.id(),
                        entity,
                        name,
                        rights,
                        Instant.ofEpochMilli(clock.millis()),
                        expiresAt);
        return handle -> {
            handle.execute(
                    "INSERT INTO account_key (id, entity_kind, entity, name, rights, secret_hash,"
                            + " created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    key.id(),
                    entity.kind().column(),
                    entity.id(),
                    name,
                    rights.toString(),
                    text.hash(),
                    key.createdAt().toEpochMilli(),
                    expiresAt.map(Instant::toEpochMilli).orElse(null));
            audit.append(
                    handle,
                    event(
                            actor,
                            entity,
                            "create",
                            Map.of("id", key.id(), "name", name, "rights", rights.toString())));
            return new AccountKey.Created(key, text.text());
        };
    }

    /** Ends a key at once; fails with {@link NotFound} if the thing has none such. */
    public Change<Boolean> delete(Caller actor, Entity entity, String id) {
        return handle -> {
            Access.require(handle, actor, entity, manage(entity));
            if (deleteAll(handle, entity, List.of(id)) == 0) {
                throw new NotFound(entity + " has no API key of this id");
            }
            audit.append(handle, event(actor, entity, "delete", Map.of("id", id)));
            return true;
        };
    }

    /** Ends keys in a change that has looked at what the caller may do. */
    public static int deleteAll(Handle handle, Entity entity, Collection<String> ids) {
        int deleted = 0;
        for (String id : ids) {
            deleted +=
                    handle.execute(
                            "DELETE FROM account_key WHERE id = ? AND entity_kind = ? AND entity ="
                                    + " ?",
                            id,
                            entity.kind().column(),
                            entity.id());
        }
        return deleted;
    }

    /** Whether the thing has a key of this id. */
    public static boolean exists(Handle handle, Entity entity, String id) {
        return handle.createQuery(
                                "SELECT COUNT(*) FROM account_key WHERE id = :id AND entity_kind ="
                                        + " :kind AND entity = :entity")
                        .bind("id", id)
                        .bind("kind", entity.kind().column())
                        .bind("entity", entity.id())
                        .mapTo(Long.class)
                        .one()
                > 0;
    }

    /** Likewise, all keys of the thing. */
    public static void deleteAll(Handle handle, Entity entity) {
        handle.execute(
                "DELETE FROM account_key WHERE entity_kind = ? AND entity = ?",
                entity.kind().column(),
                entity.id());
    }

    /** The keys of the thing, oldest first. */
    public List<AccountKey> list(Caller caller, Entity entity) {
        return database.read(
                handle -> {
                    Access.require(handle, caller, entity, manage(entity));
                    return handle.createQuery(
                                    "SELECT * FROM account_key WHERE entity_kind = :kind AND entity"
                                            + " = :entity ORDER BY created_at, id")
                            .bind("kind", entity.kind().column())
                            .bind("entity", entity.id())
                            .map((row, _) -> key(row))
                            .list();
                });
    }

    /**
     * Who the text of a key stands for, if it is a key that is valid now. Takes the same time for a
     * wrong secret and a right one.
     */
    public Optional<Caller.KeyHolder> authenticate(String text) {
        return KeyText.parse(text).flatMap(this::authenticate);
    }

    private Optional<Caller.KeyHolder> authenticate(KeyText text) {
        Instant now = clock.instant();
        return database.readPrepared(
                statements -> {
                    PreparedStatement query =
                            statements.prepare("SELECT * FROM account_key WHERE id = ?");
                    query.setString(1, text.id());
                    try (ResultSet row = query.executeQuery()) {
                        if (!row.next() || !text.fits(row.getBytes("secret_hash"))) {
                            return Optional.empty();
                        }
                        AccountKey key = key(row);
                        return key.expiresAt().filter(end -> !now.isBefore(end)).isPresent()
                                ? Optional.empty()
                                : Optional.of(
                                        new Caller.KeyHolder(key.entity(), key.rights(), key.id()));
                    }
                });
    }

    private static Right manage(Entity entity) {
        return switch (entity.kind()) {
            case USER -> Right.USER_SETTINGS_API_KEYS;
            case ORGANIZATION -> Right.ORGANIZATION_SETTINGS_API_KEYS;
            case GATEWAY -> Right.GATEWAY_SETTINGS_API_KEYS;
            case DEVICE -> Right.APPLICATION_SETTINGS_API_KEYS;
        };
    }

    private static AuditEvent event(
            Caller actor, Entity entity, String verb, Map<String, String> detail) {
        return new AuditEvent(
                actor,
                entity.kind().column() + ".api-key." + verb,
                entity.id(),
                Optional.empty(),
                detail);
    }

    private static AccountKey key(ResultSet row) throws SQLException {
        long expires = row.getLong("expires_at");
        Optional<Instant> expiresAt =
                row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(expires));
        return new AccountKey(
                row.getString("id"),
                new Entity(
                        Entity.Kind.ofColumn(row.getString("entity_kind")),
                        row.getString("entity")),
                row.getString("name"),
                Rights.parse(row.getString("rights")),
                Instant.ofEpochMilli(row.getLong("created_at")),
                expiresAt);
    }
}
