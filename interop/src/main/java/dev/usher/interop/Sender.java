package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.NetId;
import java.util.Optional;

/**
 * Who asks the Join Servers.
 *
 * @param netId the SenderID of a Network Server's requests
 * @param nsId its SenderNSID in version 1.1, where {@code sender-ns-id} does not say otherwise
 * @param asId the SenderID of an Application Server's requests; without one, no AppSKey can be
 *     asked for
 */
public record Sender(NetId netId, Optional<Eui64> nsId, Optional<String> asId) {

    public Sender {
        requireNonNull(netId, "netId");
        requireNonNull(nsId, "nsId");
        requireNonNull(asId, "asId");
    }

    /**
     * The NSID of a network's Network Server that was given no other: {@code FFFFFF0000} and the
     * NetID. No maker has EUIs that begin so.
     */
    public static Eui64 defaultNsId(NetId netId) {
        return Eui64.parse("FFFFFF0000" + netId);
    }
}
