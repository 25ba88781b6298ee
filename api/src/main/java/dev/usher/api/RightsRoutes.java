package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.AccountKey;
import dev.usher.accounts.AccountKeys;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Collaborator;
import dev.usher.accounts.Collaborators;
import dev.usher.accounts.Entity;
import dev.usher.accounts.Right;
import dev.usher.accounts.Rights;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.store.Change;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who may do what with a thing, in the REST API: its API keys, and its collaborators. They are the
 * same for users, organizations, gateways and devices.
 */
final class RightsRoutes {

    private final AccountKeys keys;
    private final Collaborators collaborators;
    private final Changes changes;

    RightsRoutes(AccountKeys keys, Collaborators collaborators, Changes changes) {
        this.keys = requireNonNull(keys, "keys");
        this.collaborators = requireNonNull(collaborators, "collaborators");
        this.changes = requireNonNull(changes, "changes");
    }

    /** Finds the thing that a path names, if the caller may know of it. */
    @FunctionalInterface
    interface Named {
        Entity entity(Caller caller, Routes.Variables path);
    }

    /** Ends an API key of a thing. */
    @FunctionalInterface
    interface KeyDeletion {
        Change<Boolean> of(Caller caller, Entity entity, String key);
    }

    void addKeysTo(Routes<Caller> routes, String thing, Named named) {
        addKeysTo(routes, thing, named, keys::delete);
    }

    void addKeysTo(Routes<Caller> routes, String thing, Named named, KeyDeletion deletion) {
        routes.add(
                        "GET",
                        thing + "/api-keys",
                        (caller, _, path) -> listKeys(caller, named.entity(caller, path)))
                .add(
                        "POST",
                        thing + "/api-keys",
                        (caller, request, path) ->
                                createKey(caller, request, named.entity(caller, path)))
                .add(
                        "DELETE",
                        thing + "/api-keys/{key}",
                        (caller, request, path) ->
                                changes.delete(
                                        caller,
                                        request,
                                        deletion.of(
                                                caller,
                                                named.entity(caller, path),
                                                path.get("key"))));
    }

    void addCollaboratorsTo(Routes<Caller> routes, String thing, Named named) {
        String one = thing + "/collaborators/{account}";
        routes.add(
                        "GET",
                        thing + "/collaborators",
                        (caller, _, path) -> listCollaborators(caller, named.entity(caller, path)))
                .add(
                        "PUT",
                        one,
                        (caller, request, path) ->
                                setCollaborator(
                                        caller, request, named.entity(caller, path), account(path)))
                .add(
                        "DELETE",
                        one,
                        (caller, request, path) ->
                                changes.delete(
                                        caller,
                                        request,
                                        collaborators.delete(
                                                caller,
                                                named.entity(caller, path),
                                                account(path))));
    }

    private static AccountId account(Routes.Variables path) {
        return new AccountId(path.get("account"));
    }

    private Response listKeys(Caller caller, Entity entity) {
        return Answers.list(keys.list(caller, entity), RightsRoutes::write);
    }

    private Response createKey(Caller caller, Request request, Entity entity) {
        Fields fields =
                Fields.ofBody(request.body(), Set.of("name", "rights", "expiresAt", "dryRun"));
        return changes.make(
                caller,
                request,
                fields,
                201,
                keys.create(
                        caller,
                        entity,
                        fields.text("name").orElse("unnamed"),
                        rights(fields),
                        fields.time("expiresAt")),
                (node, created) -> {
                    write(node, created.key());
                    node.put("key", created.text());
                });
    }

    private Response listCollaborators(Caller caller, Entity entity) {
        return Answers.list(collaborators.list(caller, entity), RightsRoutes::write);
    }

    private Response setCollaborator(
            Caller caller, Request request, Entity entity, AccountId account) {
        Fields fields = Fields.ofBody(request.body(), Set.of("rights", "dryRun"));
        return changes.make(
                caller,
                request,
                fields,
                200,
                collaborators.set(caller, entity, account, rights(fields)),
                RightsRoutes::write);
    }

    private static Rights rights(Fields fields) {
        List<String> names =
                fields.texts("rights")
                        .orElseThrow(
                                () ->
                                        new BadRequest(
                                                "rights is missing: name some, as in"
                                                        + " [\"RIGHT_GATEWAY_INFO\"]"));
        return new Rights(
                names.stream()
                        .map(name -> fields.parsed("rights", name, Right::parse))
                        .collect(Collectors.toSet()));
    }

    private static void write(ObjectNode node, AccountKey key) {
        node.put("id", key.id()).put("name", key.name());
        write(node, key.rights());
        node.put("createdAt", key.createdAt().toString());
        key.expiresAt().ifPresent(at -> node.put("expiresAt", at.toString()));
    }

    private static void write(ObjectNode node, Collaborator collaborator) {
        node.put("account", collaborator.account().value());
        write(node, collaborator.rights());
    }

    private static void write(ObjectNode node, Rights rights) {
        ArrayNode names = node.putArray("rights");
        for (String name : rights.toString().split(",", -1)) {
            names.add(name);
        }
    }
}
