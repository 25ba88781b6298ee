package dev.usher.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {

    private Instant now = Instant.parse("2026-05-01T00:00:00Z");
    private final CircuitBreaker breaker = new CircuitBreaker(3, Duration.ofSeconds(30), () -> now);

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            assertThat(breaker.refusal()).isEmpty();
            breaker.failed("did not answer");
        }
    }

    @Test
    void opensAfterSomeFailuresInARow() {
        fail(2);
        breaker.succeeded();
        fail(3);
        assertThat(breaker.refusal())
                .contains(
                        "is not asked for 30 s, after 3 failures in a row, of which the last: it"
                                + " did not answer");
    }

    @Test
    void tellsOnceThatItOpened() {
        assertThat(breaker.failed("x")).isFalse();
        assertThat(breaker.failed("x")).isFalse();
        assertThat(breaker.failed("x")).isTrue();
        assertThat(breaker.failed("x")).isFalse();
    }

    @Test
    void closesAfterOneGoodProbe() {
        fail(3);
        now = now.plusSeconds(30);
        assertThat(breaker.refusal()).isEmpty();
        assertThat(breaker.refusal())
                .contains(
                        "is not asked until one request has gone well, after 3 failures in a row,"
                                + " of which the last: it did not answer");
        breaker.succeeded();
        fail(2);
        assertThat(breaker.refusal()).isEmpty();
    }

    @Test
    void opensAgainAfterOneBadProbe() {
        fail(3);
        now = now.plusSeconds(30);
        fail(1);
        assertThat(breaker.refusal()).isPresent();
        now = now.plusSeconds(30);
        assertThat(breaker.refusal()).isEmpty();
    }

    @Test
    void takesAnotherProbeWhenOneWasGivenUp() {
        fail(3);
        now = now.plusSeconds(30);
        assertThat(breaker.refusal()).isEmpty();
        breaker.givenUp();
        assertThat(breaker.refusal()).isEmpty();
    }

    @Test
    void needsAFailureToOpen() {
        assertThatThrownBy(() -> new CircuitBreaker(0, Duration.ofSeconds(1), () -> now))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("mostFailures is 0, not 1 or more");
    }
}
