package dev.usher.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code validateAuthToken} of station 2.0.6 takes. */
class HeaderLinesTest {

    @ParameterizedTest
    @ValueSource(strings = {"A: b", "A: b\r\n", "A: b\n", "A: b\r\n\r\n", "A: b\n\n", "A: b\0c"})
    void endInOneCrlf(String file) throws ContactFailure {
        assertThat(HeaderLines.parse(file)).isEqualTo("A: b\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\r\n", "\n\n", "\0"})
    void mayBeNone(String file) throws ContactFailure {
        assertThat(HeaderLines.parse(file)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"A: b\r\nC-d_1: e: f\r\nG: h", "A: b\r\nC-d_1: e: f\nG: h\r\n"})
    void mayBeSeveral(String file) throws ContactFailure {
        assertThat(HeaderLines.parse(file)).isEqualTo("A: b\r\nC-d_1: e: f\r\nG: h\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Bearer x", "A:b", ": b", "A b: c", "A: b\r\nc\r\n", "A: b\r\n\r\nC: d"})
    void needNameAndColonAndSpace(String file) {
        assertThatExceptionOfType(ContactFailure.class)
                .isThrownBy(() -> HeaderLines.parse(file))
                .withMessageContaining("malformed auth token");
    }

    @ParameterizedTest
    @ValueSource(strings = {"A: b\nC: d", "A: b\r\nC: d\nE: f\nG: h"})
    void overrunItsMemoryWithLfAlone(String file) {
        assertThatExceptionOfType(ContactFailure.class)
                .isThrownBy(() -> HeaderLines.parse(file))
                .withMessageContaining("without CRLF");
    }
}
