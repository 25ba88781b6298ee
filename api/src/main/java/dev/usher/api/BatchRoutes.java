package dev.usher.api;

import static dev.usher.api.RestApi.administrator;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.Certificates;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.gateways.Batch;
import dev.usher.keys.GatewaySecrets;
import dev.usher.keys.KeyLabel;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** Batches in the REST API, and what the factory makes their gateways with. */
final class BatchRoutes {

    private final RestApi.Services services;
    private final VaultRoutes vault;
    private final Changes changes;

    BatchRoutes(RestApi.Services services, VaultRoutes vault, Changes changes) {
        this.services = requireNonNull(services, "services");
        this.vault = requireNonNull(vault, "vault");
        this.changes = requireNonNull(changes, "changes");
    }

    void addTo(Routes<Principal> routes) {
        routes.add("GET", "/api/v1/batches", administrator(this::listBatches))
                .add("POST", "/api/v1/batches", administrator(this::createBatch))
                .add("GET", "/api/v1/batches/{name}", administrator(this::getBatch))
                .add("DELETE", "/api/v1/batches/{name}", administrator(this::deleteBatch))
                .add("POST", "/api/v1/batches/{name}/provision", administrator(this::provision))
                .add("POST", "/api/v1/batches/{name}/wrapped-key", administrator(this::wrapKey));
    }

    private Response listBatches(Principal caller, Request request, Routes.Variables path) {
        return Answers.list(services.gateways().batches().list(), this::write);
    }

    private Response getBatch(Principal caller, Request request, Routes.Variables path) {
        Batch batch = services.gateways().batches().get(path.get("name"));
        return Answers.json(200, node -> write(node, batch));
    }

    private Response createBatch(Principal caller, Request request, Routes.Variables path) {
        Fields fields =
                Fields.ofBody(
                        request.body(),
                        Set.of(
                                "name",
                                "range",
                                "flavor",
                                "keyLabel",
                                "wrappedKey",
                                "makerCa",
                                "policy",
                                "dryRun"));
        Optional<Fields> policy = fields.object("policy", Set.of("retirePinOnRelease"));
        String name = fields.requiredText("name");
        Batch batch =
                new Batch(
                        name,
                        fields.parsed("range", fields.requiredText("range"), EuiRange::parse),
                        fields.text("flavor").orElse(""),
                        VaultRoutes.newLabel(fields.text("keyLabel").orElse(name)),
                        fields.bytes("makerCa").map(Answers::certificate),
                        policy.flatMap(p -> p.bool("retirePinOnRelease")).orElse(false),
                        Instant.ofEpochMilli(services.clock().millis()));
        Optional<byte[]> wrappedKey = fields.bytes("wrappedKey");
        Response response =
                changes.makeAfter(
                        // The key comes first: a batch without its key would know none of its
                        // gateways.
                        () -> requireKey(batch.keyLabel(), wrappedKey),
                        caller,
                        request,
                        fields,
                        201,
                        services.gateways().batches().create(caller, batch),
                        (node, created) -> write(node, created, 0));
        services.gateways().batches().refresh();
        return response;
    }

    private void requireKey(KeyLabel label, Optional<byte[]> wrapped) {
        if (wrapped.isPresent()) {
            services.vault().importWrapped(label, wrapped.get());
        } else if (!services.vault().contains(label)) {
            services.vault().create(label);
        }
    }

    private Response deleteBatch(Principal caller, Request request, Routes.Variables path) {
        Response response =
                changes.delete(
                        caller,
                        request,
                        services.gateways().batches().delete(caller, path.get("name")));
        services.gateways().batches().refresh();
        return response;
    }

    private Response wrapKey(Principal caller, Request request, Routes.Variables path) {
        Batch batch = services.gateways().batches().get(path.get("name"));
        return vault.export(caller, request, batch.keyLabel());
    }

    /**
     * Everything the factory writes into and onto gateways, one line each, made while it is sent. A
     * range is a production run and gets the secrets gateways are made with; gateways that are
     * named one by one get those they have now, which is how the new PIN of a released gateway is
     * told.
     */
    private Response provision(Principal caller, Request request, Routes.Variables path) {
        Batch batch = services.gateways().batches().get(path.get("name"));
        Fields fields = Fields.ofBody(request.body(), Set.of("eui", "euis", "range"));
        if (fields.has("range")) {
            EuiRange range = fields.parsed("range", fields.requiredText("range"), EuiRange::parse);
            if (!batch.range().contains(range.first()) || !batch.range().contains(range.last())) {
                throw new BadRequest(
                        "range "
                                + range
                                + " does not lie in batch "
                                + batch.name()
                                + " ("
                                + batch.range()
                                + ")");
            }
            return provisioned(
                    caller,
                    batch,
                    range.size(),
                    range::stream,
                    eui -> services.gateways().factorySecrets(batch, eui));
        }
        List<Eui64> euis =
                fields.has("eui")
                        ? List.of(fields.eui("eui").orElseThrow())
                        : fields
                                .list("euis")
                                .orElseThrow(() -> new BadRequest("send 'eui', 'euis' or 'range'"))
                                .stream()
                                .map(node -> Eui64.parse(node.asString()))
                                .toList();
        // Refuses those of other batches while there is still a status to refuse them with.
        euis.forEach(eui -> services.gateways().factorySecrets(batch, eui));
        return provisioned(
                caller,
                batch,
                BigInteger.valueOf(euis.size()),
                euis::stream,
                eui -> services.gateways().currentSecrets(batch, eui));
    }

    private Response provisioned(
            Principal caller,
            Batch batch,
            BigInteger count,
            Supplier<Stream<Eui64>> euis,
            Function<Eui64, GatewaySecrets> secrets) {
        AuditEvent event =
                new AuditEvent(
                        caller,
                        "batch.provision",
                        batch.name(),
                        Optional.empty(),
                        Map.of("gateways", count.toString()));
        services.database().write(changes.recorded(event));
        return Response.stream(
                200,
                Answers.LINES_TYPE,
                out -> {
                    ObjectNode head =
                            Fields.JSON
                                    .createObjectNode()
                                    .put("cupsUri", services.cupsUri())
                                    .put(
                                            "trust",
                                            Base64.getEncoder()
                                                    .encodeToString(
                                                            Certificates.encoded(
                                                                    services.serverTrust().get())))
                                    .put("count", count);
                    Answers.writeLine(out, head);
                    try (Stream<Eui64> all = euis.get()) {
                        Iterator<Eui64> each = all.iterator();
                        while (each.hasNext()) {
                            Eui64 eui = each.next();
                            Answers.writeLine(out, label(eui, secrets.apply(eui)));
                        }
                    }
                });
    }

    private ObjectNode label(Eui64 eui, GatewaySecrets secrets) {
        ObjectNode line = Fields.JSON.createObjectNode().put("eui", eui.toString());
        if (eui.hasMac()) {
            line.put("mac", eui.mac());
        }
        return line.put("pin", secrets.pin().text())
                .put("token", secrets.token())
                .put("qr", ClaimLink.of(services.cupsUri(), eui, secrets.pin()));
    }

    private void write(ObjectNode node, Batch batch) {
        write(node, batch, services.gateways().batches().claimed(batch));
    }

    private static void write(ObjectNode node, Batch batch, long claimed) {
        node.put("name", batch.name())
                .put("range", batch.range().toString())
                .put("first", batch.range().first().toString())
                .put("last", batch.range().last().toString())
                .put("size", batch.range().size().toString())
                .put("flavor", batch.flavor())
                .put("keyLabel", batch.keyLabel().value());
        batch.makerCa().ifPresent(ca -> node.put("makerCa", Answers.pem(ca)));
        node.putObject("policy").put("retirePinOnRelease", batch.retirePinOnRelease());
        node.put("createdAt", batch.createdAt().toString()).put("claimed", claimed);
    }
}
