package dev.usher.network.cups;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;

/**
 * How a gateway does that was sent somewhere else, judged by when it asks again.
 *
 * <p>A station that is connected to its LNS asks once a day. One that is not asks again after ten
 * attempts, which is after 8 minutes, and goes on so (basics-station.md 3.1); one that was handed
 * on to another CUPS asks here again only when that does not work. So a gateway that has what it
 * was told and keeps asking is not helped by it. One day of silence shows nothing: it may have been
 * without power. After two it was on the air in between, as it asks when it starts.
 *
 * @param target when its registry entry was last pointed elsewhere
 * @param since when it was told, or began to ask often
 * @param last when it last asked
 * @param times how often it asked since, having what it was told
 * @param afterDay whether it was silent for a day before it last asked
 */
record Trial(Instant target, Instant since, Instant last, int times, boolean afterDay) {

    private static final Duration CONNECTED = Duration.ofHours(20);
    private static final Duration OFTEN = Duration.ofHours(1);

    /** What a gateway's asking says of where it was sent. */
    enum Verdict {
        OPEN,
        WORKS,
        FAILED
    }

    Trial {
        requireNonNull(target, "target");
        requireNonNull(since, "since");
        requireNonNull(last, "last");
    }

    /** It is told now. */
    static Trial begun(Instant target, Instant now) {
        return new Trial(target, now, now, 0, false);
    }

    /** It asks again, and has what it was told. */
    Trial again(Instant now, boolean isHandedOn) {
        return isHandedOn || Duration.between(last, now).compareTo(OFTEN) <= 0
                ? new Trial(target, since, now, times + 1, false)
                : new Trial(target, now, now, 1, isDayLater(now));
    }

    private boolean isDayLater(Instant now) {
        return Duration.between(last, now).compareTo(CONNECTED) >= 0;
    }

    /**
     * What is to be thought of it when it asks again at this time.
     *
     * @param grace how long it is left to try
     */
    Verdict verdict(Instant now, boolean isHandedOn, Duration grace) {
        if (!isHandedOn && afterDay && isDayLater(now)) {
            return Verdict.WORKS;
        }
        Trial next = again(now, isHandedOn);
        return next.times >= (isHandedOn ? 2 : 3)
                        && Duration.between(next.since, now).compareTo(grace) >= 0
                ? Verdict.FAILED
                : Verdict.OPEN;
    }
}
