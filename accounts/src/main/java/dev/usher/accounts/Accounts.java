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

/** The users and organizations of the network. */
public final class Accounts {

    private final Database database;
    private final AuditLog audit;
    private final InstantSource clock;

    public Accounts(Database database, AuditLog audit, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Creates a user; for administrators. The change fails with {@link Conflict} if the ID is
     * taken, also by an organization.
     */
    public Change<User> createUser(
            Caller actor,
            AccountId id,
            String name,
            Optional<String> email,
            boolean administrator) {
        User user = new User(id, name, email, administrator, now());
        return handle -> {
            Access.requireAdministrator(actor);
            insert(handle, user, email, administrator);
            audit.append(
                    handle,
                    event(
                            actor,
                            "user.create",
                            id,
                            Map.of("name", name, "administrator", "" + administrator)));
            return user;
        };
    }

    /**
     * Creates an organization with one member, who may do everything with it.
     *
     * @throws MissingRight if the caller may not create organizations for this user
     */
    public Change<Organization> createOrganization(
            Caller actor, AccountId id, String name, AccountId member) {
        Organization organization = new Organization(id, name, Optional.empty(), now());
        return handle -> {
            User first = user(handle, member);
            Access.require(handle, actor, first.entity(), Right.USER_ORGANIZATIONS_CREATE);
            insert(handle, organization, Optional.empty(), false);
            Collaborators.put(handle, organization.entity(), member, Rights.ALL);
            audit.append(
                    handle,
                    event(
                            actor,
                            "organization.create",
                            id,
                            Map.of("name", name, "member", member.value())));
            return organization;
        };
    }

    private static void insert(
            Handle handle, Account account, Optional<String> email, boolean administrator) {
        int created =
                handle.execute(
                        "INSERT INTO account (id, kind, name, email, administrator, created_at)"
                                + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                        account.id().value(),
                        account.entity().kind().column(),
                        account.name(),
                        email.orElse(null),
                        administrator ? 1 : 0,
                        account.createdAt().toEpochMilli());
        if (created == 0) {
            throw new Conflict(
                    "the ID " + account.id() + " is taken: choose another for the account");
        }
    }

    /** Gives a user or an organization another name. */
    public Change<Account> rename(Caller actor, AccountId id, String name) {
        DisplayName.check("the name", name);
        return handle -> {
            Entity entity = get(handle, id).entity();
            Access.require(
                    handle,
                    actor,
                    entity,
                    entity.kind() == Entity.Kind.USER
                            ? Right.USER_SETTINGS_BASIC
                            : Right.ORGANIZATION_SETTINGS_BASIC);
            handle.execute("UPDATE account SET name = ? WHERE id = ?", name, id.value());
            audit.append(
                    handle,
                    event(actor, entity.kind().column() + ".update", id, Map.of("name", name)));
            return get(handle, id);
        };
    }

    /**
     * Makes an organization an owner of this house's own Gateway Join Server, as whom it claims
     * from then on; for administrators. The change fails with {@link Conflict} if another
     * organization is that owner.
     */
    public Change<Organization> makeOwner(Caller actor, AccountId id, OwnerId owner) {
        return handle -> {
            Access.requireAdministrator(actor);
            Organization organization = organization(handle, id);
            if (Owners.find(handle, owner).isEmpty()) {
                throw Owners.notFound(owner);
            }
            if (organizationOf(handle, owner).filter(other -> !other.equals(id)).isPresent()) {
                throw new Conflict(
                        "owner " + owner + " is another organization already: choose another");
            }
            handle.execute("UPDATE account SET owner = ? WHERE id = ?", owner.value(), id.value());
            audit.append(
                    handle,
                    new AuditEvent(
                            actor,
                            "organization.owner",
                            id.value(),
                            Optional.of(owner),
                            Map.of("owner", owner.toString())));
            return new Organization(
                    id, organization.name(), Optional.of(owner), organization.createdAt());
        };
    }

    private static Optional<AccountId> organizationOf(Handle handle, OwnerId owner) {
        return handle.createQuery("SELECT id FROM account WHERE owner = :owner")
                .bind("owner", owner.value())
                .map((row, _) -> new AccountId(row.getString("id")))
                .findOne();
    }

    /**
     * Deletes a user or an organization, with its keys, sessions and rights. The change fails with
     * {@link Conflict} while something would be left that nobody may do everything with.
     */
    public Change<Boolean> delete(Caller actor, AccountId id) {
        return handle -> {
            Entity entity = get(handle, id).entity();
            Access.require(
                    handle,
                    actor,
                    entity,
                    entity.kind() == Entity.Kind.USER
                            ? Right.USER_DELETE
                            : Right.ORGANIZATION_DELETE);
            List<Entity> orphans = Collaborators.heldAlone(handle, id);
            if (!orphans.isEmpty()) {
                throw new Conflict(
                        id
                                + " alone has all rights on "
                                + orphans.getFirst()
                                + ": delete it, or give somebody else all rights on it first");
            }
            handle.execute("DELETE FROM collaborator WHERE account = ?", id.value());
            handle.execute("DELETE FROM account_session WHERE account = ?", id.value());
            handle.execute("DELETE FROM account_identity WHERE account = ?", id.value());
            forget(handle, entity);
            handle.execute("DELETE FROM account WHERE id = ?", id.value());
            audit.append(handle, event(actor, entity.kind().column() + ".delete", id, Map.of()));
            return true;
        };
    }

    /** Ends every key of the thing and everybody's rights on it, in a change that deletes it. */
    public static void forget(Handle handle, Entity entity) {
        AccountKeys.deleteAll(handle, entity);
        Collaborators.deleteAll(handle, entity);
    }

    public Optional<Account> find(AccountId id) {
        return database.read(handle -> find(handle, id));
    }

    public static Optional<Account> find(Handle handle, AccountId id) {
        return handle.createQuery("SELECT * FROM account WHERE id = :id")
                .bind("id", id.value())
                .map(Accounts::account)
                .findOne();
    }

    /** The account, or {@link NotFound} where the caller may not know of it. */
    public Account get(Caller caller, AccountId id) {
        return database.read(
                handle -> {
                    Account account = get(handle, id);
                    Access.require(
                            handle,
                            caller,
                            account.entity(),
                            switch (account) {
                                case User _ -> Right.USER_INFO;
                                case Organization _ -> Right.ORGANIZATION_INFO;
                            });
                    return account;
                });
    }

    private static Account get(Handle handle, AccountId id) {
        return find(handle, id).orElseThrow(() -> notFound(id));
    }

    static User user(Handle handle, AccountId id) {
        return find(handle, id)
                .flatMap(
                        account ->
                                account instanceof User user ? Optional.of(user) : Optional.empty())
                .orElseThrow(() -> new Entity(Entity.Kind.USER, id.value()).notFound());
    }

    private static Organization organization(Handle handle, AccountId id) {
        return find(handle, id)
                .flatMap(
                        account ->
                                account instanceof Organization organization
                                        ? Optional.of(organization)
                                        : Optional.empty())
                .orElseThrow(() -> new Entity(Entity.Kind.ORGANIZATION, id.value()).notFound());
    }

    static NotFound notFound(AccountId id) {
        return new NotFound(
                "there is no user or organization " + id + ", or you may not see it: check the ID");
    }

    /** The next users by ID; for administrators. */
    public List<User> users(Caller caller, Optional<AccountId> after, int limit) {
        Access.requireAdministrator(caller);
        return list("user", after, limit).stream().map(User.class::cast).toList();
    }

    /**
     * The next organizations by ID.
     *
     * @param member only those this user belongs to; all of them are for administrators
     */
    public List<Organization> organizations(
            Caller caller, Optional<AccountId> member, Optional<AccountId> after, int limit) {
        if (member.isEmpty()) {
            Access.requireAdministrator(caller);
            return list("organization", after, limit).stream()
                    .map(Organization.class::cast)
                    .toList();
        }
        return database.read(
                handle -> {
                    Access.require(
                            handle,
                            caller,
                            user(handle, member.get()).entity(),
                            Right.USER_ORGANIZATIONS_LIST);
                    return handle.createQuery(
                                    """
                                    SELECT account.* FROM collaborator
                                    JOIN account ON account.id = collaborator.entity
                                    WHERE collaborator.account = :member
                                        AND collaborator.entity_kind = 'organization'
                                        AND account.id > :after
                                    ORDER BY account.id LIMIT :limit
                                    """)
                            .bind("member", member.get().value())
                            .bind("after", after.map(AccountId::value).orElse(""))
                            .bind("limit", limit)
                            .map(Accounts::account)
                            .map(Organization.class::cast)
                            .list();
                });
    }

    private List<Account> list(String kind, Optional<AccountId> after, int limit) {
        return database.read(
                handle ->
                        handle.createQuery(
                                        "SELECT * FROM account WHERE kind = :kind AND id > :after"
                                                + " ORDER BY id LIMIT :limit")
                                .bind("kind", kind)
                                .bind("after", after.map(AccountId::value).orElse(""))
                                .bind("limit", limit)
                                .map(Accounts::account)
                                .list());
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    private static AuditEvent event(
            Caller actor, String action, AccountId id, Map<String, String> detail) {
        return new AuditEvent(actor, action, id.value(), Optional.empty(), detail);
    }

    static Account account(ResultSet row, StatementContext context) throws SQLException {
        AccountId id = new AccountId(row.getString("id"));
        Instant createdAt = Instant.ofEpochMilli(row.getLong("created_at"));
        return switch (Entity.Kind.ofColumn(row.getString("kind"))) {
            case USER ->
                    new User(
                            id,
                            row.getString("name"),
                            Optional.ofNullable(row.getString("email")),
                            row.getInt("administrator") != 0,
                            createdAt);
            case ORGANIZATION -> {
                long owner = row.getLong("owner");
                yield new Organization(
                        id,
                        row.getString("name"),
                        row.wasNull() ? Optional.empty() : Optional.of(new OwnerId(owner)),
                        createdAt);
            }
            case GATEWAY, DEVICE ->
                    throw new IllegalStateException("account " + id + " is no account's");
        };
    }
}
