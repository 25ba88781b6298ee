package dev.usher.network.claiming;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.OwnerId;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import dev.usher.station.AuthorizationHeader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Gateway Join Server asked by its Owner API, {@code POST /api/v1/gateway/…}: another Usher, or
 * any that speaks it. What it says in its errors goes no further than the log where it could tell
 * whose a gateway is.
 */
public final class OwnerApiUpstream implements ClaimingUpstream {

    private static final Logger LOG = LoggerFactory.getLogger(OwnerApiUpstream.class);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int LARGEST_ANSWER = 1 << 20;

    private final HttpClient client;
    private final URI base;
    private final OwnerId owner;
    private final Optional<String> bearer;
    private final Word word;

    /** How the server spells gateway; older ones say router. */
    public enum Word {
        GATEWAY,
        ROUTER;

        @Override
        public String toString() {
            return this == GATEWAY ? "gateway" : "router";
        }
    }

    /**
     * @param client has the client certificate, if that is how the owner authenticates; must follow
     *     no redirections
     * @param base {@code https://HOST:PORT}
     * @param owner as whom to claim
     * @param bearer the owner's API key, if that is how it authenticates
     */
    public OwnerApiUpstream(
            HttpClient client, URI base, OwnerId owner, Optional<String> bearer, Word word) {
        this.client = requireNonNull(client, "client");
        this.base = requireNonNull(base, "base");
        this.owner = requireNonNull(owner, "owner");
        this.bearer = requireNonNull(bearer, "bearer");
        this.word = requireNonNull(word, "word");
        if (client.followRedirects() != HttpClient.Redirect.NEVER) {
            throw new IllegalArgumentException(
                    "the client of " + base + " follows redirections, with the owner's key");
        }
    }

    @Override
    public boolean claim(Eui64 gateway, String code) throws UpstreamFailure {
        Optional<String> error = call("claim", gateway, Map.of("claim", code));
        // Whatever it says may tell whose the gateway is: that is for the operator alone.
        error.ifPresent(text -> LOG.info("{} refuses the claim of {}: {}", base, gateway, text));
        return error.isEmpty();
    }

    @Override
    public void setup(Eui64 gateway, UpstreamSetup setup) throws UpstreamFailure {
        String kind = setup.uri().scheme().isCups() ? "cups" : "lns";
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put(kind + "Uri", setup.uri().toString());
        setup.trust().ifPresent(der -> fields.put(kind + "Trust", base64(der)));
        setup.key()
                .map(AuthorizationHeader::bytes)
                .ifPresent(line -> fields.put(kind + "Key", base64(line)));
        Optional<String> error = call("setup", gateway, fields);
        if (error.isPresent()) {
            throw new UpstreamFailure(base + " refuses the setup: " + error.get());
        }
    }

    @Override
    public boolean isClaimed(Eui64 gateway) throws UpstreamFailure {
        return call("info", gateway, Map.of()).isEmpty();
    }

    @Override
    public void release(Eui64 gateway) throws UpstreamFailure {
        Optional<String> error = call("delete", gateway, Map.of());
        if (error.isPresent() && isClaimed(gateway)) {
            throw new UpstreamFailure(base + " does not take it back: " + error.get());
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /**
     * Makes one call about one gateway.
     *
     * @return the error in the answer, fit for a message
     */
    private Optional<String> call(String verb, Eui64 gateway, Map<String, String> fields)
            throws UpstreamFailure {
        ObjectNode body = JSON.createObjectNode();
        body.put("ownerid", owner.toString()).put(word.toString(), gateway.id6());
        fields.forEach(body::put);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(base.resolve("/api/v1/" + word + "/" + verb))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
        bearer.ifPresent(key -> request.header("Authorization", "Bearer " + key));
        HttpResponse<byte[]> response = send(request.build());
        return switch (response.statusCode()) {
            case 200 -> error(response.body());
            case 401, 403 ->
                    throw new UpstreamFailure(
                            base
                                    + " does not accept this network's own credentials ("
                                    + response.statusCode()
                                    + "): the operator must look at them");
            default ->
                    throw new UpstreamFailure(
                            base + " answered with status " + response.statusCode());
        };
    }

    private HttpResponse<byte[]> send(HttpRequest request) throws UpstreamFailure {
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(
                        request,
                        HttpResponse.BodyHandlers.limiting(
                                HttpResponse.BodyHandlers.ofByteArray(), LARGEST_ANSWER));
        try {
            return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new UpstreamFailure(
                    base + " did not answer within " + PATIENCE.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new UpstreamFailure(base + " cannot be reached", e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new UpstreamFailure("interrupted while waiting for " + base, e);
        }
    }

    /** The error of the one gateway asked about, or of the whole request. */
    private Optional<String> error(byte[] body) throws UpstreamFailure {
        JsonNode answer;
        try {
            answer = JSON.readTree(body);
        } catch (JacksonException e) {
            throw new UpstreamFailure(base + " answered something that is not JSON", e);
        }
        JsonNode result = answer.isArray() ? answer.path(0) : answer;
        if (!result.isObject()) {
            throw new UpstreamFailure(base + " answered without a result for the gateway");
        }
        JsonNode error = result.path("error");
        return error.isMissingNode() || error.isNull() || error.asString("?").isEmpty()
                ? Optional.empty()
                : Optional.of(Printable.of(error.asString("unknown error")));
    }
}
