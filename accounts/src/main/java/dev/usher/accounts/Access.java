package dev.usher.accounts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jdbi.v3.core.Handle;

/**
 * Who may do what. A user has the rights given to them, and through an organization those that both
 * the organization has on the thing and the user has as its member; an API key allows at most what
 * it says.
 */
public final class Access {

    private Access() {}

    /** What the caller may do with this thing, whether it is there or not. */
    public static Rights of(Handle handle, Caller caller, Entity entity) {
        return switch (caller) {
            case Principal.Administrator _ -> Rights.ALL;
            case Principal.OwnerPrincipal _ -> Rights.NONE;
            case Caller.SignedIn(AccountId user, _) -> ofUser(handle, user, entity);
            case Caller.KeyHolder(Entity self, Rights most, _) when self.equals(entity) -> most;
            case Caller.KeyHolder(Entity self, Rights most, _) ->
                    switch (self.kind()) {
                        case USER -> ofUser(handle, new AccountId(self.id()), entity).and(most);
                        case ORGANIZATION ->
                                Collaborators.rights(handle, entity, new AccountId(self.id()))
                                        .and(most);
                        case GATEWAY, DEVICE -> Rights.NONE;
                    };
        };
    }

    private static Rights ofUser(Handle handle, AccountId user, Entity entity) {
        if (entity.kind() == Entity.Kind.USER) {
            return entity.id().equals(user.value()) ? Rights.ALL : Rights.NONE;
        }
        return handle
                .createQuery(
                        """
                        SELECT rights AS first, 'RIGHT_ALL' AS second FROM collaborator
                        WHERE entity_kind = :kind AND entity = :entity AND account = :user
                        UNION ALL
                        SELECT its.rights AS first, member.rights AS second
                        FROM collaborator its JOIN collaborator member
                            ON member.entity_kind = 'organization' AND member.entity = its.account
                        WHERE its.entity_kind = :kind AND its.entity = :entity
                            AND member.account = :user
                        """)
                .bind("kind", entity.kind().column())
                .bind("entity", entity.id())
                .bind("user", user.value())
                .map(
                        (row, _) ->
                                Rights.parse(row.getString("first"))
                                        .and(Rights.parse(row.getString("second"))))
                .stream()
                .reduce(Rights.NONE, Rights::or);
    }

    /**
     * The next things of a kind, by ID: those on which an account has any rights or, without one,
     * those on which the caller has a right, but for an administrator, who has it on all.
     *
     * @param after the last ID of the page before; empty for the first
     */
    public static List<String> seen(
            Handle handle,
            Caller caller,
            Optional<AccountId> account,
            Entity.Kind kind,
            Right right,
            String after,
            int limit) {
        if (account.isPresent()) {
            return List.copyOf(things(handle, account.get(), false, kind, after, limit).keySet());
        }
        return switch (caller) {
            case Principal _ -> List.of();
            case Caller.SignedIn(AccountId user, _) ->
                    seen(handle, user, true, Rights.ALL, kind, right, after, limit);
            case Caller.KeyHolder(Entity self, Rights most, _) ->
                    switch (self.kind()) {
                        case USER, ORGANIZATION ->
                                seen(
                                        handle,
                                        new AccountId(self.id()),
                                        self.kind() == Entity.Kind.USER,
                                        most,
                                        kind,
                                        right,
                                        after,
                                        limit);
                        case GATEWAY, DEVICE ->
                                self.kind() == kind
                                                && self.id().compareTo(after) > 0
                                                && most.includes(right)
                                        ? List.of(self.id())
                                        : List.of();
                    };
        };
    }

    private static List<String> seen(
            Handle handle,
            AccountId account,
            boolean isMember,
            Rights most,
            Entity.Kind kind,
            Right right,
            String after,
            int limit) {
        List<String> page = new ArrayList<>();
        String last = after;
        while (page.size() < limit) {
            SequencedMap<String, Rights> next =
                    things(handle, account, isMember, kind, last, limit - page.size());
            if (next.isEmpty()) {
                break;
            }
            last = next.lastEntry().getKey();
            next.forEach(
                    (id, rights) -> {
                        if (rights.and(most).includes(right)) {
                            page.add(id);
                        }
                    });
        }
        return page;
    }

    /**
     * The next things on which an account has rights, and which.
     *
     * @param isMember also those that it has as a member of an organization
     */
    private static SequencedMap<String, Rights> things(
            Handle handle,
            AccountId account,
            boolean isMember,
            Entity.Kind kind,
            String after,
            int limit) {
        SequencedMap<String, Rights> things = new LinkedHashMap<>();
        handle.createQuery(
                        """
                        WITH account_of AS (
                            SELECT CAST(:account AS TEXT) AS account, 'RIGHT_ALL' AS rights
                            UNION ALL
                            SELECT entity, rights FROM collaborator
                            WHERE :isMember = 1 AND entity_kind = 'organization'
                                AND account = :account),
                        page AS (
                            SELECT DISTINCT entity FROM collaborator
                            WHERE entity_kind = :kind AND entity > :after
                                AND account IN (SELECT account FROM account_of)
                            ORDER BY entity LIMIT :limit)
                        SELECT its.entity, its.rights AS first, account_of.rights AS second
                        FROM page
                        JOIN collaborator its
                            ON its.entity_kind = :kind AND its.entity = page.entity
                        JOIN account_of ON account_of.account = its.account
                        ORDER BY its.entity
                        """)
                .bind("account", account.value())
                .bind("isMember", isMember ? 1 : 0)
                .bind("kind", kind.column())
                .bind("after", after)
                .bind("limit", limit)
                .map(
                        (row, _) ->
                                Map.entry(
                                        row.getString("entity"),
                                        Rights.parse(row.getString("first"))
                                                .and(Rights.parse(row.getString("second")))))
                .forEach(one -> things.merge(one.getKey(), one.getValue(), Rights::or));
        return things;
    }

    /**
     * Lets only those pass who have all these rights.
     *
     * @return what the caller may do with the thing
     * @throws NotFound if they have no right on it at all; then it does not show whether it is
     *     there
     * @throws MissingRight if they have some, but not one of these
     */
    public static Rights require(Handle handle, Caller caller, Entity entity, Right... needed) {
        Rights rights = of(handle, caller, entity);
        if (rights.isEmpty()) {
            throw entity.notFound();
        }
        for (Right right : needed) {
            if (!rights.includes(right)) {
                throw new MissingRight(
                        "you need " + right + " on " + entity + ": ask somebody who can give it");
            }
        }
        return rights;
    }

    /** Lets only administrators pass; others fail with {@link MissingRight}. */
    public static void requireAdministrator(Caller caller) {
        if (!(caller instanceof Principal.Administrator)) {
            throw new MissingRight("only an administrator may do this");
        }
    }

    /**
     * Lets only those pass who may register gateways for this account.
     *
     * @throws NotFound if there is no such account, or the caller may not know of it
     * @throws MissingRight if they may know of it and no more
     */
    public static void requireGatewayCreation(Handle handle, Caller caller, AccountId account) {
        require(
                handle,
                caller,
                account,
                Right.USER_GATEWAYS_CREATE,
                Right.ORGANIZATION_GATEWAYS_CREATE);
    }

    /** Likewise, to see which gateways the account has. */
    public static void requireGatewayList(Handle handle, Caller caller, AccountId account) {
        require(
                handle,
                caller,
                account,
                Right.USER_GATEWAYS_LIST,
                Right.ORGANIZATION_GATEWAYS_LIST);
    }

    /** Likewise, to have devices served for the account. */
    public static void requireDeviceCreation(Handle handle, Caller caller, AccountId account) {
        require(
                handle,
                caller,
                account,
                Right.USER_APPLICATIONS_CREATE,
                Right.ORGANIZATION_APPLICATIONS_CREATE);
    }

    /** Likewise, to see which devices the account has. */
    public static void requireDeviceList(Handle handle, Caller caller, AccountId account) {
        require(
                handle,
                caller,
                account,
                Right.USER_APPLICATIONS_LIST,
                Right.ORGANIZATION_APPLICATIONS_LIST);
    }

    /** Likewise, to change what goes in the name of the account, such as its webhooks. */
    public static void requireSettings(Handle handle, Caller caller, AccountId account) {
        require(
                handle,
                caller,
                account,
                Right.USER_SETTINGS_BASIC,
                Right.ORGANIZATION_SETTINGS_BASIC);
    }

    private static void require(
            Handle handle, Caller caller, AccountId account, Right onUser, Right onOrganization) {
        Entity entity = seen(handle, caller, account);
        require(
                handle,
                caller,
                entity,
                entity.kind() == Entity.Kind.USER ? onUser : onOrganization);
    }

    private static Entity seen(Handle handle, Caller caller, AccountId account) {
        return Accounts.find(handle, account)
                .map(Account::entity)
                .filter(entity -> !of(handle, caller, entity).isEmpty())
                .orElseThrow(
                        () ->
                                new NotFound(
                                        "there is no user or organization "
                                                + account
                                                + ", or you may not see it: check the ID"));
    }
}
