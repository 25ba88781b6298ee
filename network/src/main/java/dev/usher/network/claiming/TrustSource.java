package dev.usher.network.claiming;

import dev.usher.station.StationUri;
import java.io.IOException;

/** Knows which certificate a gateway must trust to reach a server. */
@FunctionalInterface
public interface TrustSource {

    /**
     * The one certificate that the server's chain ends in, DER.
     *
     * @param uri over TLS
     * @throws IOException if it cannot be found out; the message says why
     */
    byte[] trustOf(StationUri uri) throws IOException;
}
