package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MacCommandsTest {

    static Stream<Arguments> commands() {
        return Stream.of(
                Arguments.of(Direction.UP, "02", new MacCommand.LinkCheckReq()),
                Arguments.of(Direction.DOWN, "020701", new MacCommand.LinkCheckAns(7, 1)),
                Arguments.of(
                        Direction.DOWN, "0352ff0001", new MacCommand.LinkAdrReq(5, 2, 0xFF, 0, 1)),
                Arguments.of(
                        Direction.DOWN,
                        "0330020073",
                        new MacCommand.LinkAdrReq(3, 0, 0x0002, 7, 3)),
                Arguments.of(Direction.UP, "0305", new MacCommand.LinkAdrAns(true, false, true)),
                Arguments.of(Direction.UP, "0307", new MacCommand.LinkAdrAns(true, true, true)),
                Arguments.of(Direction.UP, "0d", new MacCommand.DeviceTimeReq()),
                Arguments.of(
                        Direction.DOWN,
                        "0d0100000080",
                        new MacCommand.DeviceTimeAns(Duration.ofMillis(1_500))),
                Arguments.of(Direction.UP, "0101", new MacCommand.ResetInd(1)),
                Arguments.of(Direction.DOWN, "0101", new MacCommand.ResetConf(1)),
                Arguments.of(Direction.UP, "0b01", new MacCommand.RekeyInd(1)),
                Arguments.of(Direction.DOWN, "0b01", new MacCommand.RekeyConf(1)),
                Arguments.of(Direction.UP, "06ff14", new MacCommand.Other(0x06, hex("ff14"))),
                Arguments.of(Direction.DOWN, "06", new MacCommand.Other(0x06, hex(""))),
                Arguments.of(Direction.DOWN, "2002", new MacCommand.Other(0x20, hex("02"))));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void readsAndWrites(Direction direction, String bytes, MacCommand command) {
        assertThat(MacCommands.parse(direction, hex(bytes)))
                .isEqualTo(new MacCommands(List.of(command), new byte[0]));
        assertThat(MacCommands.bytes(List.of(command))).isEqualTo(hex(bytes));
    }

    @Test
    void readsOneAfterTheOther() {
        assertThat(MacCommands.parse(Direction.UP, hex("0b010d02")).commands())
                .containsExactly(
                        new MacCommand.RekeyInd(1),
                        new MacCommand.DeviceTimeReq(),
                        new MacCommand.LinkCheckReq());
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    # direction, bytes, rest
                    UP,   0280aa02, 80aa02
                    UP,   020e,     0e
                    UP,   0200,     00
                    UP,   0203,     03
                    DOWN, 0207010352ff00, 0352ff00
                    """)
    void stopsAtWhatItDoesNotKnow(Direction direction, String bytes, String rest) {
        MacCommands commands = MacCommands.parse(direction, hex(bytes));
        assertThat(commands.commands()).hasSize(1);
        assertThat(commands.rest()).isEqualTo(hex(rest));
    }

    /** The lengths of LoRaWAN 1.0.4 and 1.1, one digit for each identifier from 01 on. */
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    UP,   1010121001100-11101
                    DOWN, 1241405114115210433
                    """)
    void skipsEveryCommandByItsLength(Direction direction, String lengths) {
        for (int cid = 1; cid <= lengths.length(); cid++) {
            char digit = lengths.charAt(cid - 1);
            byte[] bytes = new byte[16];
            bytes[0] = (byte) cid;
            MacCommands read = MacCommands.parse(direction, bytes);
            // The zeros behind it are no command.
            assertThat(read.rest()).hasSize(digit == '-' ? 16 : 15 - (digit - '0'));
        }
    }

    @Property
    void losesNoByte(@ForAll Direction direction, @ForAll @Size(max = 242) byte[] bytes) {
        MacCommands read = MacCommands.parse(direction, bytes);
        int length = MacCommands.bytes(read.commands()).length;
        assertThat(length + read.rest().length).isEqualTo(bytes.length);
        assertThat(bytes).endsWith(read.rest());
    }

    @Test
    void tellsTheTimeOfGps() {
        MacCommand.DeviceTimeAns answer =
                MacCommand.DeviceTimeAns.at(Instant.parse("2026-11-21T12:00:00.250Z"));
        assertThat(answer.sinceGpsEpoch()).isEqualTo(Duration.ofMillis(1_479_297_618_250L));
        assertThat(answer.payload()[4]).isEqualTo((byte) 64);
    }

    @Test
    void refusesWhatFitsNoCommand() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MacCommand.LinkAdrReq(16, 0, 0, 0, 0))
                .withMessageContaining("16");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MacCommand.LinkAdrReq(0, 0, 0x1_0000, 0, 0))
                .withMessageContaining("65536");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MacCommand.LinkAdrReq(0, 0, 0, 8, 0))
                .withMessageContaining("ChMaskCntl 8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MacCommand.LinkCheckAns(0, 256))
                .withMessageContaining("256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MacCommand.DeviceTimeAns(Duration.ofSeconds(-1)))
                .withMessageContaining("before the GPS epoch");
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
