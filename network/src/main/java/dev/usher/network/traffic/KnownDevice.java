package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.OwnerId;
import java.time.Instant;
import java.util.Optional;

/**
 * A device whose root keys are at the Join Server of this house.
 *
 * @param owner who has claimed it there; empty: nobody yet
 * @param claimedAt since when it is theirs
 */
public record KnownDevice(Optional<OwnerId> owner, Optional<Instant> claimedAt) {

    public KnownDevice {
        requireNonNull(owner, "owner");
        requireNonNull(claimedAt, "claimedAt");
    }
}
