package dev.usher.api;

import static dev.usher.api.ConsolePages.Notice;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.Caller;
import dev.usher.accounts.NotFound;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.lorawan.Eui64;
import dev.usher.network.claiming.ClaimRequest;
import dev.usher.network.claiming.GatewayClaiming;
import dev.usher.network.registry.GatewayId;
import dev.usher.network.registry.NetworkGateway;
import dev.usher.network.registry.NetworkGateways;
import dev.usher.store.Database;
import java.net.URLDecoder;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The web pages for people with gateways: signing in, their gateways, claiming one, handing one
 * over. They do what the REST API does, by the same calls, and need no script.
 *
 * <p>Whoever is signed in is known by a cookie, and nothing is changed in their name unless their
 * browser says that a page of this server asked for it ({@link LoginRoutes#caller}).
 */
final class Console {

    private static final String HOME = "/";
    static final String LOGIN = "/login";
    private static final String LOGOUT = "/logout";
    private static final String STYLE = "/console.css";
    private static final String GATEWAYS = "/gateways";
    private static final String GATEWAY = GATEWAYS + "/{id}";
    private static final int GATEWAYS_A_PAGE = 100;

    /** What the QR code on a label leads to ({@link ClaimLink}). */
    private static final String SCANNED = "/c/";

    private static final Pattern SCAN =
            Pattern.compile(SCANNED + "([0-9A-Fa-f]{16})/([0-9A-Za-z-]{1,64})");
    private static final String SCAN_COOKIE = "__Host-usher-scanned";
    private static final Duration SCAN_KEPT = Duration.ofMinutes(10);

    /** Nothing but this server's own style sheet, forms to this server, and no frames around it. */
    private static final String POLICY =
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
                    + " frame-ancestors 'none'";

    private final Database database;
    private final NetworkGateways gateways;
    private final GatewayClaiming claiming;
    private final GatewayStats stats;
    private final LoginRoutes login;
    private final NetworkServices network;
    private final Routes<Caller> routes = new Routes<>();

    Console(Database database, NetworkServices network, LoginRoutes login) {
        this.database = requireNonNull(database, "database");
        this.network = requireNonNull(network, "network");
        this.gateways = network.gateways();
        this.claiming = network.claiming();
        this.stats = new GatewayStats(database, network);
        this.login = requireNonNull(login, "login");
        routes.add("GET", HOME, (caller, request, _) -> home(caller, request))
                .add("POST", LOGOUT, (_, request, _) -> logOut(request))
                .add("POST", GATEWAYS, (caller, request, _) -> claim(caller, request))
                .add("GET", GATEWAY, (caller, _, path) -> gateway(caller, id(path)))
                .add("POST", GATEWAY + "/authorize", this::authorize)
                .add("POST", GATEWAY + "/unauthorize", this::unauthorize)
                .add("POST", GATEWAY + "/unclaim", this::unclaim)
                // What a form was sent to is in the browser's address bar if it was not done, and
                // is loaded again without the form.
                .add("GET", GATEWAYS, (_, _, _) -> seeOther(HOME))
                .add("GET", GATEWAY + "/{form}", (_, _, path) -> seeOther(path(id(path))));
    }

    static boolean isFor(Request request) {
        String path = request.path();
        return path.equals(HOME)
                || path.equals(LOGIN)
                || path.equals(LOGOUT)
                || path.equals(STYLE)
                || path.equals(GATEWAYS)
                || path.startsWith(SCANNED)
                || path.startsWith(GATEWAYS + "/");
    }

    Response answer(Request request) {
        if (request.path().equals(STYLE)) {
            return Response.of(200, "text/css; charset=utf-8", ConsolePages.STYLE)
                    .withHeader("X-Content-Type-Options", "nosniff");
        }
        if (request.path().equals(LOGIN)) {
            return signIn(request);
        }
        Matcher scan = SCAN.matcher(request.path());
        if (scan.matches() && request.method().equals("GET")) {
            return seeOther(HOME)
                    .withHeader("Referrer-Policy", "no-referrer")
                    .withHeader(
                            "Set-Cookie",
                            scanCookie(scan.group(1) + "." + scan.group(2), SCAN_KEPT));
        }
        Optional<Caller> caller = Optional.empty();
        try {
            caller = LoginRoutes.caller(network.logins(), request);
            return caller.isPresent() ? answer(caller.get(), request) : seeOther(LOGIN);
        } catch (RuntimeException e) {
            return failed(caller, Refusal.of(e));
        }
    }

    private Response answer(Caller caller, Request request) {
        return switch (routes.find(request)) {
            case Routes.Match.Found<Caller>(var route, var path) ->
                    route.answer(caller, request, path);
            case Routes.Match.WrongMethod<Caller>(String allowed) ->
                    failed(
                                    Optional.of(caller),
                                    new Refusal(
                                            405,
                                            "method",
                                            "This page cannot be used so",
                                            "go back and use what is on it"))
                            .withHeader("Allow", allowed);
            case Routes.Match.Missing<Caller>() -> throw new NotFound("there is no such page");
        };
    }

    private static Response.Full page(int status, Html html) {
        return Response.of(status, "text/html; charset=utf-8", html.text())
                .withHeader("Content-Security-Policy", POLICY)
                .withHeader("X-Content-Type-Options", "nosniff")
                .withHeader("Referrer-Policy", "same-origin")
                .withHeader("Cache-Control", "no-store");
    }

    /** To another page, after something was done: to load it again does not do it again. */
    private static Response.Full seeOther(String path) {
        return Response.of(303)
                .withHeader("Location", path)
                .withHeader("Cache-Control", "no-store");
    }

    private static Response.Full failed(Optional<Caller> caller, Refusal refusal) {
        return page(refusal.status(), ConsolePages.refused(caller, refusal));
    }

    /** Why somebody who came by the provider is not signed in. */
    static Response notSignedIn(Refusal refusal) {
        return page(refusal.status(), ConsolePages.notSignedIn(refusal));
    }

    // Signing in

    private Response signIn(Request request) {
        if (!request.method().equals("POST")) {
            return page(200, ConsolePages.login(login.hasProvider(), Notice.NONE));
        }
        try {
            Map<String, String> form = form(request);
            Optional<String> cookie =
                    login.cookie(
                            request,
                            new AccountId(required(form, "user")),
                            required(form, "password"));
            if (cookie.isPresent()) {
                return seeOther(HOME).withHeader("Set-Cookie", cookie.get());
            }
            return page(
                    401, ConsolePages.login(login.hasProvider(), Notice.of(LoginRoutes.NOT_RIGHT)));
        } catch (RuntimeException e) {
            Refusal refusal = Refusal.of(e);
            return page(
                    refusal.status(),
                    ConsolePages.login(login.hasProvider(), Notice.of(refusal.detail())));
        }
    }

    private Response logOut(Request request) {
        return seeOther(LOGIN).withHeader("Set-Cookie", login.endedCookie(request));
    }

    // Gateways

    private Response home(Caller caller, Request request) {
        return page(200, home(caller, request.query("after"), scanned(request), Notice.NONE));
    }

    /**
     * What was read off a label. It waits in a cookie for whoever is to sign in first, and is in no
     * address, which others see: in the browser's history, in logs, where a link leads.
     */
    private static Map<String, String> scanned(Request request) {
        return LoginRoutes.cookie(request, SCAN_COOKIE)
                .map(value -> SCAN.matcher(SCANNED + value.replace('.', '/')))
                .filter(Matcher::matches)
                .map(scan -> Map.of("eui", scan.group(1), "code", scan.group(2)))
                .orElse(Map.of());
    }

    private static String scanCookie(String value, Duration kept) {
        return SCAN_COOKIE
                + "="
                + value
                + "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age="
                + kept.toSeconds();
    }

    private Html home(
            Caller caller, Optional<String> after, Map<String, String> typed, Notice notice) {
        List<NetworkGateway> page =
                gateways.list(caller, Optional.empty(), after.map(GatewayId::new), GATEWAYS_A_PAGE);
        List<ConsolePages.Row> rows =
                page.stream()
                        .map(gateway -> new ConsolePages.Row(gateway, stats.find(caller, gateway)))
                        .toList();
        return ConsolePages.home(caller, rows, page.size() == GATEWAYS_A_PAGE, typed, notice);
    }

    private Response claim(Caller caller, Request request) {
        Map<String, String> form = form(request);
        try {
            NetworkGateway gateway =
                    claiming.claim(
                            caller,
                            new ClaimRequest(
                                    Eui64.parse(required(form, "eui")),
                                    required(form, "code"),
                                    new AccountId(required(form, "collaborator")),
                                    text(form, "id").map(NetworkGatewayJson.GATEWAY_ID),
                                    Optional.empty(),
                                    Optional.empty(),
                                    List.of(required(form, "plan"))));
            Response.Full then = seeOther(path(gateway.id()));
            return scanned(request).isEmpty()
                    ? then
                    : then.withHeader("Set-Cookie", scanCookie("", Duration.ZERO));
        } catch (RuntimeException e) {
            Refusal refusal = Refusal.of(e);
            Map<String, String> typed = new HashMap<>(form);
            typed.remove("code");
            return page(
                    refusal.status(), home(caller, Optional.empty(), typed, Notice.of(refusal)));
        }
    }

    private Response gateway(Caller caller, GatewayId id) {
        return page(200, gateway(caller, id, Notice.NONE));
    }

    private Html gateway(Caller caller, GatewayId id, Notice notice) {
        NetworkGateway gateway = gateways.get(caller, id);
        return ConsolePages.gateway(caller, gateway, stats.find(caller, gateway), notice);
    }

    private Response authorize(Caller caller, Request request, Routes.Variables path) {
        GatewayId id = id(path);
        Map<String, String> form = form(request);
        return change(
                caller,
                id,
                path(id),
                () ->
                        database.write(
                                gateways.authorize(
                                        caller, id, required(form, "code"), day(form, "until"))));
    }

    private Response unauthorize(Caller caller, Request request, Routes.Variables path) {
        GatewayId id = id(path);
        return change(caller, id, path(id), () -> database.write(gateways.unauthorize(caller, id)));
    }

    private Response unclaim(Caller caller, Request request, Routes.Variables path) {
        GatewayId id = id(path);
        return change(caller, id, HOME, () -> claiming.unclaim(caller, id));
    }

    /** Goes on to another page, or shows the gateway and why it was not done. */
    private Response change(Caller caller, GatewayId id, String then, Runnable change) {
        try {
            change.run();
            return seeOther(then);
        } catch (RuntimeException e) {
            Refusal refusal = Refusal.of(e);
            return page(refusal.status(), gateway(caller, id, Notice.of(refusal)));
        }
    }

    private static GatewayId id(Routes.Variables path) {
        return new GatewayId(path.get("id"));
    }

    static String path(GatewayId id) {
        return GATEWAYS + "/" + id;
    }

    // Forms

    /** The fields of a form; of several with one name the last. */
    private static Map<String, String> form(Request request) {
        Map<String, String> fields = new HashMap<>();
        for (String pair : new String(request.body(), UTF_8).split("&", -1)) {
            String[] parts = pair.split("=", 2);
            fields.put(
                    URLDecoder.decode(parts[0], UTF_8),
                    parts.length == 2 ? URLDecoder.decode(parts[1], UTF_8) : "");
        }
        return fields;
    }

    private static Optional<String> text(Map<String, String> form, String name) {
        return Optional.ofNullable(form.get(name)).map(String::strip).filter(t -> !t.isEmpty());
    }

    private static String required(Map<String, String> form, String name) {
        return text(form, name).orElseThrow(() -> new BadRequest(name + " is missing: fill it in"));
    }

    private static Instant day(Map<String, String> form, String name) {
        String text = required(form, name);
        try {
            return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeException e) {
            throw new BadRequest(name + " is no day: write it like 2027-01-31");
        }
    }
}
