package dev.usher.network.outlets;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * What came of a try of a webhook.
 *
 * @param id of the delivery
 * @param status what was answered, if anything was
 * @param error why a delivery would have failed
 */
public record TrialDelivery(
        String id, Optional<Integer> status, Optional<String> error, long milliseconds) {

    public TrialDelivery {
        requireNonNull(id, "id");
        requireNonNull(status, "status");
        requireNonNull(error, "error");
    }
}
