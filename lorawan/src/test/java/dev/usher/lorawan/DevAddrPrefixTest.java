package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DevAddrPrefixTest {

    /** One NetID of each type, among them those of networks whose prefixes are published. */
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    000000, 00000000/7
                    000001, 02000000/7
                    000013, 26000000/7
                    20003F, BF000000/8
                    400004, C0400000/12
                    600001, E0020000/15
                    800001, F0008000/17
                    A00001, F8002000/19
                    C00053, FC014C00/22
                    E00001, FE000080/25
                    """)
    void knowsTheBlockOfEveryKindOfNetId(String netId, String prefix) {
        assertThat(DevAddrPrefix.of(NetId.parse(netId))).hasToString(prefix);
    }

    @Test
    void givesOutItsAddresses() {
        DevAddrPrefix prefix = DevAddrPrefix.of(NetId.parse("000013"));
        assertThat(prefix.size()).isEqualTo(1 << 25);
        assertThat(prefix.address(0)).isEqualTo(DevAddr.parse("26000000"));
        assertThat(prefix.address(prefix.size() - 1)).isEqualTo(DevAddr.parse("27FFFFFF"));
        assertThat(prefix.contains(DevAddr.parse("27000001"))).isTrue();
        assertThat(prefix.contains(DevAddr.parse("28000000"))).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prefix.address(prefix.size()))
                .withMessageContaining("33554432");
    }

    @Property
    void containsWhatItGivesOut(@ForAll @IntRange(max = 0xFF_FFFF) int netId) {
        DevAddrPrefix prefix = DevAddrPrefix.of(new NetId(netId));
        assertThat(prefix.contains(prefix.address(0))).isTrue();
        assertThat(prefix.contains(prefix.address(prefix.size() - 1))).isTrue();
    }

    @Test
    void refusesBitsBeyondThePrefix() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DevAddrPrefix(0x01000000, 7))
                .withMessageContaining("01000000");
    }
}
