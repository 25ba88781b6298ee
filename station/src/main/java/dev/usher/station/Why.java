package dev.usher.station;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Why a gateway was answered by its CUPS what it was answered, for whoever looks after it.
 *
 * @param at when; the last time, if it happened several times in a row
 * @param answer {@code nothing}, {@code cups}, {@code lns}, {@code firmware}, several with {@code
 *     +}, or {@code refused}; {@code alert} if it is no answer, but something to look at
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

    public Why(Instant at, String answer, String reason) {
        this(at, answer, reason, 1);
    }

    /**
     * The list with one more, newest first; the same again counts up instead of filling the list.
     */
    public static List<Why> with(List<Why> newestFirst, Why next) {
        List<Why> all = new ArrayList<>(newestFirst.size() + 1);
        if (!newestFirst.isEmpty()
                && newestFirst.getFirst().answer().equals(next.answer())
                && newestFirst.getFirst().reason().equals(next.reason())) {
            all.add(
                    new Why(
                            next.at(),
                            next.answer(),
                            next.reason(),
                            newestFirst.getFirst().times() + next.times()));
            all.addAll(newestFirst.subList(1, newestFirst.size()));
        } else {
            all.add(next);
            all.addAll(newestFirst);
        }
        return List.copyOf(all.subList(0, Math.min(all.size(), KEPT)));
    }

    /** The list with several more, both newest first. */
    public static List<Why> with(List<Why> newestFirst, List<Why> next) {
        List<Why> all = newestFirst;
        for (Why one : next.reversed()) {
            all = with(all, one);
        }
        return all;
    }
}
