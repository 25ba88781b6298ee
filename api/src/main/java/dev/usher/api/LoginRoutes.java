package dev.usher.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.Logins;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.Principal;
import dev.usher.accounts.User;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.keys.SealException;
import dev.usher.keys.Sealer;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.net.URI;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How people sign in with a browser: with a password, or by an OpenID Connect provider. From then
 * on a cookie says who they are.
 */
final class LoginRoutes {

    private static final Logger LOG = LoggerFactory.getLogger(LoginRoutes.class);

    static final String PATH = "/api/v1/login";
    static final String OIDC = PATH + "/oidc";

    static final String NOT_RIGHT =
            "there is no such user, or this is not their password; after 10 wrong ones none is"
                    + " right for the rest of the hour";

    /** For this host alone, over TLS alone (RFC 6265bis section 4.1.3.2). */
    static final String SESSION = "__Host-usher-session";

    private static final String PENDING = "__Secure-usher-login";
    private static final String CONTEXT = "login/oidc";
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Principal HOUSE = new Principal.Administrator("login");

    private final Database database;
    private final Logins logins;
    private final Accounts accounts;
    private final Optional<OidcProvider> provider;
    private final Sealer sealer;
    private final InstantSource clock;

    LoginRoutes(RestApi.Services services, NetworkServices network) {
        this.database = services.database();
        this.logins = network.logins();
        this.accounts = network.accounts();
        this.provider = network.provider();
        this.sealer = services.vault().sealer();
        this.clock = requireNonNull(services.clock(), "clock");
    }

    static boolean isFor(Request request) {
        return request.path().equals(PATH) || request.path().startsWith(PATH + "/");
    }

    /** Whose browser it is, if it has a session. */
    static Optional<Caller> caller(Logins logins, Request request) {
        Optional<Caller> caller = cookie(request, SESSION).flatMap(logins::authenticate);
        boolean isSafe = request.method().equals("GET") || request.method().equals("HEAD");
        if (caller.isPresent()
                && !isSafe
                && !request.header("Sec-Fetch-Site").equals(Optional.of("same-origin"))) {
            throw new Forbidden(
                    "a page of another site may not do this in your name: use an API key where"
                            + " there is no browser");
        }
        return caller;
    }

    Response answer(Request request) {
        return switch (request.method() + " " + request.path()) {
            case "GET " + PATH -> whoIs(request);
            case "POST " + PATH -> withPassword(request);
            case "DELETE " + PATH -> end(request);
            case "GET " + OIDC -> page(this::toProvider);
            case "GET " + OidcProvider.CALLBACK -> page(() -> fromProvider(request));
            default ->
                    Answers.problem(
                            404,
                            "not-found",
                            "There is no such thing",
                            new IllegalStateException("nobody signs in there"));
        };
    }

    private Response whoIs(Request request) {
        Optional<Caller> caller = cookie(request, SESSION).flatMap(logins::authenticate);
        return Answers.json(
                200,
                node -> {
                    node.put("signedIn", caller.isPresent()).put("oidc", provider.isPresent());
                    caller.ifPresent(
                            who -> {
                                node.put("name", who.name());
                                node.put("administrator", who instanceof Principal.Administrator);
                            });
                });
    }

    private Response withPassword(Request request) {
        refuseOtherSites(request);
        Fields fields = Fields.ofBody(request.body(), Set.of("user", "password"));
        AccountId id = fields.parsed("user", fields.requiredText("user"), AccountId::new);
        Optional<User> user = logins.withPassword(id, fields.requiredText("password"));
        return user.map(this::begin)
                .orElseGet(
                        () ->
                                Answers.problem(
                                        401,
                                        "unauthorized",
                                        "This is not right",
                                        new IllegalStateException(NOT_RIGHT)));
    }

    /** Nobody is signed in as somebody else by a page they look at. */
    private static void refuseOtherSites(Request request) {
        if (request.header("Sec-Fetch-Site")
                .filter(site -> !site.equals("same-origin"))
                .isPresent()) {
            throw new Forbidden("a page of another site may not sign you in");
        }
    }

    /** The cookie of a new session, if this is the user's password. */
    Optional<String> cookie(Request request, AccountId user, String password) {
        refuseOtherSites(request);
        return logins.withPassword(user, password)
                .map(logins::begin)
                .map(database::write)
                .map(this::sessionCookie);
    }

    boolean hasProvider() {
        return provider.isPresent();
    }

    private Response begin(User user) {
        Logins.Session session = database.write(logins.begin(user));
        return Answers.json(
                        200,
                        node ->
                                node.put("user", user.id().value())
                                        .put("expiresAt", session.expiresAt().toString()))
                .withHeader("Set-Cookie", sessionCookie(session));
    }

    private String sessionCookie(Logins.Session session) {
        long seconds = Duration.between(clock.instant(), session.expiresAt()).toSeconds();
        return SESSION
                + "="
                + session.secret()
                + "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age="
                + seconds;
    }

    private Response end(Request request) {
        return Response.of(204).withHeader("Set-Cookie", endedCookie(request));
    }

    /** The cookie that takes the place of that of a session, which ends. */
    String endedCookie(Request request) {
        cookie(request, SESSION).ifPresent(secret -> database.write(logins.end(secret)));
        return SESSION + "=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";
    }

    // By a provider

    /** Only browsers come there, so what goes wrong is a page for people. */
    private static Response page(Supplier<Response> answer) {
        try {
            return answer.get();
        } catch (RuntimeException e) {
            return Console.notSignedIn(Refusal.of(e));
        }
    }

    /** A login on its way: what must come back, and until when. */
    private record Pending(String state, String nonce, String verifier, Instant until) {

        String text() {
            return String.join(" ", state, nonce, verifier, until.toString());
        }

        static Pending parse(String text) {
            String[] words = text.split(" ", 4);
            return new Pending(words[0], words[1], words[2], Instant.parse(words[3]));
        }

        @Override
        public String toString() {
            return "Pending[" + until + "]";
        }
    }

    private Response toProvider() {
        OidcProvider there = requireProvider();
        Pending pending = new Pending(random(), random(), random(), clock.instant().plus(PATIENCE));
        try {
            URI uri = there.authorization(pending.state(), pending.nonce(), pending.verifier());
            String sealed =
                    Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(sealer.seal(CONTEXT, pending.text().getBytes(UTF_8)));
            return Response.of(303)
                    .withHeader("Location", uri.toString())
                    .withHeader("Cache-Control", "no-store")
                    .withHeader("Set-Cookie", pendingCookie(sealed, PATIENCE.toSeconds()));
        } catch (OidcProvider.Refused e) {
            return refused(e);
        }
    }

    private static String pendingCookie(String value, long seconds) {
        return PENDING
                + "="
                + value
                + "; Path="
                + OIDC
                + "; Secure; HttpOnly; SameSite=Lax; Max-Age="
                + seconds;
    }

    private static String random() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private Response fromProvider(Request request) {
        OidcProvider there = requireProvider();
        Pending pending =
                cookie(request, PENDING)
                        .flatMap(this::open)
                        .filter(login -> clock.instant().isBefore(login.until()))
                        .filter(login -> isSame(login.state(), request.query("state")))
                        .orElseThrow(
                                () ->
                                        new Forbidden(
                                                "this login was not begun in this browser, or too"
                                                        + " long ago: begin again"));
        if (request.query("iss").filter(issuer -> !issuer.equals(there.issuer())).isPresent()) {
            throw new Forbidden("another provider than that of this network sent you: begin again");
        }
        String code =
                request.query("code")
                        .orElseThrow(
                                () ->
                                        new Forbidden(
                                                "the provider did not let you in: begin again"));
        try {
            OidcProvider.Identity identity =
                    there.identity(code, pending.nonce(), pending.verifier());
            Logins.Session session = database.write(logins.begin(user(there, identity)));
            return Response.of(303)
                    .withHeader("Location", "/")
                    .withHeader("Cache-Control", "no-store")
                    .withHeader("Set-Cookie", sessionCookie(session))
                    .withHeader("Set-Cookie", pendingCookie("", 0));
        } catch (OidcProvider.Refused e) {
            return refused(e);
        }
    }

    private static boolean isSame(String expected, Optional<String> given) {
        return given.isPresent()
                && MessageDigest.isEqual(expected.getBytes(UTF_8), given.get().getBytes(UTF_8));
    }

    private Optional<Pending> open(String sealed) {
        try {
            return Optional.of(
                    Pending.parse(
                            new String(
                                    sealer.open(CONTEXT, Base64.getUrlDecoder().decode(sealed)),
                                    UTF_8)));
        } catch (SealException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Whom the provider means. Somebody is never taken for a user who is there already because of a
     * name or an address: these change hands.
     */
    private User user(OidcProvider there, OidcProvider.Identity identity)
            throws OidcProvider.Refused {
        Optional<User> known = logins.withSubject(identity.issuer(), identity.subject());
        if (known.isPresent()) {
            return known.get();
        }
        if (!there.createsUsers()) {
            throw new Forbidden(
                    "nobody here is known as who you are there: ask an administrator for an"
                            + " account");
        }
        OidcProvider.Profile profile = there.profile(identity);
        AccountId id = newId(profile);
        Change<User> creation =
                accounts.createUser(
                        HOUSE,
                        id,
                        profile.name().filter(name -> name.length() <= 50).orElseGet(id::value),
                        profile.email(),
                        false);
        Change<Logins.Identity> link =
                logins.link(HOUSE, id, new Logins.Identity(identity.issuer(), identity.subject()));
        try {
            return database.write(
                    handle -> {
                        User user = creation.apply(handle);
                        link.apply(handle);
                        return user;
                    });
        } catch (Conflict e) {
            throw new Forbidden(
                    "somebody else is called "
                            + id
                            + " here: ask an administrator to link you to a user");
        }
    }

    private static AccountId newId(OidcProvider.Profile profile) {
        return Stream.of(profile.userName(), profile.email())
                .flatMap(Optional::stream)
                .map(text -> text.split("@", 2)[0].toLowerCase(Locale.ROOT))
                .map(text -> text.replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", ""))
                .filter(text -> text.length() >= 3 && text.length() <= 36)
                .findFirst()
                .map(AccountId::new)
                .orElseThrow(
                        () ->
                                new Forbidden(
                                        "the provider names you in no way that could be a user ID"
                                                + " here: ask an administrator for an account"));
    }

    private OidcProvider requireProvider() {
        return provider.orElseThrow(
                () -> new NotFound("no OpenID Connect provider is configured: use a password"));
    }

    private static Response refused(OidcProvider.Refused e) {
        LOG.warn("nobody can sign in by the OpenID Connect provider: {}", e.getMessage(), e);
        return Console.notSignedIn(
                new Refusal(
                        502,
                        "provider",
                        "The provider cannot be used now",
                        "the OpenID Connect provider cannot be used: " + e.getMessage()));
    }

    static Optional<String> cookie(Request request, String name) {
        List<String> pairs =
                request.header("Cookie")
                        .map(header -> List.of(header.split(";", -1)))
                        .orElse(List.of());
        return pairs.stream()
                .map(String::strip)
                .filter(pair -> pair.startsWith(name + "="))
                .map(pair -> pair.substring(name.length() + 1))
                .findFirst();
    }
}
