package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.devices.OwnerActivation;
import java.util.Optional;

/**
 * The activation settings of owners in the REST API: an owner's key reaches its own, an
 * administrator's all. KEKs go in only.
 */
final class OwnerActivationRoutes {

    private static final String PATH = "/api/v1/owners/{id}/activation";

    private final OwnerActivation activation;
    private final Changes changes;

    OwnerActivationRoutes(OwnerActivation activation, Changes changes) {
        this.activation = requireNonNull(activation, "activation");
        this.changes = requireNonNull(changes, "changes");
    }

    void addTo(Routes<Principal> routes) {
        routes.add("GET", PATH, this::get).add("PATCH", PATH, this::set);
    }

    private Response get(Principal caller, Request request, Routes.Variables path) {
        OwnerId owner = owner(caller, path);
        return Answers.json(200, node -> GivenActivation.write(node, activation.get(owner)));
    }

    /** Changes what is given; null takes away. */
    private Response set(Principal caller, Request request, Routes.Variables path) {
        OwnerId owner = owner(caller, path);
        Fields fields =
                Fields.ofBody(request.body(), Fields.names(GivenActivation.FIELDS, "dryRun"));
        GivenActivation given = GivenActivation.read(fields);
        return changes.make(
                caller,
                request,
                fields,
                200,
                activation.set(caller, owner, given.over(activation.get(owner))),
                GivenActivation::write);
    }

    private static OwnerId owner(Principal caller, Routes.Variables path) {
        OwnerId owner = OwnerId.parse(path.get("id"));
        return Callers.owner(caller, "the owner", Optional.of(owner)).orElseThrow();
    }
}
