package dev.usher.network.registry;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.time.Instant;
import java.util.Optional;

/**
 * A gateway of this network, as those who may see it do.
 *
 * @param claimableUntil until when somebody else can claim it, if its owner allowed that
 * @param targetChangedAt when it was last sent to another LNS or cluster
 * @param workingAt when it was last known to work with what it is told
 * @param revertedAt when it was last given its working configuration again
 */
public record NetworkGateway(
        GatewayId id,
        Eui64 eui,
        GatewaySettings settings,
        ClaimState claim,
        Optional<Instant> claimableUntil,
        Instant createdAt,
        Instant targetChangedAt,
        Optional<Instant> workingAt,
        Optional<Instant> revertedAt) {

    public NetworkGateway {
        requireNonNull(id, "id");
        requireNonNull(eui, "eui");
        requireNonNull(settings, "settings");
        requireNonNull(claim, "claim");
        requireNonNull(claimableUntil, "claimableUntil");
        requireNonNull(createdAt, "createdAt");
        requireNonNull(targetChangedAt, "targetChangedAt");
        requireNonNull(workingAt, "workingAt");
        requireNonNull(revertedAt, "revertedAt");
    }

    /** Whether it was given its working configuration again and not sent elsewhere since. */
    boolean reverted() {
        return revertedAt.filter(at -> !at.isBefore(targetChangedAt)).isPresent();
    }
}
