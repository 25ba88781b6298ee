package dev.usher.api;

import static dev.usher.api.RestApi.administrator;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.Fingerprint;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.gateways.Batch;
import dev.usher.gateways.Claims;
import dev.usher.gateways.Gateway;
import dev.usher.gateways.Gateways;
import dev.usher.gateways.ItemResult;
import dev.usher.gateways.Seen;
import dev.usher.keys.IssuedCertificate;
import dev.usher.lorawan.Eui64;
import dev.usher.store.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The gateways of the Gateway Join Server in the REST API. */
final class GatewayRoutes {

    private static final int IMPORTS_PER_CHANGE = 1000;

    /** Nobody can go to a gateway to renew its certificate, so it lasts as long as the gateway. */
    private static final int CERTIFICATE_DAYS = 3650;

    private final RestApi.Services services;
    private final Changes changes;

    GatewayRoutes(RestApi.Services services, Changes changes) {
        this.services = requireNonNull(services, "services");
        this.changes = requireNonNull(changes, "changes");
    }

    void addTo(Routes<Principal> routes) {
        routes.add("POST", "/api/v1/gateways/import", administrator(this::importGateways))
                .add("GET", "/api/v1/gateways", this::listGateways)
                .add("GET", "/api/v1/gateways/{eui}", this::getGateway)
                .add(
                        "POST",
                        "/api/v1/gateways/{eui}/certificates",
                        administrator(this::issueGatewayCertificate));
    }

    private Response importGateways(Principal caller, Request request, Routes.Variables path) {
        JsonNode body = Fields.parse(request.body());
        if (!body.isArray()) {
            throw new BadRequest("the body must be an array of gateways");
        }
        ArrayNode answer = Fields.JSON.createArrayNode();
        List<Claims.Import> imports = new ArrayList<>();
        for (int i = 0; i < body.size(); i++) {
            Fields fields =
                    Fields.of(body.get(i), "[" + i + "]", Set.of("eui", "code", "token", "flavor"));
            Eui64 eui = fields.eui("eui").orElseThrow(() -> new BadRequest("an eui is missing"));
            imports.add(
                    new Claims.Import(
                            eui,
                            fields.text("flavor").orElse(""),
                            fields.text("code"),
                            fields.text("token")));
        }
        boolean dryRun = Changes.isDryRun(request);
        for (int from = 0; from < imports.size(); from += IMPORTS_PER_CHANGE) {
            List<Claims.Import> part =
                    imports.subList(from, Math.min(imports.size(), from + IMPORTS_PER_CHANGE));
            Change<List<ItemResult>> imported =
                    services.gateways().claims().importAll(caller, part, dryRun);
            String results =
                    changes.makePart(
                            caller,
                            request,
                            from / IMPORTS_PER_CHANGE,
                            dryRun,
                            request.body(),
                            handle -> results(imported.apply(handle)));
            answer.addAll((ArrayNode) Fields.JSON.readTree(results));
        }
        return Response.of(200, Answers.JSON_TYPE, answer.toString());
    }

    private static String results(List<ItemResult> results) {
        ArrayNode items = Fields.JSON.createArrayNode();
        for (ItemResult result : results) {
            ObjectNode node = items.addObject().put("eui", result.gateway().toString());
            result.error().ifPresent(error -> node.put("error", error));
        }
        return items.toString();
    }

    private Response listGateways(Principal caller, Request request, Routes.Variables path) {
        Optional<OwnerId> owner = request.query("owner").map(OwnerId::parse);
        if (caller instanceof Principal.OwnerPrincipal self) {
            if (owner.filter(o -> !o.equals(self.id())).isPresent()) {
                throw new Forbidden("you are not this owner: you can list your own gateways");
            }
            owner = Optional.of(self.id());
        }
        Optional<Batch> batch = request.query("batch").map(services.gateways().batches()::get);
        int limit = Answers.limit(request);
        List<Gateway> gateways =
                services.gateways()
                        .gateways()
                        .list(
                                new Gateways.Filter(owner, batch),
                                request.query("after").map(Eui64::parse),
                                limit);
        return Answers.page(
                gateways, limit, GatewayRoutes::write, gateway -> gateway.eui().toString());
    }

    private Response getGateway(Principal caller, Request request, Routes.Variables path) {
        Eui64 eui = Eui64.parse(path.get("eui"));
        // For an owner, somebody else's gateway and none at all are the same.
        Gateway gateway =
                services.gateways()
                        .gateways()
                        .find(eui)
                        .filter(
                                found ->
                                        !(caller instanceof Principal.OwnerPrincipal self)
                                                || found.owner()
                                                        .filter(self.id()::equals)
                                                        .isPresent())
                        .orElseThrow(
                                () ->
                                        new NotFound(
                                                "there is no gateway "
                                                        + eui
                                                        + " that you could see"));
        return Answers.json(200, node -> write(node, gateway));
    }

    /**
     * Issues a client certificate that stands for one gateway, for it to use instead of a token.
     */
    private Response issueGatewayCertificate(
            Principal caller, Request request, Routes.Variables path) {
        Eui64 eui = Eui64.parse(path.get("eui"));
        Fields fields = Fields.ofBody(request.body(), Set.of("days", "dryRun"));
        int days = fields.count("days").orElse(CERTIFICATE_DAYS);
        if (days < 1) {
            throw new BadRequest("days is " + days + ": use 1 or more");
        }
        IssuedCertificate issued = services.ca().issueGateway(eui, Duration.ofDays(days));
        AuditEvent event =
                new AuditEvent(
                        caller,
                        "gateway.certificate.issue",
                        eui.toString(),
                        Optional.empty(),
                        Map.of("fingerprint", Fingerprint.of(issued.certificate()).toString()));
        return changes.make(
                caller,
                request,
                fields,
                201,
                changes.recorded(event),
                (node, _) ->
                        node.put("eui", eui.toString())
                                .put("certificate", issued.certificatePem())
                                .put("key", issued.privateKeyPem())
                                .put(
                                        "notAfter",
                                        issued.certificate().getNotAfter().toInstant().toString()));
    }

    private static void write(ObjectNode node, Gateway gateway) {
        node.put("eui", gateway.eui().toString()).put("id6", gateway.eui().id6());
        if (gateway.eui().hasMac()) {
            node.put("mac", gateway.eui().mac());
        }
        gateway.batch().ifPresent(batch -> node.put("batch", batch));
        node.put("flavor", gateway.flavor())
                .put("origin", gateway.origin().name().toLowerCase(Locale.ROOT));
        gateway.owner().ifPresent(owner -> node.put("owner", owner.toString()));
        gateway.claimedAt().ifPresent(at -> node.put("claimedAt", at.toString()));
        gateway.setupAt()
                .ifPresent(
                        at -> {
                            ObjectNode setup = node.putObject("setup");
                            write(setup, "cups", gateway.cups());
                            write(setup, "lns", gateway.lns());
                            gateway.firmware()
                                    .ifPresent(
                                            order -> {
                                                setup.put(
                                                        "fwcrc",
                                                        Integer.toUnsignedLong(order.fwcrc()));
                                                order.after()
                                                        .ifPresent(
                                                                after ->
                                                                        setup.put(
                                                                                "fwafter",
                                                                                after.toString()));
                                                order.offeredAt()
                                                        .ifPresent(
                                                                offered ->
                                                                        setup.put(
                                                                                "fwOfferedAt",
                                                                                offered
                                                                                        .toString()));
                                            });
                            setup.put("updatedAt", at.toString());
                        });
        gateway.seen().ifPresent(seen -> write(node, seen));
    }

    private static void write(ObjectNode setup, String prefix, Optional<Gateway.Target> target) {
        target.ifPresent(
                to -> {
                    setup.put(prefix + "Uri", to.uri());
                    to.credCrc()
                            .ifPresent(
                                    crc ->
                                            setup.put(
                                                    prefix + "CredCrc",
                                                    Integer.toUnsignedLong(crc)));
                });
    }

    private static void write(ObjectNode node, Seen seen) {
        ObjectNode reported = node.putObject("seen").put("at", seen.at().toString());
        seen.station().ifPresent(station -> reported.put("station", station));
        seen.model().ifPresent(model -> reported.put("model", model));
        seen.packageVersion().ifPresent(version -> reported.put("package", version));
        ArrayNode keys = reported.putArray("keys");
        seen.keyCrcs().forEach(crc -> keys.add(Integer.toUnsignedLong(crc)));
        seen.cupsUri().ifPresent(uri -> reported.put("cupsUri", uri));
        seen.lnsUri().ifPresent(uri -> reported.put("lnsUri", uri));
        reported.put("cupsCredCrc", Integer.toUnsignedLong(seen.cupsCredCrc()))
                .put("lnsCredCrc", Integer.toUnsignedLong(seen.lnsCredCrc()));
        ArrayNode why = node.putArray("why");
        seen.why()
                .forEach(
                        one ->
                                why.addObject()
                                        .put("at", one.at().toString())
                                        .put("answer", one.answer())
                                        .put("reason", one.reason())
                                        .put("times", one.times()));
    }
}
