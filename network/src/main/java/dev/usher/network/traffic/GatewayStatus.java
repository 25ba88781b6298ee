package dev.usher.network.traffic;

import java.time.Instant;
import java.util.Optional;

/** Whether a gateway is connected to the LNS, at whichever node. */
public sealed interface GatewayStatus {

    /** It is. */
    record Connected(Instant since) implements GatewayStatus {}

    /**
     * It is not.
     *
     * @param lastSeen until when it was; empty if it never was
     */
    record Away(Optional<Instant> lastSeen) implements GatewayStatus {}
}
