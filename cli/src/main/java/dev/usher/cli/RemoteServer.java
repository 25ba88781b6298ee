package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
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
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A server that speaks JSON over HTTPS, and the credentials to speak to it. Whatever goes wrong is
 * a {@link Failure} that says what to do.
 */
final class RemoteServer {

    private static final int LARGEST_PAGE = 1000;

    private final URI address;
    private final Optional<String> apiKey;
    private final Optional<Tls.Identity> identity;
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
            Optional<Tls.Identity> identity,
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
        long left = limit;
        String after = query.getOrDefault("after", "");
        while (left > 0) {
            Map<String, String> parameters = new java.util.TreeMap<>(query);
            parameters.put("limit", Long.toString(Math.min(left, LARGEST_PAGE)));
            if (!after.isEmpty()) {
                parameters.put("after", after);
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

    /** Sends a request whose answer is one JSON object a line, however many there are. */
    void lines(String path, JsonNode body, Consumer<JsonNode> line) {
        HttpRequest request = json(request(path), body).build();
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

    private static String encode(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(parameter -> parameter.getKey() + "=" + segment(parameter.getValue()))
                .collect(Collectors.joining("&"));
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address + path))
                        .timeout(timeout)
                        .header("Accept", "application/json, application/x-ndjson");
        apiKey.ifPresent(key -> request.header("Authorization", "Bearer " + key));
        return request;
    }

    private HttpRequest.Builder request(String path, Change change) {
        return change.isDryRun()
                ? request(path + "?dryRun=true")
                : request(path).header("Idempotency-Key", change.key());
    }

    private static HttpRequest.Builder json(HttpRequest.Builder request, JsonNode body) {
        return request.header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(body)));
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

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body) {
        // The client's own time limit ends with the answer's header; this one is for all of it.
        CompletableFuture<HttpResponse<T>> answer = client.sendAsync(request, body);
        try {
            return answer.get(2 * timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io
                    ? diagnosis.of(io)
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
