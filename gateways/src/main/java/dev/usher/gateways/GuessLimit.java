package dev.usher.gateways;

import dev.usher.lorawan.Eui64;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Counts wrong guesses at the codes of gateways: each gateway accepts so many a day (UTC), whoever
 * asks, from wherever, alone or in bulk. An EUI that names no gateway counts like any other, so
 * that the count tells nothing.
 */
final class GuessLimit {

    private final int perDay;

    GuessLimit(int perDay) {
        if (perDay < 1) {
            throw new IllegalArgumentException(
                    "the limit of wrong guesses a day is " + perDay + ": use 1 or more");
        }
        this.perDay = perDay;
    }

    /** Today's wrong guesses at these gateways, in the change that {@code handle} belongs to. */
    Guesses today(Handle handle, Collection<Eui64> euis, Instant now) {
        long day = now.getEpochSecond() / ChronoUnit.DAYS.getDuration().toSeconds();
        Map<Eui64, Integer> wrong = new HashMap<>();
        EuiRows.read(
                handle,
                "SELECT eui, wrong FROM claim_guess WHERE day = :day AND eui IN (<euis>)",
                Map.of("day", day),
                euis,
                (row, _) -> Map.entry(new Eui64(row.getLong("eui")), row.getInt("wrong")),
                entry -> wrong.put(entry.getKey(), entry.getValue()));
        return new Guesses(day, wrong);
    }

    final class Guesses {
        private final long day;
        private final Map<Eui64, Integer> before;
        private final Map<Eui64, Integer> added = new HashMap<>();

        private Guesses(long day, Map<Eui64, Integer> before) {
            this.day = day;
            this.before = before;
        }

        boolean isLocked(Eui64 eui) {
            return before.getOrDefault(eui, 0) + added.getOrDefault(eui, 0) >= perDay;
        }

        void countWrong(Eui64 eui) {
            added.merge(eui, 1, Integer::sum);
        }

        /** Writes what was counted, and forgets the days before yesterday. */
        void save(Handle handle) {
            if (added.isEmpty()) {
                return;
            }
            handle.execute("DELETE FROM claim_guess WHERE day < ?", day - 1);
            PreparedBatch rows =
                    handle.prepareBatch(
                            "INSERT INTO claim_guess (eui, day, wrong) VALUES (?, ?, ?) ON CONFLICT"
                                    + " (eui, day) DO UPDATE SET wrong = claim_guess.wrong +"
                                    + " excluded.wrong");
            added.forEach(
                    (eui, wrong) -> rows.bind(0, eui.value()).bind(1, day).bind(2, wrong).add());
            rows.execute();
        }
    }
}
