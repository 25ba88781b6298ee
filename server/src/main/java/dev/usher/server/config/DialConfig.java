package dev.usher.server.config;

import dev.usher.network.cups.DialGuard;
import java.util.List;

/**
 * What may be dialled of what people name (other clusters, webhooks) besides the public Internet.
 *
 * @param networks such as {@code 10.1.0.0/16}
 * @param ports besides 443, 8885, 8887 and 9191
 */
public record DialConfig(List<String> networks, List<Integer> ports) {

    public static final DialConfig DEFAULT = new DialConfig(List.of(), List.of());

    /**
     * @throws IllegalArgumentException if one of them is no network or no port
     */
    public DialConfig {
        networks = List.copyOf(networks);
        ports = List.copyOf(ports);
        var _ = new DialGuard(ports, networks);
    }

    public DialGuard guard() {
        return new DialGuard(ports, networks);
    }
}
