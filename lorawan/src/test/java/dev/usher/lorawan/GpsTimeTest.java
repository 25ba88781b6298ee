package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class GpsTimeTest {

    @Test
    void countsFromTheGpsEpochWithoutLeapSeconds() {
        Instant instant = Instant.parse("2026-11-21T10:00:00.000250Z");
        assertThat(GpsTime.of(instant))
                .isEqualTo(Duration.ofSeconds(1_479_290_418L).plusNanos(250_000));
        assertThat(GpsTime.micros(instant)).isEqualTo(1_479_290_418_000_250L);
    }
}
