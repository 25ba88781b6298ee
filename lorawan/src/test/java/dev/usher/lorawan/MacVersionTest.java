package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MacVersionTest {

    @ParameterizedTest
    @CsvSource({
        "1.0,         V1_0_0",
        "1.0.0,       V1_0_0",
        "1.0.1,       V1_0_1",
        "1.0.2,       V1_0_2",
        "1.0.2B,      V1_0_2",
        "1.0.2 rev B, V1_0_2",
        "1.0.2-RevA,  V1_0_2",
        "1.0.3,       V1_0_3",
        "1.0.4,       V1_0_4",
        "1.1,         V1_1_0",
        "1.1.0,       V1_1_0",
        "1.1.1,       V1_1_1",
    })
    void readsWhatNetworkServersWrite(String text, MacVersion version) {
        assertThat(MacVersion.parse(text)).isEqualTo(version);
    }

    @ParameterizedTest
    @EnumSource
    void readsBackWhatItWrites(MacVersion version) {
        assertThat(MacVersion.parse(version.text())).isEqualTo(version);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1.", "1.0.5", "1.1.2", "1.2", "1.0.10", "2.0", "1.0.2 or so"})
    void refusesWhatItDoesNotKnow(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MacVersion.parse(text))
                .withMessageStartingWith("'" + text + "' is not a LoRaWAN version");
    }

    @Property
    void neverFailsButAsDeclared(@ForAll String text) {
        try {
            assertThat(MacVersion.parse(text)).isNotNull();
        } catch (IllegalArgumentException declared) {
            assertThat(declared).hasMessageContaining("is not a LoRaWAN version");
        }
    }

    @Test
    void knowsWhatCameWhen() {
        assertThat(Arrays.stream(MacVersion.values()).filter(MacVersion::isR1_1))
                .isEqualTo(List.of(MacVersion.V1_1_0, MacVersion.V1_1_1));
        assertThat(Arrays.stream(MacVersion.values()).filter(MacVersion::countsDevNonces))
                .isEqualTo(List.of(MacVersion.V1_0_4, MacVersion.V1_1_0, MacVersion.V1_1_1));
    }
}
