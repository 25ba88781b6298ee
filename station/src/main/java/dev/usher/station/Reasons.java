package dev.usher.station;

import dev.usher.lorawan.Printable;
import java.util.Optional;

/** What both kinds of CUPS say of what they sent. */
public final class Reasons {

    private Reasons() {}

    /**
     * That a URI was sent, and what for.
     *
     * @param which CUPS or LNS
     * @param reported what the station said before; without one it sends an empty text, or none
     */
    public static String uriSent(String which, String uri, Optional<String> reported) {
        return reported.map(String::strip)
                .filter(from -> !from.isEmpty())
                .map(from -> which + " URI " + uri + " sent instead of " + Printable.of(from))
                .orElseGet(() -> which + " URI " + uri + " sent as it had none");
    }

    /** That credentials were sent. */
    public static String credentialsSent(String which) {
        return which + " credentials sent, as it reported others";
    }
}
