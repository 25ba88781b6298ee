package dev.usher.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Signing in with a browser, by password and by a small provider. */
class LoginRoutesTest {

    private static final String LOGIN = "/api/v1/login";
    private static final String PASSWORD = "correct horse battery staple";
    private static final String SUBJECT = "4711";

    private @TempDir Path directory;
    private Provider provider;
    private NetworkHouse house;

    @BeforeEach
    void open() throws Exception {
        provider = new Provider();
        house = new NetworkHouse(directory, Optional.of(provider.settings(true)));
        provider.now = house.house.now::get;
    }

    @AfterEach
    void close() {
        house.close();
        provider.server.stop(0);
    }

    private Response.Full ask(String method, String target, String cookie, String body) {
        Request request = Request.of(method, target).withHeader("Cookie", cookie).withBody(body);
        return (Response.Full) house.rest.handle(request);
    }

    private static String header(Response.Full response, String name) {
        return response.headers().stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(Response.Header::value)
                .findFirst()
                .orElse("");
    }

    /** What a browser sends back of a Set-Cookie. */
    private static String cookie(Response.Full response) {
        String set = header(response, "Set-Cookie");
        assertThat(set).contains("; Secure; HttpOnly; SameSite=Lax");
        return set.substring(0, set.indexOf(';'));
    }

    private static String text(Response.Full response) {
        return new String(response.body(), UTF_8);
    }

    @Test
    void aPasswordBeginsASession() throws Exception {
        house.asAdmin("PUT", "/api/v1/users/ann/password", "{'password':'" + PASSWORD + "'}");
        Response.Full answer =
                ask("POST", LOGIN, "", "{\"user\":\"ann\",\"password\":\"" + PASSWORD + "\"}");
        assertThat(answer.status()).isEqualTo(200);
        String session = cookie(answer);

        assertThat(text(ask("GET", LOGIN, session, ""))).contains("user ann session");
        assertThat(ask("GET", "/api/v1/users/ann", session, "").status()).isEqualTo(200);
        assertThat(ask("GET", "/api/v1/users/bob", session, "").status()).isEqualTo(404);
        assertThat(ask("DELETE", LOGIN, session, "").status()).isEqualTo(204);
        assertThat(ask("GET", "/api/v1/users/ann", session, "").status()).isEqualTo(401);
    }

    @Test
    void aWrongPasswordDoesNot() {
        Response.Full answer =
                ask("POST", LOGIN, "", "{\"user\":\"ann\",\"password\":\"something wrong\"}");

        assertThat(answer.status()).isEqualTo(401);
        assertThat(header(answer, "Set-Cookie")).isEmpty();
    }

    @Test
    void anotherSiteChangesNothingInTheNameOfWhoIsSignedIn() {
        String session = signedIn();
        String path = "/api/v1/organizations";
        String body = "{\"id\":\"acme\",\"member\":\"carol\"}";

        assertThat(ask("POST", path, session, body).status()).isEqualTo(403);
        Request own =
                Request.of("POST", path)
                        .withHeader("Cookie", session)
                        .withHeader("Sec-Fetch-Site", "same-origin")
                        .withBody(body);
        assertThat(((Response.Full) house.rest.handle(own)).status()).isEqualTo(201);
    }

    @Test
    void anAdministratorLinksAUserToWhomTheProviderKnows() throws Exception {
        String identities = "/api/v1/users/ann/identities";
        String subject = "{'subject':'" + SUBJECT + "'}";
        assertThat(house.asAnn("POST", identities, subject).status()).isEqualTo(403);
        assertThat(house.asAdmin("POST", identities, subject).json().get("issuer").stringValue())
                .isEqualTo(provider.settings(true).issuer().toString());

        assertThat(text(ask("GET", LOGIN, signedIn(), ""))).contains("user ann session");
        assertThat(house.asAnn("GET", identities, "").json().get("items")).hasSize(1);
        assertThat(house.asBob("GET", identities, "").status()).isEqualTo(404);

        String gone = identities + "?subject=" + SUBJECT;
        assertThat(house.asAdmin("DELETE", gone, "").status()).isEqualTo(204);
        assertThat(house.asAdmin("DELETE", gone, "").status()).isEqualTo(404);
        assertThat(text(ask("GET", LOGIN, signedIn(), ""))).contains("user carol session");
    }

    private String signedIn() {
        Response.Full back = back(begin());
        assertThat(back.status()).as(text(back)).isEqualTo(303);
        return cookie(back);
    }

    private Response.Full begin() {
        Response.Full there = ask("GET", LOGIN + "/oidc", "", "");
        assertThat(there.status()).as(text(there)).isEqualTo(303);
        provider.visit(URI.create(header(there, "Location")));
        return there;
    }

    private Response.Full back(Response.Full begun) {
        return ask(
                "GET",
                LOGIN + "/oidc/callback?code=" + provider.code + "&state=" + provider.state,
                cookie(begun),
                "");
    }

    @Test
    void aProviderSaysWhoSomebodyIs() {
        String session = signedIn();
        assertThat(text(ask("GET", LOGIN, session, ""))).contains("user carol session");

        // The same again is the same user, whatever they are called there by now.
        provider.claims = claims -> claims.claim("preferred_username", "caroline");
        assertThat(text(ask("GET", LOGIN, signedIn(), ""))).contains("user carol session");
    }

    @Test
    void nobodyIsTakenForAUserWhoIsThere() {
        provider.claims = claims -> claims.claim("preferred_username", "ann");

        Response.Full answer = back(begin());
        assertThat(answer.status()).isEqualTo(403);
        assertThat(text(answer)).contains("somebody else is called ann here");
    }

    @Test
    void nobodyIsMadeAUserWhereThatIsNotWanted(@TempDir Path strict) {
        house.close();
        house = new NetworkHouse(strict, Optional.of(provider.settings(false)));
        provider.now = house.house.now::get;

        assertThat(back(begin()).status()).isEqualTo(403);
    }

    @Test
    void aLoginEndsWhereItBegan() {
        Response.Full begun = begin();

        assertThat(
                        ask(
                                        "GET",
                                        LOGIN
                                                + "/oidc/callback?code="
                                                + provider.code
                                                + "&state=another",
                                        cookie(begun),
                                        "")
                                .status())
                .isEqualTo(403);
        assertThat(
                        ask(
                                        "GET",
                                        LOGIN
                                                + "/oidc/callback?code="
                                                + provider.code
                                                + "&state="
                                                + provider.state,
                                        "",
                                        "")
                                .status())
                .isEqualTo(403);
        house.house.now.set(house.house.now.get().plus(Duration.ofMinutes(10)));
        assertThat(back(begun).status()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"iss", "aud", "azp", "nonce", "exp", "iat", "sub", "key", "alg"})
    void aTokenThatIsNotMeantIsNotBelieved(String wrong) throws Exception {
        Date then = Date.from(house.house.now.get().minus(Duration.ofHours(2)));
        Date later = Date.from(house.house.now.get().plus(Duration.ofHours(2)));
        switch (wrong) {
            case "iss" -> provider.claims = claims -> claims.issuer("https://evil.example.com");
            case "aud" -> provider.claims = claims -> claims.audience("another");
            case "azp" -> provider.claims = claims -> claims.claim("azp", "another");
            case "nonce" -> provider.claims = claims -> claims.claim("nonce", "another");
            case "exp" -> provider.claims = claims -> claims.expirationTime(then);
            case "iat" -> provider.claims = claims -> claims.issueTime(later);
            case "sub" -> provider.claims = claims -> claims.subject(null);
            case "key" -> provider.signing = Provider.newKey();
            default -> provider.unsigned = true;
        }

        Response.Full answer = back(begin());
        assertThat(answer.status()).as(text(answer)).isEqualTo(502);
        assertThat(header(answer, "Set-Cookie")).isEmpty();
    }

    @Test
    void aProviderNeedNotSayInTheTokenWhatSomebodyIsCalled() {
        provider.isSparse = true;
        assertThat(text(ask("GET", LOGIN, signedIn(), ""))).contains("user carol session");
    }

    @Test
    void whatIsSaidOfSomebodyElseIsNotBelieved() {
        provider.isSparse = true;
        provider.userInfoSubject = "4712";
        Response.Full answer = back(begin());
        assertThat(answer.status()).isEqualTo(502);
        assertThat(text(answer)).contains("what it knows of a user is of another");
    }

    @ParameterizedTest
    @CsvSource({"client_secret_basic, true", "client_secret_post, false", "'', true"})
    void itsSecretGoesToTheProviderAsThatWantsIt(String method, boolean isBasic) {
        provider.method = method;
        signedIn();
        assertThat(provider.authorization.startsWith("Basic ")).isEqualTo(isBasic);
    }

    @Test
    void anotherProvidersUsersAreNotLetIn() {
        Response.Full begun = begin();
        String back = LOGIN + "/oidc/callback?code=" + provider.code + "&state=" + provider.state;
        String other = back + "&iss=https%3A%2F%2Fevil.example.com";
        assertThat(ask("GET", other, cookie(begun), "").status()).isEqualTo(403);
        String own = back + "&iss=" + URLEncoder.encode(provider.issuer(), UTF_8);
        assertThat(ask("GET", own, cookie(begun), "").status()).isEqualTo(303);
    }

    @Test
    void whatGoesWrongOnTheWayByTheProviderIsAPage() {
        Response.Full begun = begin();
        String denied = LOGIN + "/oidc/callback?error=access_denied&state=" + provider.state;
        requirePage(
                ask("GET", denied, cookie(begun), ""),
                403,
                "the provider did not let you in: begin again");
        requirePage(
                ask("GET", LOGIN + "/oidc/callback?code=1", "", ""),
                403,
                "this login was not begun in this browser, or too long ago: begin again");
        provider.claims = claims -> claims.claim("preferred_username", "ann");
        requirePage(
                back(begin()),
                403,
                "somebody else is called ann here: ask an administrator to link you to a user");
        provider.claims = claims -> claims.audience("another");
        requirePage(
                back(begin()),
                502,
                "the OpenID Connect provider cannot be used: its token is for another client");
    }

    @Test
    void withoutAProviderThereIsAPageThatSaysSo(@TempDir Path without) {
        house.close();
        house = new NetworkHouse(without);
        requirePage(
                ask("GET", LOGIN + "/oidc", "", ""),
                404,
                "no OpenID Connect provider is configured: use a password");
    }

    private static void requirePage(Response.Full answer, int status, String sentence) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(header(answer, "Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(header(answer, "Content-Security-Policy")).contains("default-src 'none'");
        assertThat(header(answer, "Set-Cookie")).isEmpty();
        assertThat(text(answer))
                .contains("<p class=\"notice\" role=\"alert\">" + sentence + "</p>")
                .contains("<a href=\"/login\">Sign in</a>");
    }

    /** Signs whoever comes in as Carol. */
    private static final class Provider {

        private final HttpServer server;
        private final ECKey key = newKey();
        private Supplier<Instant> now = Instant::now;
        private ECKey signing = key;
        private boolean unsigned;
        private boolean isSparse;
        private String userInfoSubject = SUBJECT;
        private String method = "";
        private String authorization = "";
        private UnaryOperator<JWTClaimsSet.Builder> claims = UnaryOperator.identity();
        private String state = "";
        private String nonce = "";
        private String challenge = "";
        private String code = "";

        Provider() throws Exception {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
            answer("/.well-known/openid-configuration", _ -> metadata());
            answer("/keys", _ -> new JWKSet(key.toPublicJWK()).toString());
            answer("/token", this::token);
            answer("/me", _ -> userInfo());
            server.start();
        }

        private String metadata() {
            ObjectNode metadata =
                    Fields.JSON
                            .createObjectNode()
                            .put("issuer", issuer())
                            .put("authorization_endpoint", issuer() + "/authorize")
                            .put("token_endpoint", issuer() + "/token")
                            .put("userinfo_endpoint", issuer() + "/me")
                            .put("jwks_uri", issuer() + "/keys");
            if (!method.isEmpty()) {
                metadata.putArray("token_endpoint_auth_methods_supported").add(method);
            }
            return metadata.toString();
        }

        private String userInfo() {
            return authorization.equals("Bearer access")
                    ? Fields.JSON
                            .createObjectNode()
                            .put("sub", userInfoSubject)
                            .put("preferred_username", "carol")
                            .toString()
                    : "";
        }

        static ECKey newKey() throws Exception {
            return new ECKeyGenerator(Curve.P_256).keyID("1").generate();
        }

        String issuer() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        OidcProvider.Settings settings(boolean createsUsers) {
            return new OidcProvider.Settings(
                    URI.create(issuer()),
                    "usher",
                    Optional.of("client-secret"),
                    URI.create("https://usher.example.org/api/v1/login/oidc/callback"),
                    createsUsers);
        }

        private void answer(String path, UnaryOperator<String> answer) {
            server.createContext(
                    path,
                    exchange -> {
                        authorization =
                                Objects.requireNonNullElse(
                                        exchange.getRequestHeaders().getFirst("Authorization"), "");
                        byte[] body =
                                answer.apply(
                                                new String(
                                                        exchange.getRequestBody().readAllBytes(),
                                                        UTF_8))
                                        .getBytes(UTF_8);
                        exchange.sendResponseHeaders(body.length == 0 ? 400 : 200, body.length);
                        exchange.getResponseBody().write(body);
                        exchange.close();
                    });
        }

        /** A browser comes to be signed in. */
        void visit(URI uri) {
            Map<String, String> query = fields(uri.getRawQuery());
            assertThat(query)
                    .containsEntry("client_id", "usher")
                    .containsEntry("response_type", "code")
                    .containsEntry("code_challenge_method", "S256");
            state = query.getOrDefault("state", "");
            nonce = query.getOrDefault("nonce", "");
            challenge = query.getOrDefault("code_challenge", "");
            code = "code-" + state.substring(0, 8);
        }

        private static Map<String, String> fields(String form) {
            return Arrays.stream(form.split("&"))
                    .map(pair -> pair.split("=", 2))
                    .collect(
                            Collectors.toMap(
                                    pair -> pair[0], pair -> URLDecoder.decode(pair[1], UTF_8)));
        }

        private String token(String form) {
            Map<String, String> fields = fields(form);
            if (!fields.getOrDefault("code", "").equals(code)
                    || !isSecretGood(fields)
                    || !challenge.equals(hash(fields.getOrDefault("code_verifier", "")))) {
                return "";
            }
            JWTClaimsSet.Builder builder =
                    new JWTClaimsSet.Builder()
                            .issuer(issuer())
                            .audience(List.of("usher"))
                            .subject(SUBJECT)
                            .issueTime(Date.from(now.get()))
                            .expirationTime(Date.from(now.get().plus(Duration.ofMinutes(5))))
                            .claim("nonce", nonce);
            if (!isSparse) {
                builder.claim("preferred_username", "carol").claim("name", "Carol");
            }
            return Fields.JSON
                    .createObjectNode()
                    .put("access_token", "access")
                    .put("id_token", signed(claims.apply(builder).build()))
                    .toString();
        }

        private boolean isSecretGood(Map<String, String> fields) {
            String secret = "client-secret";
            return method.equals("client_secret_post")
                    ? fields.getOrDefault("client_secret", "").equals(secret)
                    : authorization.equals(
                            "Basic "
                                    + Base64.getEncoder()
                                            .encodeToString(("usher:" + secret).getBytes(UTF_8)));
        }

        private String signed(JWTClaimsSet claims) {
            if (unsigned) {
                return new PlainJWT(claims).serialize();
            }
            try {
                SignedJWT token =
                        new SignedJWT(
                                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("1").build(),
                                claims);
                token.sign(new ECDSASigner(signing));
                return token.serialize();
            } catch (JOSEException e) {
                throw new IllegalStateException(e);
            }
        }

        private static String hash(String verifier) {
            try {
                return Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(
                                MessageDigest.getInstance("SHA-256")
                                        .digest(verifier.getBytes(UTF_8)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
