package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.devices.TransportKeks;
import dev.usher.devices.TransportKeks.TransportKek;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * The transport KEKs of makers in the REST API: an owner's key reaches its own, an administrator
 * names the maker.
 */
final class TransportKekRoutes {

    private static final String PATH = "/api/v1/transport-keks";

    private final TransportKeks keks;
    private final Changes changes;

    TransportKekRoutes(TransportKeks keks, Changes changes) {
        this.keks = requireNonNull(keks, "keks");
        this.changes = requireNonNull(changes, "changes");
    }

    void addTo(Routes<Principal> routes) {
        routes.add("GET", PATH, this::list)
                .add("POST", PATH, this::register)
                .add("POST", PATH + "/{label}/rotate", this::rotate)
                .add("DELETE", PATH + "/{label}", this::delete);
    }

    private Response list(Principal caller, Request request, Routes.Variables path) {
        OwnerId maker = maker(caller, request.query("maker"));
        return Answers.list(keks.list(maker), (node, kek) -> write(node, maker, kek));
    }

    private Response register(Principal caller, Request request, Routes.Variables path) {
        Fields fields =
                Fields.ofBody(
                        request.body(), Fields.names(GivenKek.FIELDS, "maker", "label", "dryRun"));
        OwnerId maker = maker(caller, fields.text("maker"));
        GivenKek given = GivenKek.read(fields);
        return changes.make(
                caller,
                request,
                fields,
                201,
                keks.register(caller, maker, fields.requiredText("label"), given.kek()),
                (node, kek) -> {
                    write(node, maker, kek);
                    given.tell(node);
                });
    }

    private Response rotate(Principal caller, Request request, Routes.Variables path) {
        Fields fields =
                Fields.ofBody(request.body(), Fields.names(GivenKek.FIELDS, "maker", "dryRun"));
        OwnerId maker = maker(caller, fields.text("maker"));
        GivenKek given = GivenKek.read(fields);
        return changes.make(
                caller,
                request,
                fields,
                200,
                keks.rotate(caller, maker, path.get("label"), given.kek()),
                (node, kek) -> {
                    write(node, maker, kek);
                    given.tell(node);
                });
    }

    private Response delete(Principal caller, Request request, Routes.Variables path) {
        OwnerId maker = maker(caller, request.query("maker"));
        return changes.delete(caller, request, keks.delete(caller, maker, path.get("label")));
    }

    private static OwnerId maker(Principal caller, Optional<String> named) {
        return Callers.owner(caller, "maker", named.map(OwnerId::parse))
                .orElseThrow(() -> new BadRequest("maker is missing: say whose KEKs these are"));
    }

    private static void write(ObjectNode node, OwnerId maker, TransportKek kek) {
        node.put("maker", maker.toString())
                .put("label", kek.label())
                .put("bits", kek.bits())
                .put("createdAt", kek.createdAt().toString());
    }
}
