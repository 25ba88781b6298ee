package dev.usher.simulator;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How one contact with CUPS ended.
 *
 * @param set the credential set it was made with
 * @param uri where it went; empty if the set has no URI, or station does not run
 * @param httpStatus the status of the answer; 0 if none came
 * @param received what the answer had to say; empty for "nothing to do"
 * @param ignored credentials among it that station could not read and does not tell anybody about
 * @param update what became of a firmware update in it
 * @param detail why it failed, for people; empty if it did not
 * @param next when station asks again, counted from the end of this contact
 */
public record CupsOutcome(
        Result result,
        CredentialSet set,
        Optional<String> uri,
        int httpStatus,
        Set<Segment> received,
        Set<Segment> ignored,
        Update update,
        String detail,
        Duration next) {

    /** In which way it ended. */
    public enum Result {
        /** Station has its answer and acted on it. */
        DONE,
        /** No connection, no TLS, no answer, or not one station understands. */
        FAILED,
        /** A status other than 200: station turns to its next credential set at once. */
        REJECTED,
        /** The credential set has no URI: station turns to the next one at once. */
        NO_URI,
        /** A malformed URI keeps station from starting; only somebody with access can help. */
        NOT_RUNNING
    }

    /** A part of an answer. */
    public enum Segment {
        CUPS_URI,
        TC_URI,
        CUPS_CREDENTIALS,
        TC_CREDENTIALS,
        SIGNATURE,
        UPDATE
    }

    /** What became of a firmware update. */
    public enum Update {
        NONE,
        RAN,
        /** Without a signature although the gateway has keys, or with one that none verifies. */
        REFUSED
    }

    public CupsOutcome {
        requireNonNull(result, "result");
        requireNonNull(set, "set");
        requireNonNull(uri, "uri");
        received = Set.copyOf(received);
        ignored = Set.copyOf(ignored);
        requireNonNull(update, "update");
        requireNonNull(detail, "detail");
        requireNonNull(next, "next");
    }

    /** Whether station got an answer it could use. */
    public boolean isDone() {
        return result == Result.DONE;
    }

    /** Whether the answer was that there is nothing to do. */
    public boolean isNothingToDo() {
        return isDone() && received.isEmpty();
    }
}
