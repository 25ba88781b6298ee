package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A Network Server or Application Server that may ask.
 *
 * @param name what the operator calls it
 * @param certificate the authority of its client certificates, and the name in them
 * @param hasBearerToken whether it may show a bearer token
 * @param user whom it authenticates as where it may use a password
 * @param keks what session keys for it are wrapped with, by beginning
 */
public record Peer(
        String name,
        PeerSettings settings,
        Optional<PeerCredential.ClientCertificate> certificate,
        boolean hasBearerToken,
        Optional<String> user,
        List<PeerKek> keks,
        Instant createdAt) {

    /**
     * A key encryption key of a peer.
     *
     * @param label its KEKLabel, as both sides know it
     * @param bits 128, 192 or 256
     * @param from when keys for the peer begin to be wrapped with it
     */
    public record PeerKek(String label, int bits, Instant from) {
        public PeerKek {
            requireNonNull(from, "from");
        }
    }

    public Peer {
        requireNonNull(settings, "settings");
        keks = List.copyOf(keks);
    }
}
