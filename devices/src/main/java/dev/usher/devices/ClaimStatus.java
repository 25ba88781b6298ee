package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.NetId;
import java.util.Optional;

/** Whether a device is claimed, as its owner is told. */
public sealed interface ClaimStatus {

    /**
     * It is the asker's.
     *
     * @param homeNetId its own, else its owner's
     * @param locked whether nobody else can claim it
     */
    record Claimed(Optional<NetId> homeNetId, Optional<Eui64> homeNsId, boolean locked)
            implements ClaimStatus {
        public Claimed {
            requireNonNull(homeNetId, "homeNetId");
            requireNonNull(homeNsId, "homeNsId");
        }
    }

    /** It is not claimed by the asker. */
    record NotClaimed() implements ClaimStatus {
        public static final String MESSAGE = UnclaimOutcome.NotClaimed.MESSAGE;
    }

    /** There is no such device. */
    record NotProvisioned() implements ClaimStatus {
        public static final String MESSAGE = ClaimOutcome.NotProvisioned.MESSAGE;
    }
}
