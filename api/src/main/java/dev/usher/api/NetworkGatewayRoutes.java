package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Entity;
import dev.usher.accounts.NotFound;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.lorawan.Eui64;
import dev.usher.network.claiming.ClaimFailure;
import dev.usher.network.claiming.ClaimRequest;
import dev.usher.network.claiming.GatewayClaiming;
import dev.usher.network.registry.GatewayId;
import dev.usher.network.registry.GatewaySettings;
import dev.usher.network.registry.NetworkGateway;
import dev.usher.network.registry.NetworkGateways;
import dev.usher.network.registry.StationKey;
import dev.usher.network.traffic.GatewayStatus;
import dev.usher.station.AuthorizationHeader;
import dev.usher.station.Why;
import dev.usher.store.Change;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The gateways of the network in the REST API. In a path a gateway goes by its ID, or by its EUI of
 * 16 hex digits.
 */
final class NetworkGatewayRoutes {

    static final String PATH = "/api/v1/network/gateways";
    private static final String GATEWAY = PATH + "/{id}";

    private final NetworkGateways gateways;
    private final GatewayClaiming claiming;
    private final GatewayStats stats;
    private final RightsRoutes rights;
    private final Changes changes;

    NetworkGatewayRoutes(
            NetworkServices network, GatewayStats stats, RightsRoutes rights, Changes changes) {
        this.gateways = network.gateways();
        this.claiming = network.claiming();
        this.stats = requireNonNull(stats, "stats");
        this.rights = requireNonNull(rights, "rights");
        this.changes = requireNonNull(changes, "changes");
    }

    void addTo(Routes<Caller> routes) {
        routes.add("GET", PATH, this::list)
                .add("POST", PATH, this::create)
                .add("POST", PATH + "/claim", this::claim)
                .add("POST", PATH + "/claim/info", this::claimInfo)
                .add("GET", GATEWAY, this::get)
                .add("PATCH", GATEWAY, this::set)
                .add("DELETE", GATEWAY, this::delete)
                .add("DELETE", GATEWAY + "/claim", this::unclaim)
                .add("POST", GATEWAY + "/authorize", this::authorize)
                .add("DELETE", GATEWAY + "/authorize", this::unauthorize)
                .add("GET", GATEWAY + "/keys/{kind}", this::getKey)
                .add("POST", GATEWAY + "/keys/{kind}", this::issueKey)
                .add("GET", GATEWAY + "/stats", this::stats);
        RightsRoutes.Named named = this::entity;
        rights.addKeysTo(
                routes,
                GATEWAY,
                named,
                (caller, gateway, key) ->
                        gateways.deleteApiKey(caller, new GatewayId(gateway.id()), key));
        rights.addCollaboratorsTo(routes, GATEWAY, named);
    }

    /** Its ID; an EUI only finds a gateway that the caller may see. */
    private GatewayId id(Caller caller, String idOrEui) {
        return NetworkGatewayJson.isEui(idOrEui)
                ? gateways.get(caller, Eui64.parse(idOrEui)).id()
                : new GatewayId(idOrEui);
    }

    private GatewayId id(Caller caller, Routes.Variables path) {
        return id(caller, path.get("id"));
    }

    /** The gateway that goes by this name, if the caller may see it. */
    NetworkGateway named(Caller caller, String idOrEui) {
        return gateways.get(caller, id(caller, idOrEui));
    }

    private Entity entity(Caller caller, Routes.Variables path) {
        return named(caller, path.get("id")).id().entity();
    }

    private Response list(Caller caller, Request request, Routes.Variables path) {
        int limit = Answers.limit(request);
        List<NetworkGateway> page =
                gateways.list(
                        caller,
                        request.query("collaborator").map(AccountId::new),
                        request.query("after").map(GatewayId::new),
                        limit);
        return Answers.page(
                page, limit, NetworkGatewayJson::write, gateway -> gateway.id().value());
    }

    private Response create(Caller caller, Request request, Routes.Variables path) {
        Fields fields =
                Fields.ofBody(
                        request.body(),
                        Fields.names(
                                NetworkGatewayJson.SETTINGS,
                                "eui",
                                "id",
                                "collaborator",
                                "dryRun"));
        Eui64 eui = fields.requiredEui("eui");
        return changes.make(
                caller,
                request,
                fields,
                201,
                gateways.create(
                        caller,
                        fields.parsed(
                                "collaborator",
                                fields.requiredText("collaborator"),
                                AccountId::new),
                        NetworkGatewayJson.newId(fields, eui),
                        eui,
                        NetworkGatewayJson.settings(fields, GatewaySettings.DEFAULT)),
                NetworkGatewayJson::write);
    }

    private Response get(Caller caller, Request request, Routes.Variables path) {
        NetworkGateway gateway = gateways.get(caller, id(caller, path));
        return Answers.json(200, node -> NetworkGatewayJson.write(node, gateway));
    }

    private Response set(Caller caller, Request request, Routes.Variables path) {
        Fields fields =
                Fields.ofBody(
                        request.body(),
                        Fields.names(
                                NetworkGatewayJson.SETTINGS, "lnsKey", "targetCupsKey", "dryRun"));
        GatewayId id = id(caller, path);
        Optional<Change<Boolean>> lnsKey = key(caller, id, fields, "lnsKey", StationKey.LNS);
        Optional<Change<Boolean>> cupsKey =
                key(caller, id, fields, "targetCupsKey", StationKey.TARGET_CUPS);
        Set<StationKey> replaced = EnumSet.noneOf(StationKey.class);
        lnsKey.ifPresent(_ -> replaced.add(StationKey.LNS));
        cupsKey.ifPresent(_ -> replaced.add(StationKey.TARGET_CUPS));
        Change<NetworkGateway> settings =
                gateways.set(caller, id, now -> NetworkGatewayJson.settings(fields, now), replaced);
        return changes.make(
                caller,
                request,
                fields,
                200,
                handle -> {
                    // The keys last: what is given here counts, not one that is made for the LNS.
                    settings.apply(handle);
                    if (lnsKey.isPresent()) {
                        lnsKey.get().apply(handle);
                    }
                    if (cupsKey.isPresent()) {
                        cupsKey.get().apply(handle);
                    }
                    // Which changes no more, and tells how the gateway is now.
                    return settings.apply(handle);
                },
                NetworkGatewayJson::write);
    }

    private Optional<Change<Boolean>> key(
            Caller caller, GatewayId id, Fields fields, String name, StationKey kind) {
        return fields.has(name)
                ? Optional.of(
                        gateways.setKey(caller, id, kind, NetworkGatewayJson.key(fields, name)))
                : Optional.empty();
    }

    private Response delete(Caller caller, Request request, Routes.Variables path) {
        return changes.delete(caller, request, gateways.delete(caller, id(caller, path)));
    }

    // Claiming

    private Response claim(Caller caller, Request request, Routes.Variables path) {
        refuseDryRun(request, "ask " + PATH + "/claim/info whether an EUI can be claimed");
        Fields fields = Fields.ofBody(request.body(), NetworkGatewayJson.CLAIM);
        return changes.make(
                caller,
                request,
                fields,
                201,
                claimed(caller, NetworkGatewayJson.claim(fields)),
                NetworkGatewayJson::write);
    }

    /**
     * Claims before the change that keeps the answer, as other servers are asked on the way. Who
     * asks again with the same key has the gateway by then, and gets the answer that was kept.
     */
    private Change<NetworkGateway> claimed(Caller caller, ClaimRequest wish) {
        try {
            NetworkGateway gateway = claiming.claim(caller, wish);
            return _ -> gateway;
        } catch (ClaimFailure e) {
            if (e.reason() != ClaimFailure.Reason.OWN_ALREADY) {
                throw e;
            }
            return _ -> {
                throw e;
            };
        }
    }

    private Response claimInfo(Caller caller, Request request, Routes.Variables path) {
        Eui64 eui = Fields.ofBody(request.body(), Set.of("eui")).requiredEui("eui");
        return Answers.json(
                200,
                node ->
                        node.put("eui", eui.toString())
                                .put("supportsClaiming", claiming.supportsClaiming(eui)));
    }

    private Response unclaim(Caller caller, Request request, Routes.Variables path) {
        refuseDryRun(request, "leave it out to unclaim the gateway");
        return changes.delete(caller, request, unclaimed(caller, path));
    }

    /** Likewise; whoever asks again with the same key finds no gateway any more. */
    private Change<Boolean> unclaimed(Caller caller, Routes.Variables path) {
        try {
            claiming.unclaim(caller, id(caller, path));
            return _ -> true;
        } catch (NotFound e) {
            return _ -> {
                throw e;
            };
        }
    }

    private static void refuseDryRun(Request request, String instead) {
        if (Changes.isDryRun(request)) {
            throw new BadRequest(
                    "dryRun: a claim cannot be tried, as other servers are asked to make it: "
                            + instead);
        }
    }

    private Response authorize(Caller caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("code", "until", "dryRun"));
        Instant until =
                fields.time("until")
                        .orElseThrow(
                                () ->
                                        new BadRequest(
                                                "until is missing: say until when it can be"
                                                        + " claimed"));
        return changes.make(
                caller,
                request,
                fields,
                200,
                gateways.authorize(caller, id(caller, path), fields.requiredText("code"), until),
                NetworkGatewayJson::write);
    }

    private Response unauthorize(Caller caller, Request request, Routes.Variables path) {
        return changes.delete(caller, request, gateways.unauthorize(caller, id(caller, path)));
    }

    // Keys of the station

    private Response getKey(Caller caller, Request request, Routes.Variables path) {
        AuthorizationHeader key =
                gateways.key(caller, id(caller, path), kind(path))
                        .orElseThrow(() -> new NotFound("the gateway has no such key"));
        return Answers.json(200, node -> node.put("key", key.value()));
    }

    private Response issueKey(Caller caller, Request request, Routes.Variables path) {
        StationKey kind = kind(path);
        if (kind == StationKey.TARGET_CUPS) {
            throw new BadRequest(
                    "the key of another cluster is made there: set it as targetCupsKey");
        }
        Fields fields =
                request.body().length == 0
                        ? Fields.ofBody(new byte[] {'{', '}'}, Set.of())
                        : Fields.ofBody(request.body(), Set.of("dryRun"));
        return changes.make(
                caller,
                request,
                fields,
                201,
                gateways.issueKey(caller, id(caller, path), kind),
                (node, key) -> node.put("key", key.value()));
    }

    private static StationKey kind(Routes.Variables path) {
        return switch (path.get("kind")) {
            case "lns" -> StationKey.LNS;
            case "cups" -> StationKey.CUPS;
            case "target-cups" -> StationKey.TARGET_CUPS;
            default ->
                    throw new NotFound(
                            "a gateway has no key of this kind: write lns, cups or target-cups");
        };
    }

    private Response stats(Caller caller, Request request, Routes.Variables path) {
        GatewayId id = id(caller, path);
        NetworkGateway gateway = gateways.get(caller, id);
        GatewayStats.Stats now = stats.of(caller, gateway);
        return Answers.json(
                200,
                node -> {
                    node.put("id", id.value())
                            .put("eui", gateway.eui().toString())
                            .put("connected", now.status() instanceof GatewayStatus.Connected);
                    switch (now.status()) {
                        case GatewayStatus.Connected(var since) ->
                                node.put("since", since.toString());
                        case GatewayStatus.Away(var lastSeen) ->
                                lastSeen.ifPresent(at -> node.put("lastSeen", at.toString()));
                    }
                    NetworkGatewayJson.writeTarget(node, gateway);
                    ArrayNode why = node.putArray("why");
                    now.why().forEach(one -> write(why.addObject(), one));
                });
    }

    private static void write(ObjectNode node, Why why) {
        node.put("at", why.at().toString())
                .put("answer", why.answer())
                .put("reason", why.reason())
                .put("times", why.times());
    }
}
