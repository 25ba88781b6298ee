package dev.usher.api;

import dev.usher.lorawan.Eui64;
import dev.usher.network.traffic.GatewayStatus;

/** Which gateways are connected to the LNS now, at whichever node. */
@FunctionalInterface
public interface GatewayConnections {

    GatewayStatus status(Eui64 gateway);
}
