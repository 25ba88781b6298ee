package dev.usher.api;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.usher.lorawan.Printable;
import dev.usher.lorawan.Sha256;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * An OpenID Connect provider, which says who a user is: authorization code flow with PKCE (OpenID
 * Connect Core 1.0 section 3.1, RFC 7636).
 */
public final class OidcProvider {

    /** Where users come back to, at the web port. */
    public static final String CALLBACK = "/api/v1/login/oidc/callback";

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration KNOWN = Duration.ofHours(1);
    private static final Duration SKEW = Duration.ofMinutes(1);
    private static final int LARGEST_ANSWER = 1 << 20;

    /** Those with a public key: a provider that signs with the client's secret is not believed. */
    private static final Set<JWSAlgorithm> ALGORITHMS =
            Set.of(
                    JWSAlgorithm.RS256,
                    JWSAlgorithm.RS384,
                    JWSAlgorithm.RS512,
                    JWSAlgorithm.PS256,
                    JWSAlgorithm.ES256,
                    JWSAlgorithm.ES384,
                    JWSAlgorithm.ES512);

    private final Settings settings;
    private final HttpClient client;
    private final InstantSource clock;
    private volatile @Nullable Known known;

    /**
     * How the provider knows this server.
     *
     * @param issuer as it calls itself, without a slash at the end unless it has one
     * @param redirect where it sends users back to
     * @param createsUsers whether somebody whom nobody has linked to a user becomes a new one
     */
    public record Settings(
            URI issuer,
            String clientId,
            Optional<String> clientSecret,
            URI redirect,
            boolean createsUsers) {

        public Settings {
            requireNonNull(issuer, "issuer");
            requireNonNull(clientId, "clientId");
            requireNonNull(clientSecret, "clientSecret");
            requireNonNull(redirect, "redirect");
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "Settings[" + issuer + ", " + clientId + "]";
        }
    }

    /** What the provider says of itself, and its keys. */
    private record Known(
            URI authorization,
            URI token,
            Optional<URI> userInfo,
            boolean takesSecretInForm,
            JWKSet keys,
            Instant at) {}

    /**
     * Who somebody is.
     *
     * @param subject what the provider knows them by, always the same
     * @param profile what the token itself says of them
     * @param accessToken with which the provider says more, if it gave one
     */
    record Identity(String issuer, String subject, Profile profile, Optional<String> accessToken) {

        /** Without the access token. */
        @Override
        public String toString() {
            return "Identity[" + issuer + ", " + subject + "]";
        }
    }

    /**
     * What a provider says of somebody.
     *
     * @param name what they are called, if it says so
     * @param userName what they call themselves, if it says so
     */
    record Profile(Optional<String> name, Optional<String> userName, Optional<String> email) {

        static Profile of(Function<String, @Nullable Object> claim) {
            return new Profile(
                    text(claim.apply("name")),
                    text(claim.apply("preferred_username")),
                    text(claim.apply("email")));
        }

        Profile or(Profile other) {
            return new Profile(
                    name.or(other::name), userName.or(other::userName), email.or(other::email));
        }

        private static Optional<String> text(@Nullable Object claim) {
            return claim instanceof String text && !text.isBlank()
                    ? Optional.of(text)
                    : Optional.empty();
        }
    }

    /** The provider does not say who it is. */
    static final class Refused extends Exception {

        private static final long serialVersionUID = 1;

        Refused(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    public OidcProvider(Settings settings, HttpClient client, InstantSource clock) {
        this.settings = requireNonNull(settings, "settings");
        this.client = requireNonNull(client, "client");
        this.clock = requireNonNull(clock, "clock");
    }

    boolean createsUsers() {
        return settings.createsUsers();
    }

    /** The provider, as it calls itself. */
    String issuer() {
        return settings.issuer().toString();
    }

    /**
     * Where to send a user.
     *
     * @param state comes back with the user
     * @param nonce comes back in the token
     * @param verifier proves at {@link #identity} that it was this server that sent them
     */
    URI authorization(String state, String nonce, String verifier) throws Refused {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("response_type", "code");
        query.put("client_id", settings.clientId());
        query.put("redirect_uri", settings.redirect().toString());
        query.put("scope", "openid profile email");
        query.put("state", state);
        query.put("nonce", nonce);
        query.put("code_challenge", challenge(verifier));
        query.put("code_challenge_method", "S256");
        URI at = known().authorization();
        return URI.create(at + (at.getRawQuery() == null ? "?" : "&") + form(query));
    }

    private static String challenge(String verifier) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Sha256.of(verifier.getBytes(US_ASCII)));
    }

    private static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
    }

    /** Who came back with a code. */
    Identity identity(String code, String nonce, String verifier) throws Refused {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("grant_type", "authorization_code");
        fields.put("code", code);
        fields.put("redirect_uri", settings.redirect().toString());
        fields.put("code_verifier", verifier);
        fields.put("client_id", settings.clientId());
        Known there = known();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(there.token())
                        .header("Content-Type", "application/x-www-form-urlencoded");
        settings.clientSecret()
                .ifPresent(
                        secret -> {
                            if (there.takesSecretInForm()) {
                                fields.put("client_secret", secret);
                            } else {
                                request.header("Authorization", basic(secret));
                            }
                        });
        JsonNode answer = ask(request.POST(HttpRequest.BodyPublishers.ofString(form(fields))));
        JWTClaimsSet claims = claims(answer.path("id_token").asString(""));
        if (!nonce.equals(claims.getClaim("nonce"))) {
            throw new Refused("its token is the answer to another login", null);
        }
        return new Identity(
                issuer(),
                claims.getSubject(),
                Profile.of(claims::getClaim),
                Optional.of(answer.path("access_token").asString(""))
                        .filter(token -> !token.isEmpty()));
    }

    /** Each half is encoded as in a form first (RFC 6749 section 2.3.1). */
    private String basic(String secret) {
        String both =
                URLEncoder.encode(settings.clientId(), UTF_8)
                        + ":"
                        + URLEncoder.encode(secret, UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(both.getBytes(US_ASCII));
    }

    /**
     * What there is to be known of somebody. Where there is an access token, providers need not say
     * it in the ID token, and are asked for it (OpenID Connect Core 1.0 sections 5.3 and 5.4).
     */
    Profile profile(Identity identity) throws Refused {
        Optional<URI> userInfo = known().userInfo();
        boolean saysAll = identity.profile().userName().isPresent();
        if (saysAll || userInfo.isEmpty() || identity.accessToken().isEmpty()) {
            return identity.profile();
        }
        JsonNode answer =
                ask(
                        HttpRequest.newBuilder(userInfo.get())
                                .header("Authorization", "Bearer " + identity.accessToken().get()));
        if (!answer.path("sub").asString("").equals(identity.subject())) {
            throw new Refused("what it knows of a user is of another", null);
        }
        return Profile.of(name -> answer.path(name).asString("")).or(identity.profile());
    }

    private JWTClaimsSet claims(String token) throws Refused {
        try {
            return claims(token, known().keys());
        } catch (Refused e) {
            // It may sign with a new key.
            return claims(token, learn().keys());
        }
    }

    private JWTClaimsSet claims(String token, JWKSet keys) throws Refused {
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(
                new JWSVerificationKeySelector<>(ALGORITHMS, new ImmutableJWKSet<>(keys)));
        processor.setJWTClaimsSetVerifier((_, _) -> {}); // below, by this server's clock
        try {
            JWTClaimsSet claims = processor.process(token, null);
            requireGood(claims);
            return claims;
        } catch (ParseException | BadJOSEException | JOSEException e) {
            throw new Refused("its token is not signed with one of its keys", e);
        }
    }

    private void requireGood(JWTClaimsSet claims) throws Refused {
        Instant now = clock.instant();
        Date end = claims.getExpirationTime();
        Object party = claims.getClaim("azp");
        if (!issuer().equals(claims.getIssuer())) {
            throw new Refused("its token is another provider's", null);
        }
        if (!claims.getAudience().contains(settings.clientId())
                || (party != null && !party.equals(settings.clientId()))) {
            throw new Refused("its token is for another client", null);
        }
        if (end == null || now.isAfter(end.toInstant().plus(SKEW))) {
            throw new Refused("its token has ended", null);
        }
        Date begin = claims.getIssueTime();
        if (begin == null || now.isBefore(begin.toInstant().minus(SKEW))) {
            throw new Refused("its token is from the future: compare the clocks", null);
        }
        String subject = claims.getSubject();
        if (subject == null || subject.isEmpty() || subject.length() > 255) {
            throw new Refused("its token names nobody", null);
        }
    }

    private Known known() throws Refused {
        Known now = known;
        return now != null && clock.instant().isBefore(now.at().plus(KNOWN)) ? now : learn();
    }

    private synchronized Known learn() throws Refused {
        String issuer = issuer();
        JsonNode metadata =
                ask(
                        HttpRequest.newBuilder(
                                URI.create(
                                        issuer
                                                + (issuer.endsWith("/") ? "" : "/")
                                                + ".well-known/openid-configuration")));
        if (!metadata.path("issuer").asString("").equals(issuer)) {
            throw new Refused(
                    "it calls itself "
                            + Printable.of(metadata.path("issuer").asString("nothing"))
                            + ": configure that",
                    null);
        }
        try {
            JWKSet keys =
                    JWKSet.parse(ask(HttpRequest.newBuilder(uri(metadata, "jwks_uri"))).toString());
            Known now =
                    new Known(
                            uri(metadata, "authorization_endpoint"),
                            uri(metadata, "token_endpoint"),
                            metadata.has("userinfo_endpoint")
                                    ? Optional.of(uri(metadata, "userinfo_endpoint"))
                                    : Optional.empty(),
                            takesSecretInForm(metadata),
                            keys,
                            clock.instant());
            known = now;
            return now;
        } catch (ParseException e) {
            throw new Refused("its keys cannot be read", e);
        }
    }

    /** If it does not say how it takes the secret, it takes it as a password. */
    private static boolean takesSecretInForm(JsonNode metadata) {
        return metadata.path("token_endpoint_auth_methods_supported").values().stream()
                .anyMatch(method -> method.asString("").equals("client_secret_post"));
    }

    /** Reached as the issuer is: a secret that goes there must not go in clear. */
    private URI uri(JsonNode metadata, String name) throws Refused {
        try {
            URI uri = URI.create(metadata.path(name).asString(""));
            if (settings.issuer().getScheme().equals(uri.getScheme()) && uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new Refused("its " + name + " cannot be used", null);
    }

    private JsonNode ask(HttpRequest.Builder request) throws Refused {
        try {
            HttpResponse<byte[]> answer =
                    client.send(
                            request.timeout(PATIENCE).header("Accept", "application/json").build(),
                            HttpResponse.BodyHandlers.limiting(
                                    HttpResponse.BodyHandlers.ofByteArray(), LARGEST_ANSWER));
            if (answer.statusCode() != 200) {
                throw new Refused("it answers with status " + answer.statusCode(), null);
            }
            return Fields.JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new Refused("it cannot be reached", e);
        } catch (JacksonException e) {
            throw new Refused("what it answers is not JSON", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refused("it was not waited for", e);
        }
    }
}
