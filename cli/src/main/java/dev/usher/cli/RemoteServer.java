package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.interop.ClientIdentity;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A server that speaks JSON over HTTPS, and the credentials to speak to it. Whatever goes wrong is
 * a {@link Failure} that says what to do.
 */
final class RemoteServer {

    private static final int LARGEST_PAGE = 1000;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final URI address;
    private final Optional<String> apiKey;
    private final Optional<ClientIdentity> identity;
    private final Duration timeout;
    private final Diagnosis diagnosis;
    private final HttpClient client;

    /**
     * @param trust what is trusted, in the words of a person
     * @param timeout for the connection, and again for the answer
     */
    RemoteServer(
            URI address,
            Optional<String> apiKey,
            Optional<ClientIdentity> identity,
            SSLContext tls,
            String trust,
            Duration timeout) {
        this.address = requireNonNull(address, "address");
        this.apiKey = requireNonNull(apiKey, "apiKey");
        this.identity = requireNonNull(identity, "identity");
        this.timeout = requireNonNull(timeout, "timeout");
        this.diagnosis =
                new Diagnosis(address, trust, apiKey.isPresent(), identity.isPresent(), timeout);
        this.client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .sslContext(tls)
                        .connectTimeout(timeout)
                        .build();
    }

    JsonNode get(String path) {
        return exchange(request(path).GET().build());
    }

    JsonNode post(String path, JsonNode body) {
        return exchange(json(request(path), body).build());
    }

    /** Makes a change of the REST API, or has it tried. */
    JsonNode post(String path, JsonNode body, Change change) {
        return exchange(json(request(path, change), body).build());
    }

    /** Makes a change that is made at most once for this key. */
    JsonNode post(String path, JsonNode body, String idempotencyKey) {
        return exchange(
                json(request(path), body).header("Idempotency-Key", idempotencyKey).build());
    }

    /** Puts a thing in the place of what is there. */
    JsonNode put(String path, JsonNode body, Change change) {
        return exchange(json(request(path, change), "PUT", body).build());
    }

    /**
     * Makes one change of many. Where the server refuses this one, its sentence is in the field
     * {@code error}; where it can do nothing at all, this fails.
     *
     * @param key the change is made at most once for it; without one it is only tried
     */
    ObjectNode attempt(String path, JsonNode body, Optional<String> key) {
        HttpRequest.Builder request =
                key.map(once -> request(path).header("Idempotency-Key", once))
                        .orElseGet(() -> request(path + "?dryRun=true"));
        HttpResponse<byte[]> response =
                send(json(request, body).build(), BodyHandlers.ofByteArray());
        return switch (response.statusCode()) {
            case 200, 201 ->
                    (ObjectNode) parse(new String(response.body(), StandardCharsets.UTF_8));
            case 400, 403, 404, 409, 502 ->
                    Json.object()
                            .put(
                                    "error",
                                    diagnosis
                                            .of(response.statusCode(), response.body())
                                            .getMessage());
            default -> throw diagnosis.of(response.statusCode(), response.body());
        };
    }

    /** Changes some fields of a thing, or has it tried. */
    JsonNode patch(String path, JsonNode body, Change change) {
        return exchange(json(request(path, change), "PATCH", body).build());
    }

    void delete(String path, Change change) {
        exchange(request(path, change).DELETE().build());
    }

    /**
     * Follows a list from page to page.
     *
     * @param query the list's own parameters
     * @param limit how many items at most
     */
    void list(String path, Map<String, String> query, long limit, Consumer<JsonNode> item) {
        list(path, "after", query, limit, item);
    }

    /**
     * @param place the parameter that says where a page begins
     */
    void list(
            String path,
            String place,
            Map<String, String> query,
            long limit,
            Consumer<JsonNode> item) {
        long left = limit;
        String after = query.getOrDefault(place, "");
        while (left > 0) {
            Map<String, String> parameters = new java.util.TreeMap<>(query);
            parameters.put("limit", Long.toString(Math.min(left, LARGEST_PAGE)));
            if (!after.isEmpty()) {
                parameters.put(place, after);
            }
            JsonNode page = get(path + "?" + encode(parameters));
            for (JsonNode one : page.path("items").values()) {
                item.accept(one);
                left--;
            }
            String next = Json.text(page, "next");
            if (next.isEmpty() || next.equals(after)) {
                return;
            }
            after = next;
        }
    }

    /**
     * Reads server-sent events whose data are JSON until {@code event} says that it has seen
     * enough. Where a stream ends, it goes on after the last event.
     */
    void follow(String path, Map<String, String> query, Predicate<JsonNode> event) {
        URI stream = URI.create(address + path + (query.isEmpty() ? "" : "?" + encode(query)));
        Optional<String> lastId = Optional.empty();
        boolean wantsMore = true;
        while (wantsMore) {
            // Without a time limit: there may be nothing to tell for hours.
            HttpRequest.Builder request =
                    authorized(HttpRequest.newBuilder(stream))
                            .header("Accept", "text/event-stream");
            lastId.ifPresent(id -> request.header("Last-Event-ID", id));
            HttpResponse<InputStream> response =
                    send(request.GET().build(), BodyHandlers.ofInputStream());
            try (EventStream events = new EventStream(response.body(), lastId)) {
                if (response.statusCode() != 200) {
                    throw diagnosis.of(response.statusCode(), response.body().readAllBytes());
                }
                Optional<String> data = events.next();
                if (data.isEmpty()) {
                    pause();
                }
                while (wantsMore && data.isPresent()) {
                    wantsMore = event.test(parse(data.get()));
                    data = wantsMore ? events.next() : Optional.empty();
                }
                lastId = events.lastId();
            } catch (IOException e) {
                throw diagnosis.of(e);
            }
        }
    }

    /** Before a stream that ended without an event is asked for again. */
    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted.", e);
        }
    }

    /** Sends a request whose answer is one JSON object a line, however many there are. */
    void lines(String path, JsonNode body, Consumer<JsonNode> line) {
        lines(json(request(path), body).build(), line);
    }

    /**
     * Sends a request that is one JSON object a line, and whose answer is too.
     *
     * @param idempotencyKey the same change is made at most once for it
     */
    void lines(
            String path,
            ArrayNode objects,
            Optional<String> idempotencyKey,
            Consumer<JsonNode> line) {
        StringBuilder body = new StringBuilder();
        objects.forEach(object -> body.append(object).append('\n'));
        HttpRequest.Builder request =
                request(path)
                        .header("Content-Type", "application/x-ndjson")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
        idempotencyKey.ifPresent(key -> request.header("Idempotency-Key", key));
        lines(request.build(), line);
    }

    private void lines(HttpRequest request, Consumer<JsonNode> line) {
        HttpResponse<InputStream> response = send(request, BodyHandlers.ofInputStream());
        try (InputStream stream = response.body()) {
            if (response.statusCode() != 200) {
                throw diagnosis.of(response.statusCode(), stream.readAllBytes());
            }
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            for (Iterator<String> each = lines.lines().iterator(); each.hasNext(); ) {
                line.accept(parse(each.next()));
            }
        } catch (IOException e) {
            throw diagnosis.of(e);
        } catch (UncheckedIOException e) {
            throw diagnosis.of(requireNonNull(e.getCause()));
        }
    }

    /** Opens a WebSocket. */
    WebSocket open(String path, WebSocket.Listener listener) {
        WebSocket.Builder socket = client.newWebSocketBuilder().connectTimeout(timeout);
        apiKey.ifPresent(key -> socket.header("Authorization", "Bearer " + key));
        URI uri = URI.create(address.toString().replaceFirst("https", "wss") + path);
        try {
            return socket.buildAsync(uri, listener).get();
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case WebSocketHandshakeException refused ->
                        diagnosis.of(
                                refused.getResponse().statusCode(),
                                // Java reads it as text.
                                String.valueOf(refused.getResponse().body())
                                        .getBytes(StandardCharsets.UTF_8));
                case IOException broken -> diagnosis.of(broken);
                case null, default -> new IllegalStateException(e);
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted.", e);
        }
    }

    /** Copies an answer as it comes. */
    void copy(String path, OutputStream out) {
        HttpResponse<InputStream> response =
                send(request(path).GET().build(), BodyHandlers.ofInputStream());
        try (InputStream stream = response.body()) {
            if (response.statusCode() != 200) {
                throw diagnosis.of(response.statusCode(), stream.readAllBytes());
            }
            stream.transferTo(out);
        } catch (IOException e) {
            throw diagnosis.of(e);
        }
    }

    /**
     * A key that is always the same for the same request. It is keyed with the caller's own secret,
     * so that a server which keeps it keeps no means to guess what was in the request.
     */
    String idempotencyKey(String path, JsonNode body) {
        byte[] secret =
                apiKey.map(key -> key.getBytes(StandardCharsets.UTF_8))
                        .or(() -> identity.map(own -> own.key().getEncoded()))
                        .orElseThrow();
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update((path + "\n").getBytes(StandardCharsets.UTF_8));
            byte[] digest = mac.doFinal(Json.MAPPER.writeValueAsBytes(body));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    /** One segment of a path. */
    static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    static String withQuery(String path, Map<String, String> parameters) {
        return parameters.isEmpty() ? path : path + "?" + encode(parameters);
    }

    private static String encode(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(parameter -> parameter.getKey() + "=" + segment(parameter.getValue()))
                .collect(Collectors.joining("&"));
    }

    private HttpRequest.Builder request(String path) {
        return authorized(HttpRequest.newBuilder(URI.create(address + path)))
                .timeout(timeout)
                .header("Accept", "application/json, application/x-ndjson");
    }

    private HttpRequest.Builder authorized(HttpRequest.Builder request) {
        apiKey.ifPresent(key -> request.header("Authorization", "Bearer " + key));
        return request;
    }

    private HttpRequest.Builder request(String path, Change change) {
        return change.isDryRun()
                ? request(path + (path.contains("?") ? "&" : "?") + "dryRun=true")
                : request(path).header("Idempotency-Key", change.key());
    }

    private static HttpRequest.Builder json(HttpRequest.Builder request, JsonNode body) {
        return json(request, "POST", body);
    }

    private static HttpRequest.Builder json(
            HttpRequest.Builder request, String method, JsonNode body) {
        return request.header("Content-Type", "application/json")
                .method(
                        method,
                        HttpRequest.BodyPublishers.ofByteArray(
                                Json.MAPPER.writeValueAsBytes(body)));
    }

    private JsonNode exchange(HttpRequest request) {
        HttpResponse<byte[]> response = send(request, BodyHandlers.ofByteArray());
        byte[] body = response.body();
        if (response.statusCode() / 100 != 2) {
            throw diagnosis.of(response.statusCode(), body);
        }
        return body.length == 0 ? Json.object() : parse(new String(body, StandardCharsets.UTF_8));
    }

    private JsonNode parse(String text) {
        try {
            return Json.MAPPER.readTree(text);
        } catch (JacksonException e) {
            throw diagnosis.notJson(e);
        }
    }

    private static long length(HttpRequest request) {
        return request.bodyPublisher().map(HttpRequest.BodyPublisher::contentLength).orElse(0L);
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body) {
        // The client's own time limit ends with the answer's header; this one is for all of it.
        CompletableFuture<HttpResponse<T>> answer = client.sendAsync(request, body);
        try {
            return answer.get(2 * timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io
                    ? diagnosis.of(io, length(request))
                    : new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw diagnosis.of(new HttpTimeoutException("request timed out"));
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted.", e);
        }
    }
}
