package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.OwnerId;
import dev.usher.lorawan.Eui64;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** What is known of a gateway, without any secret. */
public record Gateway(
        Eui64 eui,
        Origin origin,
        Optional<String> batch,
        String flavor,
        Optional<OwnerId> owner,
        Optional<Instant> claimedAt,
        Optional<Instant> setupAt,
        Optional<Target> cups,
        Optional<Target> lns,
        Optional<FirmwareOrder> firmware,
        Optional<Seen> seen) {

    public Gateway {
        requireNonNull(eui, "eui");
        requireNonNull(origin, "origin");
        requireNonNull(batch, "batch");
        requireNonNull(flavor, "flavor");
        requireNonNull(owner, "owner");
        requireNonNull(claimedAt, "claimedAt");
        requireNonNull(setupAt, "setupAt");
        requireNonNull(cups, "cups");
        requireNonNull(lns, "lns");
        requireNonNull(firmware, "firmware");
        requireNonNull(seen, "seen");
    }

    /**
     * Where it is to go.
     *
     * @param credCrc CRC-32 of the credentials it is given for it; empty if none
     */
    public record Target(String uri, OptionalInt credCrc) {
        public Target {
            requireNonNull(uri, "uri");
            requireNonNull(credCrc, "credCrc");
        }
    }
}
