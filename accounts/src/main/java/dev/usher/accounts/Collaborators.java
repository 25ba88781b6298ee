package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import dev.usher.store.Change;
import dev.usher.store.Database;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Who may do what with gateways, devices and organizations. There is always somebody who may do
 * everything with a thing, so that none is ever lost.
 */
public final class Collaborators {

    private final Database database;
    private final AuditLog audit;

    public Collaborators(Database database, AuditLog audit) {
        this.database = requireNonNull(database, "database");
        this.audit = requireNonNull(audit, "audit");
    }

    /**
     * Gives an account these rights instead of those it has; no rights at all is {@link #delete}.
     *
     * @throws MissingRight if the caller may not change collaborators, or gives or takes a right
     *     they do not have themselves
     */
    public Change<Collaborator> set(Caller actor, Entity entity, AccountId account, Rights rights) {
        if (rights.isEmpty()) {
            throw new IllegalArgumentException(
                    account + " would get no rights: name some, or delete the collaborator");
        }
        return handle -> {
            Rights own = Access.require(handle, actor, entity, change(entity));
            Account who =
                    Accounts.find(handle, account).orElseThrow(() -> Accounts.notFound(account));
            if (entity.kind() == Entity.Kind.ORGANIZATION && who instanceof Organization) {
                throw new IllegalArgumentException(
                        account + " is an organization: only users belong to organizations");
            }
            Rights before = rights(handle, entity, account);
            requireOwn(entity, own, rights.without(before).or(before.without(rights)));
            put(handle, entity, account, rights);
            requireSomebodyWithAll(handle, entity);
            audit.append(
                    handle,
                    new AuditEvent(
                            actor,
                            entity.kind().column() + ".collaborator.set",
                            entity.id(),
                            Optional.empty(),
                            Map.of("account", account.value(), "rights", rights.toString())));
            return new Collaborator(account, rights);
        };
    }

    /** Takes all rights from an account; one may always leave. */
    public Change<Boolean> delete(Caller actor, Entity entity, AccountId account) {
        return handle -> {
            boolean isLeaving =
                    actor instanceof Caller.SignedIn(AccountId user, _) && user.equals(account);
            Rights own =
                    isLeaving
                            ? Access.require(handle, actor, entity)
                            : Access.require(handle, actor, entity, change(entity));
            Rights before = rights(handle, entity, account);
            if (before.isEmpty()) {
                throw new NotFound(account + " has no rights on " + entity);
            }
            if (!isLeaving) {
                requireOwn(entity, own, before);
            }
            handle.execute(
                    "DELETE FROM collaborator WHERE entity_kind = ? AND entity = ? AND account = ?",
                    entity.kind().column(),
                    entity.id(),
                    account.value());
            requireSomebodyWithAll(handle, entity);
            audit.append(
                    handle,
                    new AuditEvent(
                            actor,
                            entity.kind().column() + ".collaborator.delete",
                            entity.id(),
                            Optional.empty(),
                            Map.of("account", account.value())));
            return true;
        };
    }

    private static Right change(Entity entity) {
        return switch (entity.kind()) {
            case USER ->
                    throw new IllegalArgumentException(
                            entity
                                    + " has no collaborators: only gateways, devices and"
                                    + " organizations have");
            case ORGANIZATION -> Right.ORGANIZATION_SETTINGS_MEMBERS;
            case GATEWAY -> Right.GATEWAY_SETTINGS_COLLABORATORS;
            case DEVICE -> Right.APPLICATION_SETTINGS_COLLABORATORS;
        };
    }

    private static void requireOwn(Entity entity, Rights own, Rights changed) {
        Rights more = changed.without(own);
        if (!more.isEmpty()) {
            throw new MissingRight(
                    "you cannot give or take rights that you do not have on "
                            + entity
                            + ": "
                            + more);
        }
    }

    private static void requireSomebodyWithAll(Handle handle, Entity entity) {
        if (list(handle, entity).stream().noneMatch(one -> isEverything(one, entity))) {
            throw new Conflict(
                    "nobody would have all rights on "
                            + entity
                            + ": give them to somebody else first, or delete it");
        }
    }

    private static boolean isEverything(Collaborator collaborator, Entity entity) {
        return collaborator.rights().includes(Right.allOn(entity.kind()));
    }

    /** Everybody with rights on the thing, by ID. */
    public List<Collaborator> list(Caller caller, Entity entity) {
        return database.read(
                handle -> {
                    Access.require(handle, caller, entity, change(entity));
                    return list(handle, entity);
                });
    }

    /** Likewise, for a caller that has looked at the rights. */
    public static List<Collaborator> list(Handle handle, Entity entity) {
        return handle.createQuery(
                        "SELECT account, rights FROM collaborator WHERE entity_kind = :kind AND"
                                + " entity = :entity ORDER BY account")
                .bind("kind", entity.kind().column())
                .bind("entity", entity.id())
                .map(
                        (row, _) ->
                                new Collaborator(
                                        new AccountId(row.getString("account")),
                                        Rights.parse(row.getString("rights"))))
                .list();
    }

    /** What this account itself has been given on the thing. */
    static Rights rights(Handle handle, Entity entity, AccountId account) {
        return handle.createQuery(
                        "SELECT rights FROM collaborator WHERE entity_kind = :kind AND entity ="
                                + " :entity AND account = :account")
                .bind("kind", entity.kind().column())
                .bind("entity", entity.id())
                .bind("account", account.value())
                .map((row, _) -> Rights.parse(row.getString("rights")))
                .findOne()
                .orElse(Rights.NONE);
    }

    /** Gives rights in a change that has looked at the caller's own, as when a thing is made. */
    public static void put(Handle handle, Entity entity, AccountId account, Rights rights) {
        handle.execute(
                "INSERT INTO collaborator (entity_kind, entity, account, rights) VALUES (?, ?, ?,"
                        + " ?) ON CONFLICT (entity_kind, entity, account) DO UPDATE SET rights ="
                        + " excluded.rights",
                entity.kind().column(),
                entity.id(),
                account.value(),
                rights.toString());
    }

    static void deleteAll(Handle handle, Entity entity) {
        handle.execute(
                "DELETE FROM collaborator WHERE entity_kind = ? AND entity = ?",
                entity.kind().column(),
                entity.id());
    }

    /** The things that nobody but this account may do everything with. */
    static List<Entity> heldAlone(Handle handle, AccountId account) {
        return handle
                .createQuery(
                        "SELECT entity_kind, entity FROM collaborator WHERE account = :account"
                                + " ORDER BY entity_kind, entity")
                .bind("account", account.value())
                .map(
                        (row, _) ->
                                new Entity(
                                        Entity.Kind.ofColumn(row.getString("entity_kind")),
                                        row.getString("entity")))
                .list()
                .stream()
                .filter(
                        entity ->
                                list(handle, entity).stream()
                                        .filter(one -> isEverything(one, entity))
                                        .allMatch(one -> one.account().equals(account)))
                .toList();
    }
}
