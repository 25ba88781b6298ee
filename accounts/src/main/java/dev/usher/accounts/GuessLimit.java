package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Counts wrong guesses at the secrets things are claimed with: each thing accepts so many a day
 * (UTC), whoever asks, from wherever, alone or in bulk.
 */
public final class GuessLimit {

    private final String kind;
    private final int perDay;

    /** What is claimed; each kind has its own count of an EUI. */
    public enum Kind {
        GATEWAY,
        DEVICE,
        /** A gateway that somebody claims on this network, here or elsewhere. */
        NETWORK_GATEWAY
    }

    public GuessLimit(Kind kind, int perDay) {
        if (perDay < 1) {
            throw new IllegalArgumentException(
                    "the limit of wrong guesses a day is " + perDay + ": use 1 or more");
        }
        this.kind = requireNonNull(kind, "kind").name().toLowerCase(Locale.ROOT);
        this.perDay = perDay;
    }

    /** Today's wrong guesses at these things, in the change that {@code handle} belongs to. */
    public Guesses today(Handle handle, Collection<Eui64> euis, Instant now) {
        long day = now.getEpochSecond() / ChronoUnit.DAYS.getDuration().toSeconds();
        Map<Eui64, Integer> wrong = new HashMap<>();
        EuiRows.read(
                handle,
                """
                SELECT eui, wrong FROM claim_guess
                WHERE kind = :kind AND day = :day AND eui IN (<euis>)
                """,
                Map.of("kind", kind, "day", day),
                euis,
                (row, _) -> Map.entry(new Eui64(row.getLong("eui")), row.getInt("wrong")),
                entry -> wrong.put(entry.getKey(), entry.getValue()));
        return new Guesses(day, wrong);
    }

    /** The wrong guesses of one day, counted within one change. */
    public final class Guesses {
        private final long day;
        private final Map<Eui64, Integer> before;
        private final Map<Eui64, Integer> added = new HashMap<>();

        private Guesses(long day, Map<Eui64, Integer> before) {
            this.day = day;
            this.before = before;
        }

        public boolean isLocked(Eui64 eui) {
            return before.getOrDefault(eui, 0) + added.getOrDefault(eui, 0) >= perDay;
        }

        public void countWrong(Eui64 eui) {
            added.merge(eui, 1, Integer::sum);
        }

        /** Writes what was counted, and forgets the days before yesterday. */
        public void save(Handle handle) {
            if (added.isEmpty()) {
                return;
            }
            handle.execute("DELETE FROM claim_guess WHERE day < ?", day - 1);
            PreparedBatch rows =
                    handle.prepareBatch(
                            """
                            INSERT INTO claim_guess (kind, eui, day, wrong) VALUES (?, ?, ?, ?)
                            ON CONFLICT (kind, eui, day)
                                DO UPDATE SET wrong = claim_guess.wrong + excluded.wrong
                            """);
            added.forEach(
                    (eui, wrong) ->
                            rows.bind(0, kind)
                                    .bind(1, eui.value())
                                    .bind(2, day)
                                    .bind(3, wrong)
                                    .add());
            rows.execute();
        }
    }
}
