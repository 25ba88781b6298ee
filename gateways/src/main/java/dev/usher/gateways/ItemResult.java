package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.util.Optional;

/**
 * What became of one gateway of a request: done, unless there is an error.
 *
 * @param error one sentence: what was wrong, what to do
 * @param notice one sentence on something that was put right on the way
 */
public record ItemResult(Eui64 gateway, Optional<String> error, Optional<String> notice) {

    public ItemResult {
        requireNonNull(gateway, "gateway");
        requireNonNull(error, "error");
        requireNonNull(notice, "notice");
    }

    static ItemResult done(Eui64 gateway) {
        return new ItemResult(gateway, Optional.empty(), Optional.empty());
    }

    static ItemResult failed(Eui64 gateway, String error) {
        return new ItemResult(gateway, Optional.of(error), Optional.empty());
    }

    public boolean isDone() {
        return error.isEmpty();
    }
}
