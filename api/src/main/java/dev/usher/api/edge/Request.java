package dev.usher.api.edge;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/**
 * One HTTP request, read to its end. Immutable but for the body's array, which is not copied: do
 * not write into it.
 */
public final class Request {

    private static final byte[] NO_BODY = {};

    private final long id;
    private final String method;
    private final String target;
    private final Map<String, List<String>> headers;
    private final byte[] body;
    private final Supplier<List<X509Certificate>> clientChain;
    private final InetSocketAddress remoteAddress;

    Request(
            long id,
            String method,
            String target,
            Map<String, List<String>> headers,
            byte[] body,
            Supplier<List<X509Certificate>> clientChain,
            InetSocketAddress remoteAddress) {
        this.id = id;
        this.method = method;
        this.target = target;
        this.headers = headers;
        this.body = body;
        this.clientChain = clientChain;
        this.remoteAddress = remoteAddress;
    }

    /**
     * A request as if it had come from loopback, to call a handler without a network.
     *
     * @param method such as {@code POST}
     * @param target path and, if any, query, percent-encoded, such as {@code
     *     /api/v1/owners?limit=5}
     * @throws IllegalArgumentException if the target does not start with a slash or is not properly
     *     encoded
     */
    public static Request of(String method, String target) {
        requireNonNull(method, "method");
        return new Request(
                ThreadLocalRandom.current().nextLong(),
                method,
                origin(requireNonNull(target, "target")),
                Map.of(),
                NO_BODY,
                List::of,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 49152));
    }

    public Request withHeader(String name, String value) {
        Map<String, List<String>> more = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        more.putAll(headers);
        List<String> values = new ArrayList<>(more.getOrDefault(name, List.of()));
        values.add(requireNonNull(value, "value"));
        more.put(name, List.copyOf(values));
        return new Request(
                id,
                method,
                target,
                Collections.unmodifiableMap(more),
                body,
                clientChain,
                remoteAddress);
    }

    public Request withBody(byte[] bytes) {
        requireNonNull(bytes, "bytes");
        return new Request(id, method, target, headers, bytes, clientChain, remoteAddress);
    }

    public Request withBody(String text) {
        return withBody(text.getBytes(StandardCharsets.UTF_8));
    }

    public Request withClientChain(List<X509Certificate> chain) {
        List<X509Certificate> copy = List.copyOf(chain);
        return new Request(id, method, target, headers, body, () -> copy, remoteAddress);
    }

    public Request withRemoteAddress(InetSocketAddress address) {
        requireNonNull(address, "address");
        return new Request(id, method, target, headers, body, clientChain, address);
    }

    /** Sixteen hex digits that name this request in logs and, if it fails, in the answer. */
    public String id() {
        return "%016x".formatted(id);
    }

    /** Such as {@code POST}; as sent, so in upper case from every real client. */
    public String method() {
        return method;
    }

    /** The path as sent, percent-encoded, without the query; starts with a slash. */
    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /**
     * The path taken apart and decoded: {@code /api/v1/gateways/%3A%3A1} is {@code api}, {@code
     * v1}, {@code gateways}, {@code ::1}; {@code /} is empty. A slash at the end adds an empty
     * segment.
     */
    public List<String> segments() {
        String path = path();
        return path.equals("/")
                ? List.of()
                : Arrays.stream(path.substring(1).split("/", -1))
                        .map(segment -> decode(segment.replace("+", "%2B")))
                        .toList();
    }

    /** The decoded parameters of the query in their order; one without {@code =} has value "". */
    public Map<String, List<String>> query() {
        int start = target.indexOf('?');
        if (start < 0) {
            return Map.of();
        }
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        for (String pair : target.substring(start + 1).split("&", -1)) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String name = decode(equals < 0 ? pair : pair.substring(0, equals));
                String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
                parameters.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
            }
        }
        return Collections.unmodifiableMap(parameters);
    }

    /** The first value of a query parameter. */
    public Optional<String> query(String name) {
        return query().getOrDefault(name, List.of()).stream().findFirst();
    }

    /** All headers; names are looked up in any case. */
    public Map<String, List<String>> headers() {
        return headers;
    }

    /** The first value of a header whose name is written in any case, without blanks around it. */
    public Optional<String> header(String name) {
        return headers.getOrDefault(name, List.of()).stream().findFirst();
    }

    /** Whether the peer wants the connection to become a WebSocket (RFC 6455 section 4.1). */
    public boolean asksForWebSocket() {
        return method.equals("GET")
                && header("Upgrade").filter("websocket"::equalsIgnoreCase).isPresent();
    }

    /** The whole body; empty when there is none. Not a copy. */
    public byte[] body() {
        return body;
    }

    /**
     * The trusted client certificate, first, and what else the client sent with it; empty when it
     * showed none or was not asked for one.
     */
    public List<X509Certificate> clientChain() {
        return clientChain.get();
    }

    public InetSocketAddress remoteAddress() {
        return remoteAddress;
    }

    /** Without headers and body, which hold secrets. */
    @Override
    public String toString() {
        return method + " " + path() + " (" + id() + ")";
    }

    /**
     * The origin form of a request target: an absolute one loses its scheme and authority.
     *
     * @throws IllegalArgumentException if {@link #segments} or {@link #query} could not decode it
     */
    static String origin(String target) {
        String origin = target;
        int authority = target.indexOf("://");
        if (authority > 0 && target.indexOf('/') > authority) {
            int path = target.indexOf('/', authority + 3);
            origin = path < 0 ? "/" : target.substring(path);
        }
        if (!origin.startsWith("/")) {
            throw new IllegalArgumentException("'" + target + "' does not start with a slash");
        }
        String decoded = decode(origin);
        if (decoded.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("'" + target + "' holds a zero byte");
        }
        return origin;
    }

    private static String decode(String encoded) {
        return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
    }
}
