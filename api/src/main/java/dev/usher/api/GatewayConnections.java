package dev.usher.api;

import dev.usher.lorawan.Eui64;
import java.time.Instant;
import java.util.Optional;

/** Which gateways are connected to the LNS now. */
@FunctionalInterface
public interface GatewayConnections {

    /** Since when the gateway is connected; empty if it is not. */
    Optional<Instant> connectedSince(Eui64 gateway);
}
