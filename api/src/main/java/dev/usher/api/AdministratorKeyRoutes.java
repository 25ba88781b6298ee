package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.ApiKey;
import dev.usher.accounts.ApiKeys;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** The API keys of administrators. */
final class AdministratorKeyRoutes {

    private final ApiKeys keys;
    private final Changes changes;

    AdministratorKeyRoutes(ApiKeys keys, Changes changes) {
        this.keys = requireNonNull(keys, "keys");
        this.changes = requireNonNull(changes, "changes");
    }

    void addTo(Routes<Principal> routes) {
        routes.add("GET", "/api/v1/api-keys", RestApi.administrator(this::list))
                .add("POST", "/api/v1/api-keys", RestApi.administrator(this::create))
                .add("DELETE", "/api/v1/api-keys/{key}", RestApi.administrator(this::delete));
    }

    private Response list(Principal caller, Request request, Routes.Variables path) {
        return Answers.list(keys.listAdministrators(), AdministratorKeyRoutes::write);
    }

    private Response create(Principal caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("name", "expiresAt", "dryRun"));
        return changes.make(
                caller,
                request,
                fields,
                201,
                keys.createAdministrator(
                        caller, fields.text("name").orElse("unnamed"), fields.time("expiresAt")),
                AdministratorKeyRoutes::write);
    }

    private Response delete(Principal caller, Request request, Routes.Variables path) {
        return changes.delete(caller, request, keys.deleteAdministrator(caller, path.get("key")));
    }

    /** A key that was just made, with its text. */
    static void write(ObjectNode node, ApiKey.Created created) {
        write(node, created.key());
        node.put("key", created.text());
    }

    static void write(ObjectNode node, ApiKey key) {
        node.put("id", key.id())
                .put("name", key.name())
                .put("createdAt", key.createdAt().toString());
        key.expiresAt().ifPresent(at -> node.put("expiresAt", at.toString()));
    }
}
