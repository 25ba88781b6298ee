package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/** What became of one claim of a device. */
public sealed interface ClaimOutcome {

    /**
     * The device is the owner's now.
     *
     * @param ownerToken the new one, if it asked for one; it is never told again
     */
    record Claimed(Optional<String> ownerToken) implements ClaimOutcome {
        public Claimed {
            requireNonNull(ownerToken, "ownerToken");
        }

        @Override
        public String toString() {
            return "Claimed[hidden]";
        }
    }

    /**
     * The token is not the device's, or the device is somebody else's; which of the two is not
     * told.
     */
    record Denied() implements ClaimOutcome {
        /** What The Things Stack takes for just this outcome, and no other text. */
        public static final String MESSAGE = "claim failed with given owner token";
    }

    /** Too many wrong tokens were tried for this device today (UTC). */
    record TooManyGuesses() implements ClaimOutcome {
        public static final String MESSAGE =
                "too many wrong owner tokens were tried for this device today: try again tomorrow"
                        + " (UTC)";
    }

    /** There is no such device. */
    record NotProvisioned() implements ClaimOutcome {
        public static final String MESSAGE = "the device is not provisioned";
    }
}
