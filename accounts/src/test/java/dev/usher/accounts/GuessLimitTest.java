package dev.usher.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.lorawan.Eui64;
import dev.usher.store.Database;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

@EveryEngine
class GuessLimitTest {

    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Eui64 EUI = Eui64.parse("58A0CBFFFE800BE7");
    private static final Eui64 OTHER = Eui64.parse("58A0CBFFFE800BE8");

    private final Database database;
    private final GuessLimit gateways = new GuessLimit(GuessLimit.Kind.GATEWAY, 2);
    private final GuessLimit devices = new GuessLimit(GuessLimit.Kind.DEVICE, 2);

    GuessLimitTest(TestDatabase engine) {
        database = engine.emptied();
    }

    @Test
    void soManyWrongGuessesLockForTheDay() {
        assertThat(guessWrong(gateways, NOON)).isFalse();
        assertThat(guessWrong(gateways, NOON)).isTrue();
        assertThat(isLocked(gateways, EUI, NOON)).isTrue();
        assertThat(isLocked(gateways, OTHER, NOON)).isFalse();
        assertThat(isLocked(gateways, EUI, NOON.plus(Duration.ofHours(12)))).isFalse();
    }

    @Test
    void guessesWithinOneChangeCountAtOnce() {
        boolean locked =
                database.write(
                        handle -> {
                            GuessLimit.Guesses guesses = gateways.today(handle, List.of(EUI), NOON);
                            guesses.countWrong(EUI);
                            guesses.countWrong(EUI);
                            return guesses.isLocked(EUI);
                        });
        assertThat(locked).isTrue();
    }

    @Test
    void aGatewayAndADeviceWithTheSameEuiShareNoCount() {
        guessWrong(gateways, NOON);
        guessWrong(gateways, NOON);
        guessWrong(devices, NOON);
        assertThat(isLocked(gateways, EUI, NOON)).isTrue();
        assertThat(isLocked(devices, EUI, NOON)).isFalse();
    }

    @Test
    void aLimitOfNoneIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GuessLimit(GuessLimit.Kind.DEVICE, 0))
                .withMessage("the limit of wrong guesses a day is 0: use 1 or more");
    }

    /** Whether it is locked after that. */
    private boolean guessWrong(GuessLimit limit, Instant now) {
        return database.write(
                handle -> {
                    GuessLimit.Guesses guesses = limit.today(handle, List.of(EUI), now);
                    guesses.countWrong(EUI);
                    guesses.save(handle);
                    return guesses.isLocked(EUI);
                });
    }

    private boolean isLocked(GuessLimit limit, Eui64 eui, Instant now) {
        return database.read(handle -> limit.today(handle, List.of(eui), now).isLocked(eui));
    }
}
