package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** When a request must have ended, by a clock that is never set. */
final class Deadline {

    private final Duration total;
    private final long end;

    private Deadline(Duration total) {
        this.total = requireNonNull(total, "total");
        this.end = System.nanoTime() + total.toNanos();
    }

    static Deadline in(Duration total) {
        return new Deadline(total);
    }

    Duration total() {
        return total;
    }

    /** At least 0. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }

    boolean isOver() {
        return left().isZero();
    }
}
