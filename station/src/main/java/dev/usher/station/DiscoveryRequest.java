package dev.usher.station;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;

/**
 * What a gateway sends first to an LNS, over {@code /router-info}: who it is ({@code
 * tc.c:145-245}). The answer is a {@link DiscoveryResponse}.
 *
 * @param router the EUI of the gateway
 */
public record DiscoveryRequest(Eui64 router) {

    public DiscoveryRequest {
        requireNonNull(router, "router");
    }

    /**
     * Reads a text frame. The router may be an ID6, any EUI form or a number; other fields are
     * ignored.
     *
     * @throws MalformedMessageException if it is anything else, or the EUI is zero
     */
    public static DiscoveryRequest parse(String json) {
        Eui64 router = JsonObject.parse(json).requireEui("router");
        if (router.value() == 0) {
            throw new MalformedMessageException("field 'router' is zero, which no gateway is");
        }
        return new DiscoveryRequest(router);
    }

    /** The frame as station 2.0.6 writes it. */
    public String toJson() {
        return "{\"router\":\"" + router.id6() + "\"}";
    }
}
