package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.ApiKeys;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Caller;
import dev.usher.accounts.IdempotentAnswers;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerCertificates;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.devices.JoinServer;
import dev.usher.gateways.GatewayJoinServer;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Printable;
import dev.usher.store.Database;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The REST API of the web port: batches, gateways, owners and the audit log for administrators,
 * what is theirs for owners; and health and metrics for everybody. Errors are problem details (RFC
 * 9457) with a stable type.
 */
public final class RestApi implements Handler, AutoCloseable {

    private final Services services;
    private final Changes changes;
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
     * @param trouble why this node is of no use now; empty if it is
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
            Supplier<X509Certificate> serverTrust,
            String vaultType,
            Supplier<String> metrics,
            Supplier<Optional<String>> trouble) {}

    /** Without a network. */
    public RestApi(Services services) {
        this(services, Optional.empty());
    }

    public RestApi(Services services, Optional<NetworkServices> network) {
        this.services = requireNonNull(services, "services");
        this.network = requireNonNull(network, "network");
        this.changes =
                new Changes(services.database(), services.idempotentAnswers(), services.audit());
        JoinServer joinServer = services.joinServer();
        this.backendLog = new BackendLogRoutes(joinServer.log());
        VaultRoutes vault = new VaultRoutes(services, changes);
        new BatchRoutes(services, vault, changes).addTo(routes);
        new GatewayRoutes(services, changes).addTo(routes);
        new OwnerRoutes(services, changes).addTo(routes);
        new AuditRoutes(services.audit()).addTo(routes);
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
        new GatewayCommandRoutes(services.database(), changes, network, gateways, this::caller)
                .addTo(networkRoutes);
        TrafficRoutes events =
                new TrafficRoutes(services.database(), network, gateways, this::caller);
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
                case "/health/live" -> Answers.json(200, node -> node.put("status", "up"));
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
        return services.trouble()
                .get()
                .map(
                        reason ->
                                Answers.json(
                                        503,
                                        node -> node.put("status", "down").put("reason", reason)))
                .orElseGet(() -> Answers.json(200, node -> node.put("status", "up")));
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
                    Answers.problem(
                            404,
                            "not-found",
                            "There is no such thing",
                            new NotFound(nothingAt(request)));
            case Routes.Match.WrongMethod<C>(String allowed) ->
                    Answers.problem(
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
        return Answers.problem(
                        401,
                        "unauthenticated",
                        "Who is asking?",
                        new Forbidden("send 'Authorization: Bearer KEY' with a valid API key"))
                .withHeader("WWW-Authenticate", "Bearer");
    }

    /** Ends the answers that have no end of their own. */
    @Override
    public void close() {
        backendLog.close();
        traffic.ifPresent(TrafficRoutes::close);
    }
}
