package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Id6Test {

    @ParameterizedTest
    @CsvSource({
        // ID6 as station writes it
        "::0,                      0000000000000000",
        "::1,                      0000000000000001",
        "::a:b,                    00000000000A000B",
        "1::,                      0001000000000000",
        "1:2::,                    0001000200000000",
        "f::1,                     000F000000000001",
        "f:a123:f8:100,            000FA12300F80100",
        "0:ff:fe00:abc,            000000FFFE000ABC",
        "b827:ebff:fe12:3456,      B827EBFFFE123456",
        // forms station reads but does not write
        "1::2:3,                   0001000000020003",
        "1:2::3,                   0001000200000003",
        "::1:2:3,                  0000000100020003",
        "ff:fe00:abc,              000000FFFE000ABC",
        // EUI-64 and MAC
        "00-00-00-FF-FE-00-0A-BC,  000000FFFE000ABC",
        "00:00:00:ff:fe:00:0a:bc,  000000FFFE000ABC",
        "01-02-03-04-05-06-07-08,  0102030405060708",
        "58A0CBFFFE800BE7,         58A0CBFFFE800BE7",
        "58a0cb800be7,             58A0CBFFFE800BE7",
        "58:A0:CB:80:0B:E7,        58A0CBFFFE800BE7",
        "58-a0-cb-80-0b-e7,        58A0CBFFFE800BE7",
        // with a category in front
        "router-::1,               0000000000000001",
        "muxs-::0,                 0000000000000000",
        "rens-1::2,                0001000000000002",
    })
    void readsEveryFormPeersWrite(String text, String eui) {
        assertThat(Eui64.parse(text)).hasToString(eui);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "::",
                ":",
                "a:b",
                ":::1",
                "1::2::3",
                "1:2:3:4:5",
                "12345::1",
                "0x12",
                "eui-58A0CBFFFE800BE7",
                "g::1",
                "aa:bb:cc:01:02-03",
                "58A0CBFFFE800BE",
                "58A0CBFFFE800BE77",
                "00-00-00-FF-FE-00-0A",
                "::1 ",
                " ::1",
                ":1:2:3",
                "1:2:3:",
                "1:2:3:4::",
                "::1:2:3:4",
                "router-",
                "ab-::1",
                "١::1"
            })
    void refusesEverythingElse(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Id6.parse(text))
                .withMessageStartingWith("'" + text + "' is not an EUI");
    }

    @Property
    void readsBackWhatItWrites(@ForAll long value) {
        assertThat(Id6.parse(Id6.format(value))).isEqualTo(value);
        assertThat(Eui64.parse(new Eui64(value).toString()).value()).isEqualTo(value);
    }

    @Property
    void readsSparseIdsBack(
            @ForAll byte a,
            @ForAll byte b,
            @ForAll @IntRange(max = 3) int i,
            @ForAll @IntRange(max = 3) int k) {
        long value = ((a & 0xFFL) << (16 * i)) | ((b & 0xFFL) << (16 * k));
        assertThat(Id6.parse(Id6.format(value))).isEqualTo(value);
    }

    @Property
    void neverFailsButAsDeclared(@ForAll String text) {
        try {
            Id6.parse(text);
        } catch (IllegalArgumentException declared) {
            assertThat(declared)
                    .hasMessageContaining("is not an EUI")
                    .isNotInstanceOf(NumberFormatException.class);
        }
    }
}
