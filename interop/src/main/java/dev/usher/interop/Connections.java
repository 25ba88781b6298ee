package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One configuration, and the connections to its Join Servers. Whoever uses them holds them; when
 * the last one lets go of those that were replaced, they are closed.
 */
final class Connections {

    private final InteropConfig config;
    private final Map<JoinServerConfig, JoinServerClient> clients = new HashMap<>();
    // Its maker is one of them.
    private int holders = 1;

    Connections(InteropConfig config, Function<JoinServerConfig, JoinServerClient> connect) {
        this.config = requireNonNull(config, "config");
        config.joinServers()
                .forEach(joinServer -> clients.put(joinServer, connect.apply(joinServer)));
    }

    InteropConfig config() {
        return config;
    }

    /** None, one, or those that are raced. */
    List<JoinServerClient> of(Component component, Eui64 joinEui) {
        return config.routes(component)
                .match(joinEui)
                .map(match -> match.joinServers().stream().map(this::client).toList())
                .orElse(List.of());
    }

    private JoinServerClient client(JoinServerConfig joinServer) {
        return requireNonNull(clients.get(joinServer), "every Join Server has a client");
    }

    /** Keeps them open; false if they are closed already. */
    synchronized boolean hold() {
        if (holders == 0) {
            return false;
        }
        holders++;
        return true;
    }

    synchronized void letGo() {
        if (--holders == 0) {
            clients.values().forEach(JoinServerClient::close);
        }
    }
}
