package dev.usher.network.cups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.network.cups.Trial.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a gateway's asking says of where it was sent. */
class TrialTest {

    private static final Instant TOLD = Instant.parse("2026-11-21T10:00:00Z");
    private static final Duration GRACE = Duration.ofMinutes(15);

    /** When it asked, in minutes since it was told, and what is thought of it at the last time. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # handed on | it asks at          | verdict
                    false       | 8                   | OPEN
                    false       | 8 16                | OPEN
                    false       | 8 16 24             | FAILED
                    false       | 1 2 3               | OPEN
                    false       | 1 2 3 15            | FAILED
                    # connected: two days in a row, a restart or two in between
                    false       | 1440                | OPEN
                    false       | 1440 2880           | WORKS
                    false       | 300                 | OPEN
                    false       | 300 600 900         | OPEN
                    false       | 300 301 302         | OPEN
                    false       | 300 1740 3180       | WORKS
                    # it was without power for a day, or for two
                    false       | 1440 1448 1456      | FAILED
                    false       | 8 1440 1448 1456    | FAILED
                    false       | 1440 1448 2880 2888 | OPEN
                    # it worked for hours and then no more
                    false       | 300 308 316         | FAILED
                    # a gateway that comes back is not where it was handed on to
                    true        | 1                   | OPEN
                    true        | 1 2                 | OPEN
                    true        | 8 17                | FAILED
                    true        | 1440 2880           | FAILED
                    """)
    void judgesByWhenItAsks(boolean isHandedOn, String minutes, Verdict verdict) {
        Trial trial = Trial.begun(TOLD, TOLD);
        Verdict last = Verdict.OPEN;
        for (String minute : minutes.split(" ", -1)) {
            Instant now = TOLD.plus(Duration.ofMinutes(Long.parseLong(minute)));
            last = trial.verdict(now, isHandedOn, GRACE);
            trial = trial.again(now, isHandedOn);
        }
        assertThat(last).isEqualTo(verdict);
    }
}
