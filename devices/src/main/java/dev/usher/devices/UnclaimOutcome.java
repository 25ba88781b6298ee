package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/** What became of one device that its owner gave back. */
public sealed interface UnclaimOutcome {

    /**
     * Anybody who has its owner token can claim it.
     *
     * @param ownerToken the new one, if a new one was asked for; it is never told again
     */
    record Unclaimed(Optional<String> ownerToken) implements UnclaimOutcome {
        public Unclaimed {
            requireNonNull(ownerToken, "ownerToken");
        }

        @Override
        public String toString() {
            return "Unclaimed[hidden]";
        }
    }

    /** The device is not claimed by who gave it back; whether somebody else has it is not told. */
    record NotClaimed() implements UnclaimOutcome {
        public static final String MESSAGE = "the device is not claimed";
    }

    /** There is no such device. */
    record NotProvisioned() implements UnclaimOutcome {
        public static final String MESSAGE = ClaimOutcome.NotProvisioned.MESSAGE;
    }
}
