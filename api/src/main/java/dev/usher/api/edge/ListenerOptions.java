package dev.usher.api.edge;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * What one listener is: where it listens, with which TLS, and how much it takes.
 *
 * @param name its name in logs, metrics and thread names, such as {@code gateway-api}
 * @param bindAddress the local address or host name, such as {@code 0.0.0.0}
 * @param port the TCP port; 0 takes any free one, see {@link Listener#port()}
 * @param tls how it speaks TLS; without it the listener is plain HTTP
 * @param silent whether it says nothing but what its handler returns. A silent listener closes the
 *     connection without a byte where another one would answer 400, 413 or 500 by itself, and never
 *     sends 100 Continue. The Gateway API is silent, because any status but 200 makes a station
 *     change to another credential set at once.
 */
public record ListenerOptions(
        String name,
        String bindAddress,
        int port,
        Optional<TlsOptions> tls,
        boolean silent,
        Timeouts timeouts,
        Limits limits) {

    public ListenerOptions {
        requireNonNull(name, "name");
        requireNonNull(bindAddress, "bindAddress");
        requireNonNull(tls, "tls");
        requireNonNull(timeouts, "timeouts");
        requireNonNull(limits, "limits");
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port is " + port + ", must be 0 to 65535");
        }
    }

    /** Plain HTTP with default time limits and limits, answering errors by itself. */
    public static ListenerOptions of(String name, String bindAddress, int port) {
        return new ListenerOptions(
                name, bindAddress, port, Optional.empty(), false, Timeouts.DEFAULT, Limits.DEFAULT);
    }

    public ListenerOptions withTls(TlsOptions options) {
        return new ListenerOptions(
                name, bindAddress, port, Optional.of(options), silent, timeouts, limits);
    }

    public ListenerOptions withSilent(boolean value) {
        return new ListenerOptions(name, bindAddress, port, tls, value, timeouts, limits);
    }

    public ListenerOptions withTimeouts(Timeouts value) {
        return new ListenerOptions(name, bindAddress, port, tls, silent, value, limits);
    }

    public ListenerOptions withLimits(Limits value) {
        return new ListenerOptions(name, bindAddress, port, tls, silent, timeouts, value);
    }
}
