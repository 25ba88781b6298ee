package dev.usher.network.outlets;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * How deliveries to an outlet go.
 *
 * @param pending how many wait
 * @param deliveredAt when one last arrived
 * @param failedAt when one last failed
 * @param lastError why; it stays after the next has arrived
 * @param givenUp how many were given up, or not taken because too many waited
 */
public record OutletState(
        long pending,
        Optional<Instant> deliveredAt,
        Optional<Instant> failedAt,
        Optional<String> lastError,
        long givenUp) {

    public OutletState {
        requireNonNull(deliveredAt, "deliveredAt");
        requireNonNull(failedAt, "failedAt");
        requireNonNull(lastError, "lastError");
    }
}
