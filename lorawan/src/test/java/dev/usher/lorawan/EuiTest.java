package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EuiTest {

    @Test
    void ordersAsUnsignedNumbers() {
        assertThat(Eui64.parse("7FFFFFFFFFFFFFFF")).isLessThan(Eui64.parse("8000000000000000"));
    }

    @Test
    void givesBackTheMacItWasMadeOf() {
        assertThat(Eui64.parse("58:A0:CB:80:0B:E7").mac()).isEqualTo("58A0CB800BE7");
        assertThat(Eui64.parse("::1").hasMac()).isFalse();
        assertThatIllegalStateException()
                .isThrownBy(Eui64.parse("::1")::mac)
                .withMessageContaining("FFFE");
    }

    @ParameterizedTest
    @CsvSource({
        "58A0CBFFFE800000/40,                58A0CBFFFE000000, 58A0CBFFFEFFFFFF, false",
        "58A0CBFFFE000000/40,                58A0CBFFFE000000, 58A0CBFFFEFFFFFF, true",
        "58A0CBFFFE800000/44,                58A0CBFFFE800000, 58A0CBFFFE8FFFFF, true",
        "0000000000000000/0,                 0000000000000000, FFFFFFFFFFFFFFFF, true",
        "70B3D57ED0000000/64,                70B3D57ED0000000, 70B3D57ED0000000, true",
        "58A0CB800000-58A0CB80FFFF,          58A0CBFFFE800000, 58A0CBFFFE80FFFF, true",
        "58-A0-CB-80-00-00..58-A0-CB-80-00-09, 58A0CBFFFE800000, 58A0CBFFFE800009, true",
    })
    void readsRanges(String text, String first, String last, boolean valid) {
        if (valid) {
            assertThat(EuiRange.parse(text))
                    .isEqualTo(new EuiRange(Eui64.parse(first), Eui64.parse(last)));
        } else {
            // 40 bits fix 58A0CBFFFE; the 80 after it would be lost without a word
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EuiRange.parse(text))
                    .withMessageContaining("write " + first);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "58A0CBFFFE800000,                   is not an EUI range",
        "58A0CBFFFE800000/65,                is not between 0 and 64",
        "58A0CBFFFE800000/x,                 is not a number of bits",
        "58A0CBFFFE800009-58A0CBFFFE800000,  ends before it begins",
        "58A0CBFFFE800009-nope,              is not an EUI: write 16",
        "a-b-c,                              is not an EUI range",
    })
    void saysWhatIsWrongWithARange(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EuiRange.parse(text))
                .withMessageContaining(message);
    }

    @Test
    void countsAndListsItsEuis() {
        EuiRange top = EuiRange.parse("FFFFFFFFFFFFFFFE-FFFFFFFFFFFFFFFF");
        assertThat(top.stream()).containsExactly(top.first(), top.last());
        assertThat(EuiRange.parse("0000000000000000/0").size())
                .isEqualTo(BigInteger.ONE.shiftLeft(64));
        assertThat(EuiRange.parse("58A0CBFFFE800000/44")).hasToString("58A0CBFFFE800000/44");
        assertThat(EuiRange.parse("58A0CBFFFE800000-58A0CBFFFE800002"))
                .hasToString("58A0CBFFFE800000-58A0CBFFFE800002");
    }

    @Test
    void overlapsWhenTheyShareOneEui() {
        EuiRange range = EuiRange.parse("58A0CBFFFE800000-58A0CBFFFE80FFFF");
        assertThat(range.overlaps(EuiRange.parse("58A0CBFFFE80FFFF-58A0CBFFFE90FFFF"))).isTrue();
        assertThat(range.overlaps(EuiRange.parse("58A0CBFFFE810000-58A0CBFFFE90FFFF"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"010203040506", "01-02-03-04-05-06", "01:02:03:04:05:06", "0A0b0C0d0E0f"})
    void theEuiOfADeviceIsNoMac(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Eui64.parseOfDevice(text))
                .withMessageContaining("has 12 hex digits: a DevEUI, JoinEUI or NSID has 16");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0102030405060708", "01-02-03-04-05-06-07-08", "102:304:506:708"})
    void theEuiOfADeviceIsReadInAllOtherForms(String text) {
        assertThat(Eui64.parseOfDevice(text)).isEqualTo(Eui64.parse("0102030405060708"));
    }
}
