package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Spares those who wait for an answer the time that a Join Server which does not answer would cost
 * them. After some failures in a row it lets nothing through for a while; then one request as a
 * probe, whose end decides how it goes on.
 */
final class CircuitBreaker {

    private final int mostFailures;
    private final Duration pause;
    private final InstantSource clock;

    private int failures;
    private String lastFailure = "";
    private Optional<Instant> probeAt = Optional.empty();
    private boolean isProbing;

    /**
     * @param mostFailures in a row, after which it opens
     */
    CircuitBreaker(int mostFailures, Duration pause, InstantSource clock) {
        if (mostFailures < 1) {
            throw new IllegalArgumentException(
                    "mostFailures is " + mostFailures + ", not 1 or more");
        }
        this.mostFailures = mostFailures;
        this.pause = requireNonNull(pause, "pause");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Asks to be let through. Whoever is let through tells how it ended.
     *
     * @return why not, as a sentence that begins with the Join Server
     */
    synchronized Optional<String> refusal() {
        if (probeAt.isEmpty()) {
            return Optional.empty();
        }
        Duration left = Duration.between(clock.instant(), probeAt.get());
        if (!isProbing && !left.isPositive()) {
            isProbing = true;
            return Optional.empty();
        }
        return Optional.of(
                "is not asked %s, after %d failures in a row, of which the last: it %s"
                        .formatted(
                                left.isPositive()
                                        ? "for " + Math.max(1, left.toSeconds()) + " s"
                                        : "until one request has gone well",
                                failures,
                                lastFailure));
    }

    /** An answer came, whatever it says. */
    synchronized void succeeded() {
        failures = 0;
        probeAt = Optional.empty();
        isProbing = false;
    }

    /**
     * No answer came, or none that counts.
     *
     * @param how a sentence that begins with the Join Server
     * @return whether the circuit was closed and is open now
     */
    synchronized boolean failed(String how) {
        failures++;
        lastFailure = requireNonNull(how, "how");
        isProbing = false;
        if (failures < mostFailures) {
            return false;
        }
        boolean wasClosed = probeAt.isEmpty();
        probeAt = Optional.of(clock.instant().plus(pause));
        return wasClosed;
    }

    /** The request ended for a reason of our own. */
    synchronized void givenUp() {
        isProbing = false;
    }
}
