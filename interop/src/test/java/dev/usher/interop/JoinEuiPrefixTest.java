package dev.usher.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.lorawan.Eui64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JoinEuiPrefixTest {

    @ParameterizedTest
    @CsvSource({
        "0000000000000000/0,  FFFFFFFFFFFFFFFF, true",
        "11AA000000000000/16, 11AAFFFFFFFFFFFF, true",
        "11aa000000000000/16, 11AB000000000000, false",
        "70B3D57ED0000000/40, 70B3D57ED0123456, true",
        "70B3D57ED0000000/40, 70B3D57ED1000000, false",
        "8000000000000000/1,  FFFFFFFFFFFFFFFF, true",
        "8000000000000000/1,  7FFFFFFFFFFFFFFF, false",
        "70B3D57ED0000000/64, 70B3D57ED0000000, true",
        "70B3D57ED0000000/64, 70B3D57ED0000001, false",
    })
    void containsWhatBeginsWithIt(String prefix, String joinEui, boolean contains) {
        assertThat(JoinEuiPrefix.parse(prefix).contains(Eui64.parse(joinEui))).isEqualTo(contains);
    }

    @Test
    void isWrittenAsItIsRead() {
        assertThat(JoinEuiPrefix.parse("70b3d57ed0000000/40")).hasToString("70B3D57ED0000000/40");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "70B3D57ED0000000",
                "70B3D57ED0000000/",
                "70B3D57ED0000000/x",
                "70B3D57ED0000000/65",
                "70B3D57ED0000000/-1",
                "70B3D57ED0000001/40",
                "70B3D57ED000000/40",
                "70-B3-D5-7E-D0-00-00-00/40",
                "112233445566/16",
                "::1/64",
            })
    void isNothingElse(String text) {
        assertThatThrownBy(() -> JoinEuiPrefix.parse(text))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
