package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameCryptographyTest {

    private static final DevAddr ADDRESS = DevAddr.parse("01020304");
    private static final AesKey APP_S_KEY = AesKey.parse("01".repeat(16));
    private static final NetworkSessionKeys R1_1 =
            new NetworkSessionKeys.R1_1(
                    AesKey.parse("02".repeat(15) + "03"),
                    AesKey.parse("02".repeat(16)),
                    AesKey.parse("02".repeat(15) + "04"));

    /** The frame in the README of the npm package lora-packet. */
    @Test
    void opensThePublishedFrameOfLoraPacket() {
        NetworkSessionKeys keys = r1_0("44024241ed4ce9a68c6a8bc055233fd3");
        DataFrame frame = frame("40F17DBE4900020001954378762B11FF0D");
        assertThat(FrameCryptography.isAuthentic(keys, frame, 2, MicContext.NONE)).isTrue();
        assertThat(FrameCryptography.isAuthentic(keys, frame, 0x1_0002, MicContext.NONE)).isFalse();
        AesKey appSKey = AesKey.parse("ec925802ae430ca77fd3dd73cb2cc588");
        assertThat(FrameCryptography.payload(appSKey, frame, 2)).asString().isEqualTo("test");
    }

    /** Frames from the tests of the Go package brocaar/lorawan. */
    @Test
    void makesThePublishedFramesOf1_0() {
        assertThat(
                        FrameCryptography.seal(
                                r1_0("02".repeat(16)),
                                APP_S_KEY,
                                DataMessage.up(ADDRESS, 1)
                                        .with(Set.of(FrameFlag.ADR))
                                        .withPayload(1, ascii("hello")),
                                MicContext.NONE))
                .isEqualTo(frame("4004030201800100" + "01a694642615" + "d6c3b582"));
        assertThat(
                        FrameCryptography.seal(
                                r1_0("01".repeat(16)),
                                APP_S_KEY,
                                DataMessage.up(ADDRESS, 0)
                                        .withCommands(
                                                List.of(
                                                        new MacCommand.LinkCheckReq(),
                                                        new MacCommand.LinkAdrAns(
                                                                true, false, true)))
                                        .withPayload(1, new byte[] {1, 2, 3, 4}),
                                MicContext.NONE))
                .isEqualTo(frame("4004030201030000" + "020305" + "016a3798f5" + "b64dc039"));
        assertThat(
                        FrameCryptography.seal(
                                r1_0("01".repeat(16)),
                                DataMessage.up(ADDRESS, 0).withPayload(0, hex("020305")),
                                MicContext.NONE))
                .isEqualTo(frame("4004030201000000" + "0069369e" + "ee6aa508"));
    }

    /** As above; uplinks with DR2 in channel 3, and frame 1 is the one acknowledged. */
    @Test
    void makesThePublishedFramesOf1_1() {
        MicContext context = new MicContext(1, 2, 3);
        DataMessage hello = DataMessage.up(ADDRESS, 1).with(Set.of(FrameFlag.ADR));
        assertThat(
                        FrameCryptography.seal(
                                R1_1, APP_S_KEY, hello.withPayload(1, ascii("hello")), context))
                .isEqualTo(frame("4004030201800100" + "01a694642615" + "7612366a"));
        assertThat(
                        FrameCryptography.seal(
                                R1_1,
                                APP_S_KEY,
                                hello.with(Set.of(FrameFlag.ACK)).withPayload(1, ascii("hello")),
                                context))
                .isEqualTo(frame("4004030201a00100" + "01a694642615" + "f842c4b9"));
        assertThat(
                        FrameCryptography.seal(
                                R1_1,
                                DataMessage.down(ADDRESS, 0)
                                        .withCommands(List.of(new MacCommand.LinkCheckAns(7, 1))),
                                context))
                .isEqualTo(frame("6004030201030000" + "dfb4f1" + "e24f1f9f"));
    }

    @Test
    void decryptsTheCommandsOf1_1WhereverTheyAre() {
        assertThat(FrameCryptography.commands(R1_1, frame("6004030201030000dfb4f1e24f1f9f"), 0))
                .isEqualTo(hex("020701"));
        DataFrame port0 =
                FrameCryptography.seal(
                        R1_1,
                        DataMessage.up(ADDRESS, 0).withPayload(0, hex("0b01")),
                        MicContext.NONE);
        assertThat(port0.frmPayload()).isNotEqualTo(hex("0b01"));
        assertThat(FrameCryptography.commands(R1_1, port0, 0)).isEqualTo(hex("0b01"));
    }

    @Test
    void leavesTheCommandsOf1_0AsTheyAre() {
        DataMessage message =
                DataMessage.down(ADDRESS, 9)
                        .withCommands(List.of(new MacCommand.LinkCheckAns(20, 3)));
        DataFrame frame = FrameCryptography.seal(r1_0("0a".repeat(16)), message, MicContext.NONE);
        assertThat(frame.fOpts()).isEqualTo(hex("021403"));
    }

    /** The two counters of 1.1 downlinks may be equal, so the key streams must differ. */
    @Test
    void encryptsCommandsByTheCounterThatTheFrameHas() {
        DataMessage commands =
                DataMessage.down(ADDRESS, 3).withCommands(List.of(new MacCommand.RekeyConf(1)));
        DataFrame network = FrameCryptography.seal(R1_1, commands, MicContext.NONE);
        DataFrame application =
                FrameCryptography.seal(
                        R1_1, APP_S_KEY, commands.withPayload(5, new byte[1]), MicContext.NONE);
        assertThat(network.fOpts()).isNotEqualTo(application.fOpts());
        assertThat(FrameCryptography.commands(R1_1, network, 3))
                .isEqualTo(FrameCryptography.commands(R1_1, application, 3))
                .isEqualTo(hex("0b01"));
    }

    @Property
    void opensWhatItSealed(
            @ForAll("sessions") NetworkSessionKeys keys,
            @ForAll("keys") AesKey appSKey,
            @ForAll("messages") DataMessage message,
            @ForAll("contexts") MicContext context) {
        DataFrame frame = FrameCryptography.seal(keys, appSKey, message, context);
        DataFrame read = DataFrame.parse(frame.phyPayload());
        assertThat(read).isEqualTo(frame);
        assertThat(read.direction()).isEqualTo(message.direction());
        assertThat(read.devAddr()).isEqualTo(message.devAddr());
        assertThat(read.fCnt()).isEqualTo((int) (message.fCnt() & 0xFFFF));
        assertThat(read.fPort()).isEqualTo(message.fPort());
        for (FrameFlag flag : FrameFlag.values()) {
            assertThat(read.has(flag)).isEqualTo(message.flags().contains(flag));
        }
        assertThat(FrameCryptography.isAuthentic(keys, read, message.fCnt(), context)).isTrue();
        if (message.fPort().equals(OptionalInt.of(0))) {
            assertThat(FrameCryptography.commands(keys, read, message.fCnt()))
                    .isEqualTo(message.frmPayload());
        } else {
            assertThat(FrameCryptography.commands(keys, read, message.fCnt()))
                    .isEqualTo(message.fOpts());
            assertThat(FrameCryptography.payload(appSKey, read, message.fCnt()))
                    .isEqualTo(message.frmPayload());
        }
    }

    @Property(tries = 200)
    void refusesWhatWasChanged(
            @ForAll("sessions") NetworkSessionKeys keys,
            @ForAll("messages") DataMessage message,
            @ForAll @IntRange(max = 254) int where,
            @ForAll @IntRange(max = 7) int bit) {
        DataFrame frame = FrameCryptography.seal(keys, APP_S_KEY, message, MicContext.NONE);
        byte[] bytes = frame.phyPayload();
        bytes[where % bytes.length] ^= (byte) (1 << bit);
        DataFrame changed;
        try {
            changed = DataFrame.parse(bytes);
        } catch (MalformedFrameException alsoRefused) {
            return;
        }
        assertThat(FrameCryptography.isAuthentic(keys, changed, message.fCnt(), MicContext.NONE))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    1, 2, 3, 2, 3, true
                    2, 2, 3, 2, 3, false
                    1, 1, 3, 2, 3, false
                    1, 2, 4, 2, 3, false
                    """)
    void bindsA1_1UplinkToWhatItAcknowledgesAndHowItWasSent(
            int confFCnt, int dataRate, int channel, int sentDr, int sentCh, boolean authentic) {
        DataMessage message = DataMessage.up(ADDRESS, 1).with(Set.of(FrameFlag.ACK));
        DataFrame frame = FrameCryptography.seal(R1_1, message, new MicContext(1, sentDr, sentCh));
        assertThat(
                        FrameCryptography.isAuthentic(
                                R1_1, frame, 1, new MicContext(confFCnt, dataRate, channel)))
                .isEqualTo(authentic);
    }

    @Test
    void needsTheAppSKeyForAnApplication() {
        DataMessage message = DataMessage.down(ADDRESS, 1).withPayload(10, new byte[3]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FrameCryptography.seal(R1_1, message, MicContext.NONE))
                .withMessage("port 10 is the application's: its payload needs the AppSKey");
    }

    @Test
    void refusesMessagesThatFitNoFrame() {
        DataMessage down = DataMessage.down(ADDRESS, 1);
        List<MacCommand> many = List.of(new MacCommand.Other(0x80, new byte[15]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> down.withCommands(many))
                .withMessageContaining("FOpts of 16 bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> down.withPayload(1, new byte[243]))
                .withMessageContaining("needs 256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> down.withPayload(256, new byte[0]))
                .withMessageContaining("256");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                down.withCommands(List.of(new MacCommand.RekeyConf(1)))
                                        .withPayload(0, new byte[1]))
                .withMessageContaining("both");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> down.with(Set.of(FrameFlag.ADR_ACK_REQ)))
                .withMessageContaining("ADR_ACK_REQ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataMessage.up(ADDRESS, 1L << 32))
                .withMessageContaining("4294967296");
    }

    @Test
    void showsNoDataOfAnApplication() {
        assertThat(DataMessage.down(ADDRESS, 1).withPayload(10, ascii("secret")))
                .hasToString(
                        "DataMessage[DOWN 01020304 FCnt 1 [], FOpts 0 bytes, FPort 10, FRMPayload"
                                + " 6 bytes]");
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    '', has 0
                    4004030201000000112233, has 11
                    00040302010000001122334455, PHYPayload with 00
                    41040302010000001122334455, PHYPayload with 41
                    e0040302010000001122334455, PHYPayload with E0
                    400403020102000011223344, announces 2 bytes of FOpts
                    40040302010f0000112233445566778811223344, announces 15 bytes of FOpts
                    4004030201010000020011223344, both FOpts and FRMPayload
                    """)
    void refusesBytesThatAreNoDataFrame(String bytes, String complaint) {
        assertThatExceptionOfType(MalformedFrameException.class)
                .isThrownBy(() -> frame(bytes))
                .withMessageContaining(complaint);
    }

    @Property
    void failsOnlyAsDeclared(@ForAll @Size(max = 260) byte[] bytes) {
        assertThatFailsOnlyAsDeclared(bytes);
    }

    @Property
    void failsOnlyAsDeclaredOnWhatBeginsWell(@ForAll @Size(min = 6, max = 40) byte[] bytes) {
        bytes[0] = (byte) (0x40 | (bytes[0] & 0x20));
        bytes[5] &= (byte) 0xF3;
        assertThatFailsOnlyAsDeclared(bytes);
    }

    static void assertThatFailsOnlyAsDeclared(byte[] bytes) {
        try {
            DataFrame frame = DataFrame.parse(bytes);
            assertThat(frame.phyPayload()).isEqualTo(bytes);
            int length =
                    8
                            + frame.fOpts().length
                            + (frame.fPort().isPresent() ? 1 : 0)
                            + frame.frmPayload().length
                            + 4;
            assertThat(length).isEqualTo(bytes.length);
            byte[] commands = FrameCryptography.commands(R1_1, frame, frame.fCnt());
            MacCommands read = MacCommands.parse(frame.direction(), commands);
            assertThat(MacCommands.bytes(read.commands()).length + read.rest().length)
                    .isEqualTo(commands.length);
        } catch (MalformedFrameException declared) {
            assertThat(declared).hasMessageNotContaining("\n");
        }
    }

    @Provide
    static Arbitrary<AesKey> keys() {
        return Arbitraries.bytes().array(byte[].class).ofSize(16).map(AesKey::of);
    }

    @Provide
    static Arbitrary<NetworkSessionKeys> sessions() {
        return Arbitraries.oneOf(
                keys().map(NetworkSessionKeys.R1_0::new),
                Combinators.combine(keys(), keys(), keys()).as(NetworkSessionKeys.R1_1::new));
    }

    @Provide
    static Arbitrary<MicContext> contexts() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 0xFFFF),
                        Arbitraries.integers().between(0, 15),
                        Arbitraries.integers().between(0, 255))
                .as(MicContext::new);
    }

    @Provide
    static Arbitrary<DataMessage> messages() {
        Arbitrary<DataMessage> empty =
                Combinators.combine(
                                Arbitraries.of(Direction.class),
                                Arbitraries.integers().map(DevAddr::new),
                                Arbitraries.longs().between(0, 0xFFFF_FFFFL),
                                Arbitraries.of(FrameFlag.class).set())
                        .as(
                                (direction, address, fCnt, flags) ->
                                        (direction == Direction.UP
                                                        ? DataMessage.up(address, fCnt)
                                                        : DataMessage.down(address, fCnt))
                                                .with(
                                                        flags.stream()
                                                                .filter(f -> f.isFor(direction))
                                                                .toList()));
        Arbitrary<byte[]> data = Arbitraries.bytes().array(byte[].class).ofMaxSize(200);
        Arbitrary<MacCommand> command =
                Arbitraries.bytes()
                        .array(byte[].class)
                        .ofMaxSize(14)
                        .map(payload -> new MacCommand.Other(0x80, payload));
        return Arbitraries.oneOf(
                empty,
                Combinators.combine(empty, command)
                        .as((message, c) -> message.withCommands(List.of(c))),
                Combinators.combine(empty, data).as((message, d) -> message.withPayload(0, d)),
                Combinators.combine(empty, command, Arbitraries.integers().between(1, 255), data)
                        .as(
                                (message, c, port, d) ->
                                        message.withCommands(List.of(c)).withPayload(port, d)));
    }

    private static NetworkSessionKeys r1_0(String nwkSKey) {
        return new NetworkSessionKeys.R1_0(AesKey.parse(nwkSKey));
    }

    private static DataFrame frame(String hex) {
        return DataFrame.parse(hex(hex));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
