package dev.usher.network.cups;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * Why a gateway was told what it was told, for whoever looks after it.
 *
 * @param at when; the last time, if it happened several times in a row
 * @param answer {@code nothing}, {@code cups}, {@code lns}, {@code cups+lns} or {@code refused};
 *     {@code alert} if it is no answer, but something to look at
 * @param reason one sentence
 * @param times how often in a row
 */
public record Why(Instant at, String answer, String reason, int times) {

    /** So many are kept of each gateway. */
    public static final int KEPT = 20;

    public Why {
        requireNonNull(at, "at");
        requireNonNull(answer, "answer");
        requireNonNull(reason, "reason");
    }

    boolean isSame(Why other) {
        return answer.equals(other.answer) && reason.equals(other.reason);
    }
}
