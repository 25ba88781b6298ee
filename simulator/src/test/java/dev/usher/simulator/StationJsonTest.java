package dev.usher.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usher.station.MalformedMessageException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON as station reads it. */
class StationJsonTest {

    @Test
    void readsWhatOthersDoNot() {
        StationJson json =
                StationJson.parse(
                        "/* first */ {\"n\": 1, /* why not */ \"n\" : 2,"
                                + " \"big\": 18446744073709551615, \"s\": \"a\\u0062\\n\"}\n");
        assertThat(json.whole("n")).as("the last of two").isEqualTo(2);
        assertThat(json.whole("big")).as("wraps at 64 bits").isEqualTo(-1);
        assertThat(json.text("s")).contains("ab\n");
    }

    @ParameterizedTest
    @CsvSource({
        "'00-00-00-00-00-00-00-A1', A1",
        "'00000000000000a1', A1",
        "'A1', A1",
    })
    void readsEuisWithAndWithoutDashes(String text, String hex) {
        assertThat(StationJson.parse("{\"e\":\"" + text + "\"}").eui("e"))
                .isEqualTo(Long.parseLong(hex, 16));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{}{}",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{\"a\":1 \"b\":2}",
                "{\"a\":tru}",
                "{\"a\":+1}",
                "{\"a\":.5}",
                "{\"a\":1.}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":\"open}",
                "{/* open}",
                "{\"a\":[1 2]}",
                "{\"a\":[[[[[[[[1]]]]]]]]}",
            })
    void refusesWhatStationRefuses(String text) {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> StationJson.parse(text));
    }

    @Property(tries = 2000)
    void neverFailsOtherwise(@ForAll String text) {
        try {
            assertThat(StationJson.parse(text)).isNotNull();
        } catch (MalformedMessageException e) {
            assertThat(e).hasMessageStartingWith("at character ");
        }
    }
}
