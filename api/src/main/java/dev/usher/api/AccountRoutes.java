package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Account;
import dev.usher.accounts.AccountId;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Entity;
import dev.usher.accounts.Logins;
import dev.usher.accounts.Organization;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.User;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** The users and organizations of the network in the REST API. */
final class AccountRoutes {

    private static final String USERS = "/api/v1/users";
    private static final String USER = USERS + "/{id}";
    private static final String IDENTITIES = USER + "/identities";
    private static final String ORGANIZATIONS = "/api/v1/organizations";
    private static final String ORGANIZATION = ORGANIZATIONS + "/{id}";

    private final Accounts accounts;
    private final Logins logins;
    private final Optional<OidcProvider> provider;
    private final RightsRoutes rights;
    private final Changes changes;

    AccountRoutes(NetworkServices network, RightsRoutes rights, Changes changes) {
        this.accounts = network.accounts();
        this.logins = network.logins();
        this.provider = network.provider();
        this.rights = requireNonNull(rights, "rights");
        this.changes = requireNonNull(changes, "changes");
    }

    void addTo(Routes<Caller> routes) {
        RightsRoutes.Named user =
                (caller, path) -> account(caller, path, Entity.Kind.USER).entity();
        RightsRoutes.Named organization =
                (caller, path) -> account(caller, path, Entity.Kind.ORGANIZATION).entity();
        routes.add("GET", USERS, this::listUsers)
                .add("POST", USERS, this::createUser)
                .add("GET", USER, (caller, _, path) -> get(caller, path, Entity.Kind.USER))
                .add(
                        "DELETE",
                        USER,
                        (caller, request, path) -> delete(caller, request, path, Entity.Kind.USER))
                .add("PUT", USER + "/password", this::setPassword)
                .add("GET", IDENTITIES, this::listIdentities)
                .add("POST", IDENTITIES, this::link)
                .add("DELETE", IDENTITIES, this::unlink)
                .add("GET", ORGANIZATIONS, this::listOrganizations)
                .add("POST", ORGANIZATIONS, this::createOrganization)
                .add(
                        "GET",
                        ORGANIZATION,
                        (caller, _, path) -> get(caller, path, Entity.Kind.ORGANIZATION))
                .add("PUT", ORGANIZATION + "/owner", this::makeOwner)
                .add(
                        "DELETE",
                        ORGANIZATION,
                        (caller, request, path) ->
                                delete(caller, request, path, Entity.Kind.ORGANIZATION));
        rights.addKeysTo(routes, USER, user);
        rights.addKeysTo(routes, ORGANIZATION, organization);
        rights.addCollaboratorsTo(routes, ORGANIZATION, organization);
    }

    /** What the path names, if the caller may know of it and it is of this kind. */
    private Account account(Caller caller, Routes.Variables path, Entity.Kind kind) {
        AccountId id = new AccountId(path.get("id"));
        Account account = accounts.get(caller, id);
        if (account.entity().kind() != kind) {
            throw new Entity(kind, id.value()).notFound();
        }
        return account;
    }

    private Response get(Caller caller, Routes.Variables path, Entity.Kind kind) {
        Account account = account(caller, path, kind);
        return Answers.json(200, node -> write(node, account));
    }

    private Response delete(
            Caller caller, Request request, Routes.Variables path, Entity.Kind kind) {
        return changes.delete(
                caller, request, accounts.delete(caller, account(caller, path, kind).id()));
    }

    private Response listUsers(Caller caller, Request request, Routes.Variables path) {
        int limit = Answers.limit(request);
        return page(accounts.users(caller, after(request), limit), limit);
    }

    private Response listOrganizations(Caller caller, Request request, Routes.Variables path) {
        int limit = Answers.limit(request);
        return page(
                accounts.organizations(
                        caller, request.query("member").map(AccountId::new), after(request), limit),
                limit);
    }

    private static Optional<AccountId> after(Request request) {
        return request.query("after").map(AccountId::new);
    }

    private static Response page(List<? extends Account> page, int limit) {
        return Answers.page(page, limit, AccountRoutes::write, account -> account.id().value());
    }

    private Response createUser(Caller caller, Request request, Routes.Variables path) {
        Fields fields =
                Fields.ofBody(
                        request.body(), Set.of("id", "name", "email", "administrator", "dryRun"));
        AccountId id = fields.parsed("id", fields.requiredText("id"), AccountId::new);
        return changes.make(
                caller,
                request,
                fields,
                201,
                accounts.createUser(
                        caller,
                        id,
                        fields.text("name").orElseGet(id::value),
                        fields.text("email"),
                        fields.bool("administrator").orElse(false)),
                AccountRoutes::write);
    }

    private Response createOrganization(Caller caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("id", "name", "member", "dryRun"));
        AccountId id = fields.parsed("id", fields.requiredText("id"), AccountId::new);
        return changes.make(
                caller,
                request,
                fields,
                201,
                accounts.createOrganization(
                        caller,
                        id,
                        fields.text("name").orElseGet(id::value),
                        fields.parsed("member", fields.requiredText("member"), AccountId::new)),
                AccountRoutes::write);
    }

    private Response makeOwner(Caller caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("ownerid", "dryRun"));
        return changes.make(
                caller,
                request,
                fields,
                200,
                accounts.makeOwner(
                        caller,
                        account(caller, path, Entity.Kind.ORGANIZATION).id(),
                        fields.parsed("ownerid", fields.requiredText("ownerid"), OwnerId::parse)),
                AccountRoutes::write);
    }

    private Response setPassword(Caller caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("password"));
        return changes.delete(
                caller,
                request,
                logins.setPassword(
                        caller,
                        account(caller, path, Entity.Kind.USER).id(),
                        fields.requiredText("password")));
    }

    private Response listIdentities(Caller caller, Request request, Routes.Variables path) {
        return Answers.list(
                logins.identities(caller, account(caller, path, Entity.Kind.USER).id()),
                AccountRoutes::write);
    }

    private Response link(Caller caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("issuer", "subject", "dryRun"));
        return changes.make(
                caller,
                request,
                fields,
                201,
                logins.link(
                        caller,
                        account(caller, path, Entity.Kind.USER).id(),
                        identity(fields.text("issuer"), fields.text("subject"))),
                AccountRoutes::write);
    }

    private Response unlink(Caller caller, Request request, Routes.Variables path) {
        return changes.delete(
                caller,
                request,
                logins.unlink(
                        caller,
                        account(caller, path, Entity.Kind.USER).id(),
                        identity(request.query("issuer"), request.query("subject"))));
    }

    /** Without an issuer that of this network's provider is meant. */
    private Logins.Identity identity(Optional<String> issuer, Optional<String> subject) {
        return new Logins.Identity(
                issuer.or(() -> provider.map(OidcProvider::issuer))
                        .orElseThrow(
                                () ->
                                        new BadRequest(
                                                "issuer is missing: no OpenID Connect provider is"
                                                        + " configured, so name one")),
                subject.orElseThrow(() -> new BadRequest("subject is missing")));
    }

    private static void write(ObjectNode node, Logins.Identity identity) {
        node.put("issuer", identity.issuer()).put("subject", identity.subject());
    }

    private static void write(ObjectNode node, Account account) {
        node.put("id", account.id().value()).put("name", account.name());
        switch (account) {
            case User user -> {
                user.email().ifPresent(email -> node.put("email", email));
                node.put("administrator", user.administrator());
            }
            case Organization organization ->
                    organization
                            .owner()
                            .map(OwnerId::toString)
                            .ifPresent(owner -> node.put("ownerid", owner));
        }
        node.put("createdAt", account.createdAt().toString());
    }
}
