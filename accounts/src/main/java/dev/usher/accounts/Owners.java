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

/** The parties gateways can be claimed by. */
public final class Owners {

    private final Database database;
    private final AuditLog audit;
    private final InstantSource clock;

    public Owners(Database database, AuditLog audit, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
    }

    /** Creates an owner; the change fails with {@link Conflict} if the id is taken. */
    public Change<Owner> create(Principal actor, OwnerId id, String name, int addLimit) {
        Owner owner = new Owner(id, name, addLimit, Instant.ofEpochMilli(clock.millis()));
        return handle -> {
            int created =
                    handle.execute(
                            "INSERT INTO owner (id, name, add_limit, created_at) VALUES (?, ?, ?,"
                                    + " ?) ON CONFLICT (id) DO NOTHING",
                            id.value(),
                            name,
                            addLimit,
                            owner.createdAt().toEpochMilli());
            if (created == 0) {
                throw new Conflict("owner " + id + " exists already: choose another id");
            }
            audit.append(
                    handle,
                    new AuditEvent(
                            actor,
                            "owner.create",
                            id.toString(),
                            Optional.of(id),
                            Map.of("name", name)));
            return owner;
        };
    }

    public Optional<Owner> find(OwnerId id) {
        return database.read(handle -> find(handle, id));
    }

    public static Optional<Owner> find(Handle handle, OwnerId id) {
        return handle.createQuery("SELECT * FROM owner WHERE id = :id")
                .bind("id", id.value())
                .map(Owners::owner)
                .findOne();
    }

    /** The owner, or {@link NotFound} with a sentence. */
    public Owner get(OwnerId id) {
        return find(id).orElseThrow(() -> notFound(id));
    }

    static NotFound notFound(OwnerId id) {
        return new NotFound("there is no owner " + id + ": create it first");
    }

    /** All owners, by id. */
    public List<Owner> list() {
        return database.read(
                handle ->
                        handle.createQuery("SELECT * FROM owner ORDER BY id")
                                .map(Owners::owner)
                                .list());
    }

    private static Owner owner(ResultSet row, StatementContext context) throws SQLException {
        return new Owner(
                new OwnerId(row.getLong("id")),
                row.getString("name"),
                row.getInt("add_limit"),
                Instant.ofEpochMilli(row.getLong("created_at")));
    }
}
