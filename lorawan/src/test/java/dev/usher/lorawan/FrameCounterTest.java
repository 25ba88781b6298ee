package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameCounterTest {

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    # last, carried, maxGap, whole
                    0,          1,     16384, 1
                    7,          7,     16384, 7
                    7,          8,     16384, 8
                    65535,      0,     16384, 65536
                    65530,      5,     16384, 65541
                    65536,      65535, 65535, 131071
                    100,        16484, 16384, 16484
                    100,        16485, 16384, -1
                    100,        99,    16384, -1
                    100,        99,    65535, 65635
                    4294967294, 65535, 16384, 4294967295
                    4294967295, 0,     16384, -1
                    """)
    void findsTheWholeCounter(long last, int carried, int maxGap, long whole) {
        assertThat(FrameCounter.whole(OptionalLong.of(last), carried, maxGap))
                .isEqualTo(whole < 0 ? OptionalLong.empty() : OptionalLong.of(whole));
    }

    @Test
    void takesTheFirstFrameOfASessionAsItIs() {
        assertThat(FrameCounter.whole(OptionalLong.empty(), 0, FrameCounter.MAX_FCNT_GAP))
                .hasValue(0);
        assertThat(FrameCounter.whole(OptionalLong.empty(), 16384, FrameCounter.MAX_FCNT_GAP))
                .hasValue(16384);
        assertThat(FrameCounter.whole(OptionalLong.empty(), 16385, FrameCounter.MAX_FCNT_GAP))
                .isEmpty();
        assertThat(FrameCounter.whole(OptionalLong.empty(), 65535, FrameCounter.NO_LIMIT))
                .hasValue(65535);
    }

    @Property
    void neverGoesBackAndKeepsTheLowBits(
            @ForAll @LongRange(max = 0xFFFF_FFFFL) long last,
            @ForAll @IntRange(max = 0xFFFF) int carried) {
        FrameCounter.whole(OptionalLong.of(last), carried, FrameCounter.NO_LIMIT)
                .ifPresent(
                        whole ->
                                assertThat(whole)
                                        .isBetween(last, last + 65_535)
                                        .matches(counter -> (counter & 0xFFFF) == carried));
    }

    @Test
    void refusesWhatIsNoCounter() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FrameCounter.whole(OptionalLong.empty(), 65536, 1))
                .withMessageContaining("65536");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FrameCounter.whole(OptionalLong.of(-1), 0, 1))
                .withMessageContaining("-1");
    }
}
