package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.ApiKeys;
import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Certificates;
import dev.usher.accounts.Fingerprint;
import dev.usher.accounts.IdempotentAnswers;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.Owner;
import dev.usher.accounts.OwnerCertificates;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.devices.JoinServer;
import dev.usher.gateways.Batch;
import dev.usher.gateways.Claims;
import dev.usher.gateways.Gateway;
import dev.usher.gateways.GatewayJoinServer;
import dev.usher.gateways.Gateways;
import dev.usher.gateways.ItemResult;
import dev.usher.gateways.Seen;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.GatewaySecrets;
import dev.usher.keys.IssuedCertificate;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.Printable;
import dev.usher.station.CertificateDer;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The REST API of the web port: batches, gateways, owners and the audit log for administrators,
 * what is theirs for owners; and health and metrics for everybody. Errors are problem details (RFC
 * 9457) with a stable type.
 */
public final class RestApi implements Handler, AutoCloseable {

    private static final int DEFAULT_LIMIT = 100;
    private static final int LARGEST_LIMIT = 1000;
    private static final int IMPORTS_PER_CHANGE = 1000;
    private static final Duration OWNER_CERTIFICATE_LIFETIME = Duration.ofDays(365);
    static final String JSON_TYPE = "application/json; charset=utf-8";
    static final String PROBLEM_TYPE = "application/problem+json";
    static final String LINES_TYPE = "application/x-ndjson";

    /** Nobody can go to a gateway to renew its certificate, so it lasts as long as the gateway. */
    private static final int GATEWAY_CERTIFICATE_DAYS = 3650;

    private final Services services;
    private final Changes changes;
    private final VaultRoutes vault;
    private final BackendLogRoutes backendLog;
    private final Routes<Principal> routes = new Routes<>();
    private final Routes<Caller> networkRoutes = new Routes<>();
    private final Optional<NetworkServices> network;
    private final Optional<TrafficRoutes> traffic;
    private final Optional<LoginRoutes> login;
    private final Optional<Console> console;

    /**
     * What the REST API stands on.
     *
     * @param cupsUri where gateways find the Gateway API, as it is written into them at the factory
     * @param serverTrust the certificate their servers' chains end in
     * @param vaultType {@code file} or {@code pkcs11}
     * @param metrics the current metrics as text
     */
    public record Services(
            Database database,
            GatewayJoinServer gateways,
            JoinServer joinServer,
            Vault vault,
            CertificateAuthority ca,
            Owners owners,
            ApiKeys apiKeys,
            OwnerCertificates ownerCertificates,
            AuditLog audit,
            IdempotentAnswers idempotentAnswers,
            Authenticator authenticator,
            InstantSource clock,
            String cupsUri,
            X509Certificate serverTrust,
            String vaultType,
            Supplier<String> metrics,
            Supplier<Boolean> ready) {}

    /** Without a network. */
    public RestApi(Services services) {
        this(services, Optional.empty());
    }

    public RestApi(Services services, Optional<NetworkServices> network) {
        this.services = requireNonNull(services, "services");
        this.network = requireNonNull(network, "network");
        this.changes =
                new Changes(services.database(), services.idempotentAnswers(), services.audit());
        this.vault = new VaultRoutes(services, changes);
        JoinServer joinServer = services.joinServer();
        this.backendLog = new BackendLogRoutes(joinServer.log());
        routes.add("GET", "/api/v1/batches", administrator(this::listBatches))
                .add("POST", "/api/v1/batches", administrator(this::createBatch))
                .add("GET", "/api/v1/batches/{name}", administrator(this::getBatch))
                .add("DELETE", "/api/v1/batches/{name}", administrator(this::deleteBatch))
                .add("POST", "/api/v1/batches/{name}/provision", administrator(this::provision))
                .add("POST", "/api/v1/batches/{name}/wrapped-key", administrator(this::wrapKey))
                .add("POST", "/api/v1/gateways/import", administrator(this::importGateways))
                .add("GET", "/api/v1/gateways", this::listGateways)
                .add("GET", "/api/v1/gateways/{eui}", this::getGateway)
                .add(
                        "POST",
                        "/api/v1/gateways/{eui}/certificates",
                        administrator(this::issueGatewayCertificate))
                .add("GET", "/api/v1/owners", administrator(this::listOwners))
                .add("POST", "/api/v1/owners", administrator(this::createOwner))
                .add("GET", "/api/v1/owners/{id}", administrator(this::getOwner))
                .add("GET", "/api/v1/owners/{id}/api-keys", administrator(this::listApiKeys))
                .add("POST", "/api/v1/owners/{id}/api-keys", administrator(this::createApiKey))
                .add(
                        "DELETE",
                        "/api/v1/owners/{id}/api-keys/{key}",
                        administrator(this::deleteApiKey))
                .add(
                        "GET",
                        "/api/v1/owners/{id}/certificates",
                        administrator(this::listCertificates))
                .add(
                        "POST",
                        "/api/v1/owners/{id}/certificates",
                        administrator(this::addCertificate))
                .add(
                        "DELETE",
                        "/api/v1/owners/{id}/certificates/{fingerprint}",
                        administrator(this::deleteCertificate))
                .add("GET", "/api/v1/owners/{id}/ca", administrator(this::listCas))
                .add("POST", "/api/v1/owners/{id}/ca", administrator(this::addCa))
                .add(
                        "DELETE",
                        "/api/v1/owners/{id}/ca/{fingerprint}",
                        administrator(this::deleteCa))
                .add("GET", "/api/v1/audit", this::listAudit)
                .add("GET", "/api/v1/audit/verify", administrator(this::verifyAudit));
        vault.addTo(routes);
        new AdministratorKeyRoutes(services.apiKeys(), changes).addTo(routes);
        new PeerRoutes(joinServer.peers(), changes, services.clock()).addTo(routes);
        new JoinEuiRoutes(joinServer.joinEuis(), changes).addTo(routes);
        new DeviceRoutes(joinServer, backendLog, changes).addTo(routes);
        new TransportKekRoutes(joinServer.transportKeks(), changes).addTo(routes);
        new OwnerActivationRoutes(joinServer.ownerActivation(), changes).addTo(routes);
        backendLog.addTo(routes);
        this.traffic = network.map(this::addNetwork);
        this.login = network.map(there -> new LoginRoutes(services, there));
        this.console =
                login.map(
                        signIn -> new Console(services.database(), network.orElseThrow(), signIn));
    }

    private TrafficRoutes addNetwork(NetworkServices network) {
        RightsRoutes rights =
                new RightsRoutes(network.accountKeys(), network.collaborators(), changes);
        NetworkGatewayRoutes gateways =
                new NetworkGatewayRoutes(
                        network, new GatewayStats(services.database(), network), rights, changes);
        gateways.addTo(networkRoutes);
        new AccountRoutes(network, rights, changes).addTo(networkRoutes);
        new NetworkDeviceRoutes(network.traffic(), rights, changes).addTo(networkRoutes);
        new WebhookRoutes(network.outlets(), changes).addTo(networkRoutes);
        new TrustRoutes(network, services.clock(), changes).addTo(networkRoutes);
        new GatewayCommandRoutes(services.database(), changes, network, gateways)
                .addTo(networkRoutes);
        TrafficRoutes events = new TrafficRoutes(services.database(), network, gateways);
        events.addTo(networkRoutes);
        return events;
    }

    static <C extends Caller> Routes.Route<C> administrator(Routes.Route<Principal> route) {
        return (caller, request, path) -> {
            if (!(caller instanceof Principal.Administrator administrator)) {
                throw new Forbidden(
                        "only an administrator may do this: use an administrator's API key");
            }
            return route.answer(administrator, request, path);
        };
    }

    @Override
    public Response handle(Request request) {
        try {
            return switch (request.path()) {
                case "/health/live" -> json(200, node -> node.put("status", "up"));
                case "/health/ready" -> ready();
                case "/metrics" ->
                        Response.of(
                                200,
                                "text/plain; version=0.0.4; charset=utf-8",
                                services.metrics().get());
                case "/ca.pem" ->
                        Response.of(200, "application/x-pem-file", services.ca().certificatePem());
                default -> route(request);
            };
        } catch (RuntimeException e) {
            return Refusal.of(e).problem();
        }
    }

    private Response ready() {
        return services.ready().get()
                ? json(200, node -> node.put("status", "up"))
                : json(
                        503,
                        node ->
                                node.put("status", "down")
                                        .put("reason", "the database cannot be reached"));
    }

    private Response route(Request request) {
        if (login.isPresent() && LoginRoutes.isFor(request)) {
            return login.get().answer(request);
        }
        if (console.isPresent() && Console.isFor(request)) {
            return console.get().answer(request);
        }
        Routes.Match<Principal> match = routes.find(request);
        return match instanceof Routes.Match.Missing<Principal>
                ? answer(networkRoutes.find(request), this::caller, request)
                : answer(match, this::principal, request);
    }

    /** Who asks the house; whoever has rights on the network alone is known, and may not. */
    private Optional<Principal> principal(Request request) {
        return caller(request)
                .map(
                        caller -> {
                            if (!(caller instanceof Principal principal)) {
                                throw new Forbidden(
                                        "only an administrator or an owner of the Gateway Join"
                                                + " Server may do this: use an API key of theirs");
                            }
                            return principal;
                        });
    }

    /** Who asks the network: also those who have rights on gateways only. */
    private Optional<Caller> caller(Request request) {
        Optional<Caller> principal = services.authenticator().principal(request).map(p -> p);
        if (principal.isEmpty() && request.header("Authorization").isEmpty()) {
            return network.flatMap(there -> LoginRoutes.caller(there.logins(), request));
        }
        return principal.or(
                () ->
                        Authenticator.bearer(request)
                                .flatMap(
                                        key ->
                                                network.flatMap(
                                                        n -> n.accountKeys().authenticate(key))));
    }

    private static <C> Response answer(
            Routes.Match<C> match, Function<Request, Optional<C>> asking, Request request) {
        return switch (match) {
            case Routes.Match.Missing<C>() ->
                    problem(
                            404,
                            "not-found",
                            "There is no such thing",
                            new NotFound(nothingAt(request)));
            case Routes.Match.WrongMethod<C>(String allowed) ->
                    problem(
                                    405,
                                    "method",
                                    "This cannot be done here",
                                    new NotFound("use " + allowed))
                            .withHeader("Allow", allowed);
            case Routes.Match.Found<C> found ->
                    asking.apply(request)
                            .map(caller -> found.route().answer(caller, request, found.path()))
                            .orElseGet(RestApi::unauthenticated);
        };
    }

    private static String nothingAt(Request request) {
        return "there is nothing at "
                + Printable.of(request.path())
                + (OwnerApi.isCall(request)
                        ? ": calls of the Owner API are answered on its own port, 9193 unless it is"
                                + " configured otherwise"
                        : "");
    }

    private static Response unauthenticated() {
        return problem(
                        401,
                        "unauthenticated",
                        "Who is asking?",
                        new Forbidden("send 'Authorization: Bearer KEY' with a valid API key"))
                .withHeader("WWW-Authenticate", "Bearer");
    }

    // Batches

    private Response listBatches(Principal caller, Request request, Routes.Variables path) {
        return json(
                200,
                node -> {
                    ArrayNode items = node.putArray("items");
                    services.gateways()
                            .batches()
                            .list()
                            .forEach(batch -> write(items.addObject(), batch));
                });
    }

    private Response getBatch(Principal caller, Request request, Routes.Variables path) {
        Batch batch = services.gateways().batches().get(path.get("name"));
        return json(200, node -> write(node, batch));
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
                        fields.bytes("makerCa").map(RestApi::certificate),
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
                LINES_TYPE,
                out -> {
                    ObjectNode head =
                            Fields.JSON
                                    .createObjectNode()
                                    .put("cupsUri", services.cupsUri())
                                    .put(
                                            "trust",
                                            Base64.getEncoder()
                                                    .encodeToString(
                                                            encoded(services.serverTrust())))
                                    .put("count", count);
                    writeLine(out, head);
                    try (Stream<Eui64> all = euis.get()) {
                        Iterator<Eui64> each = all.iterator();
                        while (each.hasNext()) {
                            Eui64 eui = each.next();
                            writeLine(out, label(eui, secrets.apply(eui)));
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

    static void writeLine(OutputStream out, ObjectNode line) throws IOException {
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
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
        batch.makerCa().ifPresent(ca -> node.put("makerCa", pem(ca)));
        node.putObject("policy").put("retirePinOnRelease", batch.retirePinOnRelease());
        node.put("createdAt", batch.createdAt().toString()).put("claimed", claimed);
    }

    // Gateways

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
        return Response.of(200, JSON_TYPE, answer.toString());
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
        int limit = limit(request);
        List<Gateway> gateways =
                services.gateways()
                        .gateways()
                        .list(
                                new Gateways.Filter(owner, batch),
                                request.query("after").map(Eui64::parse),
                                limit);
        return json(
                200,
                node -> {
                    ArrayNode items = node.putArray("items");
                    gateways.forEach(gateway -> write(items.addObject(), gateway));
                    if (gateways.size() == limit) {
                        node.put("next", gateways.getLast().eui().toString());
                    }
                });
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
        return json(200, node -> write(node, gateway));
    }

    /**
     * Issues a client certificate that stands for one gateway, for it to use instead of a token.
     */
    private Response issueGatewayCertificate(
            Principal caller, Request request, Routes.Variables path) {
        Eui64 eui = Eui64.parse(path.get("eui"));
        Fields fields = Fields.ofBody(request.body(), Set.of("days", "dryRun"));
        int days = fields.count("days").orElse(GATEWAY_CERTIFICATE_DAYS);
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

    // Owners

    private Response listOwners(Principal caller, Request request, Routes.Variables path) {
        return json(
                200,
                node -> {
                    ArrayNode items = node.putArray("items");
                    services.owners().list().forEach(owner -> write(items.addObject(), owner));
                });
    }

    private Response createOwner(Principal caller, Request request, Routes.Variables path) {
        Fields fields =
                Fields.ofBody(request.body(), Set.of("ownerid", "name", "addLimit", "dryRun"));
        OwnerId id = fields.ownerId();
        return changes.make(
                caller,
                request,
                fields,
                201,
                services.owners()
                        .create(
                                caller,
                                id,
                                fields.text("name").orElseGet(id::toString),
                                fields.count("addLimit").orElse(Owner.DEFAULT_ADD_LIMIT)),
                RestApi::write);
    }

    private Response getOwner(Principal caller, Request request, Routes.Variables path) {
        Owner owner = services.owners().get(ownerId(path));
        return json(200, node -> write(node, owner));
    }

    private static OwnerId ownerId(Routes.Variables path) {
        return OwnerId.parse(path.get("id"));
    }

    private static void write(ObjectNode node, Owner owner) {
        node.put("ownerid", owner.id().toString())
                .put("name", owner.name())
                .put("addLimit", owner.addLimit())
                .put("createdAt", owner.createdAt().toString());
    }

    private Response listApiKeys(Principal caller, Request request, Routes.Variables path) {
        Owner owner = services.owners().get(ownerId(path));
        return json(
                200,
                node -> {
                    ArrayNode items = node.putArray("items");
                    services.apiKeys()
                            .list(owner.id())
                            .forEach(key -> AdministratorKeyRoutes.write(items.addObject(), key));
                });
    }

    private Response createApiKey(Principal caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("name", "expiresAt", "dryRun"));
        return changes.make(
                caller,
                request,
                fields,
                201,
                services.apiKeys()
                        .create(
                                caller,
                                ownerId(path),
                                fields.text("name").orElse("unnamed"),
                                fields.time("expiresAt")),
                AdministratorKeyRoutes::write);
    }

    private Response deleteApiKey(Principal caller, Request request, Routes.Variables path) {
        return changes.delete(
                caller, request, services.apiKeys().delete(caller, ownerId(path), path.get("key")));
    }

    private Response listCertificates(Principal caller, Request request, Routes.Variables path) {
        Owner owner = services.owners().get(ownerId(path));
        return json(
                200,
                node -> {
                    ArrayNode items = node.putArray("items");
                    services.ownerCertificates()
                            .list(owner.id())
                            .forEach(certificate -> write(items.addObject(), certificate));
                });
    }

    /** Maps a certificate that the owner has, or issues one. */
    private Response addCertificate(Principal caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("certificate", "dryRun"));
        OwnerId owner = services.owners().get(ownerId(path)).id();
        Optional<X509Certificate> given = fields.bytes("certificate").map(RestApi::certificate);
        Optional<IssuedCertificate> issued =
                given.isPresent()
                        ? Optional.empty()
                        : Optional.of(
                                services.ca()
                                        .issueOwner(owner.toString(), OWNER_CERTIFICATE_LIFETIME));
        X509Certificate certificate =
                given.or(() -> issued.map(IssuedCertificate::certificate)).orElseThrow();
        return changes.make(
                caller,
                request,
                fields,
                201,
                services.ownerCertificates().map(caller, owner, certificate),
                (node, mapped) -> {
                    write(node, mapped);
                    issued.ifPresent(
                            own ->
                                    node.put("certificate", own.certificatePem())
                                            .put("key", own.privateKeyPem()));
                });
    }

    private Response deleteCertificate(Principal caller, Request request, Routes.Variables path) {
        return changes.delete(
                caller,
                request,
                services.ownerCertificates().unmap(caller, ownerId(path), fingerprint(path)));
    }

    private static Fingerprint fingerprint(Routes.Variables path) {
        return Fingerprint.parse(path.get("fingerprint"));
    }

    private static void write(ObjectNode node, OwnerCertificates.ClientCertificate certificate) {
        node.put("fingerprint", certificate.fingerprint().toString())
                .put("notAfter", certificate.notAfter().toString());
    }

    private Response listCas(Principal caller, Request request, Routes.Variables path) {
        Owner owner = services.owners().get(ownerId(path));
        return json(
                200,
                node -> {
                    ArrayNode items = node.putArray("items");
                    services.ownerCertificates().gatewayCas().stream()
                            .filter(ca -> ca.owner().equals(owner.id()))
                            .forEach(
                                    ca ->
                                            items.addObject()
                                                    .put("fingerprint", ca.fingerprint().toString())
                                                    .put(
                                                            "subject",
                                                            ca.certificate()
                                                                    .getSubjectX500Principal()
                                                                    .getName())
                                                    .put(
                                                            "notAfter",
                                                            ca.certificate()
                                                                    .getNotAfter()
                                                                    .toInstant()
                                                                    .toString()));
                });
    }

    private Response addCa(Principal caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("certificate", "dryRun"));
        X509Certificate ca =
                certificate(
                        fields.bytes("certificate")
                                .orElseThrow(() -> new BadRequest("certificate is missing")));
        Response response =
                changes.make(
                        caller,
                        request,
                        fields,
                        201,
                        services.ownerCertificates().trustGatewayCa(caller, ownerId(path), ca),
                        (node, trusted) ->
                                node.put("fingerprint", trusted.fingerprint().toString()));
        services.gateways().batches().refresh();
        return response;
    }

    private Response deleteCa(Principal caller, Request request, Routes.Variables path) {
        Response response =
                changes.delete(
                        caller,
                        request,
                        services.ownerCertificates()
                                .distrustGatewayCa(caller, ownerId(path), fingerprint(path)));
        services.gateways().batches().refresh();
        return response;
    }

    // Audit

    private Response listAudit(Principal caller, Request request, Routes.Variables path) {
        Optional<OwnerId> owner =
                caller instanceof Principal.OwnerPrincipal self
                        ? Optional.of(self.id())
                        : request.query("owner").map(OwnerId::parse);
        long after = request.query("after").map(RestApi::number).orElse(0L);
        int limit = limit(request);
        List<AuditEntry> entries =
                services.audit()
                        .list(new AuditLog.Filter(request.query("subject"), owner), after, limit);
        return json(
                200,
                node -> {
                    ArrayNode items = node.putArray("items");
                    for (AuditEntry entry : entries) {
                        ObjectNode item =
                                items.addObject()
                                        .put("seq", entry.seq())
                                        .put("at", entry.at().toString())
                                        .put("actor", entry.actor())
                                        .put("action", entry.action())
                                        .put("subject", entry.subject());
                        entry.owner().ifPresent(of -> item.put("owner", of.toString()));
                        item.set("detail", Fields.JSON.readTree(entry.detail()));
                        item.put("hash", entry.hash());
                    }
                    if (entries.size() == limit) {
                        node.put("next", entries.getLast().seq());
                    }
                });
    }

    private Response verifyAudit(Principal caller, Request request, Routes.Variables path) {
        return switch (services.audit().verify()) {
            case AuditLog.Verdict.Intact(long entries, String head) ->
                    json(
                            200,
                            node ->
                                    node.put("intact", true)
                                            .put("entries", entries)
                                            .put("head", head));
            case AuditLog.Verdict.Broken(long seq, String reason) ->
                    json(
                            200,
                            node ->
                                    node.put("intact", false)
                                            .put("firstBroken", seq)
                                            .put("reason", reason));
        };
    }

    /** Ends the answers that have no end of their own. */
    @Override
    public void close() {
        backendLog.close();
        traffic.ifPresent(TrafficRoutes::close);
    }

    // What all have in common

    static int limit(Request request) {
        long limit = request.query("limit").map(RestApi::number).orElse((long) DEFAULT_LIMIT);
        if (limit < 1 || limit > LARGEST_LIMIT) {
            throw new BadRequest("limit is " + limit + ": use 1 to " + LARGEST_LIMIT);
        }
        return (int) limit;
    }

    static long number(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw new BadRequest("'" + Printable.of(text) + "' is not a number of 0 or more");
        }
        return Long.parseLong(text);
    }

    static X509Certificate certificate(byte[] derOrPem) {
        return CertificateDer.of(derOrPem).toX509();
    }

    private static byte[] encoded(X509Certificate certificate) {
        return Certificates.encoded(certificate);
    }

    static String pem(X509Certificate certificate) {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded(certificate))
                + "\n-----END CERTIFICATE-----\n";
    }

    static Response.Full json(int status, Consumer<ObjectNode> writer) {
        ObjectNode node = Fields.JSON.createObjectNode();
        writer.accept(node);
        return Response.of(status, JSON_TYPE, node.toString());
    }

    /** A list that is answered whole. */
    static <T> Response.Full list(Iterable<T> items, Changes.Writer<T> writer) {
        return json(
                200,
                node -> {
                    ArrayNode array = node.putArray("items");
                    items.forEach(item -> writer.write(array.addObject(), item));
                });
    }

    static Response.Full problem(int status, String type, String title, RuntimeException why) {
        return Refusal.of(status, type, title, why).problem();
    }

    static ObjectNode problemBody(int status, String type, String title, String detail) {
        return Fields.JSON
                .createObjectNode()
                .put("type", "urn:usher:problem:" + type)
                .put("title", title)
                .put("status", status)
                .put("detail", detail);
    }
}
