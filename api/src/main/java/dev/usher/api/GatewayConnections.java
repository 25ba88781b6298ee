package dev.usher.api;

import dev.usher.accounts.Conflict;
import dev.usher.api.edge.WebSocketHandler;
import dev.usher.lorawan.Eui64;
import dev.usher.network.traffic.GatewayStatus;
import java.util.function.BooleanSupplier;

/** Which gateways are connected to the LNS now, at whichever node, and their remote shells. */
@FunctionalInterface
public interface GatewayConnections {

    GatewayStatus status(Eui64 gateway);

    /**
     * What answers somebody at a remote shell of a gateway: the shell begins when the socket opens
     * and ends with it.
     *
     * @param user only shown to others on the gateway
     * @param term the kind of terminal, {@code xterm-256color}
     * @param isAllowed asked every second, on a thread that may wait; the shell ends when it no
     *     longer is
     * @throws Conflict if the gateway is not connected to this node, or takes no shells
     */
    default WebSocketHandler shell(
            Eui64 gateway, String user, String term, BooleanSupplier isAllowed) {
        throw new Conflict("gateway " + gateway + " takes no remote shells");
    }
}
