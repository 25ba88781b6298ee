package dev.usher.network.registry;

import static java.util.Objects.requireNonNull;

import dev.usher.station.StationUri;

/**
 * Where the LNS of a gateway is, as people write it: {@code thethings.example.com}, with {@code
 * :PORT}, or with a scheme ({@code ws://192.168.2.2:1887} for an LNS in the gateway's own network).
 *
 * @param lns the address as a station needs it; without a scheme it is wss, without a port it is
 *     8887, or 1887 for ws
 */
public record GatewayServerAddress(StationUri lns) {

    private static final int WS_PORT = 1887;
    private static final int WSS_PORT = 8887;

    public GatewayServerAddress {
        if (requireNonNull(lns, "lns").scheme().isCups()) {
            throw new IllegalArgumentException(
                    "'"
                            + lns
                            + "' is not the address of an LNS: write HOST:PORT or wss://HOST:PORT");
        }
    }

    /**
     * Reads {@code HOST}, {@code HOST:PORT}, {@code ws://…} or {@code wss://…}.
     *
     * @throws IllegalArgumentException if station could not use it
     */
    public static GatewayServerAddress parse(String text) {
        String stripped = text.strip();
        int scheme = stripped.indexOf("://");
        String uri = scheme < 0 ? "wss://" + stripped : stripped;
        boolean hasPort = uri.indexOf(':', uri.indexOf("://") + 3) >= 0;
        int port = uri.startsWith("ws://") ? WS_PORT : WSS_PORT;
        return new GatewayServerAddress(StationUri.lns(hasPort ? uri : uri + ":" + port));
    }

    /** {@code HOST:PORT}, or with its scheme if that is not wss. */
    @Override
    public String toString() {
        return lns.isSecure() ? lns.host() + ":" + lns.port() : lns.toString();
    }
}
