package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import java.util.List;
import java.util.Optional;

/**
 * How a peer is dealt with.
 *
 * @param nsIds the NSIDs a Network Server may ask as; empty: any
 * @param strictNsId whether a Network Server has to send its SenderNSID as Backend Interfaces 1.1
 *     demands, and must not as 1.0 does; some leave it out
 * @param async where answers are posted; empty: they are the HTTP response
 * @param pathPrefix how the path of its requests begins; empty: any path will do
 */
public record PeerSettings(
        PeerRole role,
        List<Eui64> nsIds,
        boolean strictNsId,
        Optional<AsyncTarget> async,
        Optional<String> pathPrefix) {

    private static final int LONGEST_PREFIX = 255;

    public PeerSettings {
        requireNonNull(role, "role");
        nsIds = List.copyOf(nsIds);
        requireNonNull(async, "async");
        pathPrefix.ifPresent(PeerSettings::checkPrefix);
        if (role instanceof PeerRole.ApplicationServer && !nsIds.isEmpty()) {
            throw new IllegalArgumentException(
                    "an Application Server has no NSID: leave out " + nsIds.getFirst());
        }
    }

    /** A peer that is answered in the HTTP response, wherever it posts. */
    public static PeerSettings of(PeerRole role) {
        return new PeerSettings(role, List.of(), false, Optional.empty(), Optional.empty());
    }

    private static void checkPrefix(String prefix) {
        if (!prefix.startsWith("/")
                || prefix.length() > LONGEST_PREFIX
                || !prefix.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '?' && c != '#')) {
            throw new IllegalArgumentException(
                    "'"
                            + Printable.of(prefix)
                            + "' is not the beginning of a path: write it as in /api/v1/rens");
        }
    }
}
