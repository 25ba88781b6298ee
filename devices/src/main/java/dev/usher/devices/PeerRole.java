package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.NetId;

/** What a peer is; also the SenderID it sends (Backend Interfaces 1.0 section 22.2). */
public sealed interface PeerRole {

    /** A Network Server: it asks for joins, rejoins and home networks. */
    record NetworkServer(NetId netId) implements PeerRole {
        public NetworkServer {
            requireNonNull(netId, "netId");
        }

        @Override
        public String senderId() {
            return netId.toString();
        }
    }

    /** An Application Server: it asks for AppSKeys. */
    record ApplicationServer(String asId) implements PeerRole {
        public ApplicationServer {
            AsId.check(asId);
        }

        @Override
        public String senderId() {
            return asId;
        }
    }

    /** The SenderID of its messages. */
    String senderId();
}
