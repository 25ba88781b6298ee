package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FramesTest {

    @Test
    void readsFieldsLeastSignificantOctetFirst() {
        assertThat(JoinRequest.parse(hex("00040302010403020105040302050403022d106a990e12")))
                .isEqualTo(
                        new JoinRequest(
                                Eui64.parse("0102030401020304"),
                                Eui64.parse("0203040502030405"),
                                4141,
                                0x6a990e12));
        assertThat(RejoinRequest.parse(hex("c00203020108070605040302010201" + "2b459cf0")))
                .isEqualTo(
                        new RejoinRequest.Type0Or2(
                                2,
                                NetId.parse("010203"),
                                Eui64.parse("0102030405060708"),
                                0x0102,
                                0x2b459cf0));
        assertThat(
                        RejoinRequest.parse(
                                hex("c00108070605040302011807060504030201" + "020167f9abe7")))
                .isEqualTo(
                        new RejoinRequest.Type1(
                                Eui64.parse("0102030405060708"),
                                Eui64.parse("0102030405060718"),
                                0x0102,
                                0x67f9abe7));
    }

    @Property
    void writesBackWhatItRead(@ForAll @Size(24) byte[] bytes) {
        bytes[0] = 0;
        byte[] join = Arrays.copyOf(bytes, 23);
        assertThat(JoinRequest.parse(join).phyPayload()).isEqualTo(join);
        bytes[0] = (byte) 0xC0;
        bytes[1] = 1;
        assertThat(RejoinRequest.parse(bytes).phyPayload()).isEqualTo(bytes);
        for (byte type : new byte[] {0, 2}) {
            byte[] rejoin = Arrays.copyOf(bytes, 19);
            rejoin[1] = type;
            assertThat(RejoinRequest.parse(rejoin).phyPayload()).isEqualTo(rejoin);
        }
    }

    @Property
    void readsBackWhatItWrote(
            @ForAll long joinEui,
            @ForAll long devEui,
            @ForAll @IntRange(max = 0xFFFF) int nonce,
            @ForAll @IntRange(max = 0xFF_FFFF) int netId,
            @ForAll int mic) {
        JoinRequest join = new JoinRequest(new Eui64(joinEui), new Eui64(devEui), nonce, mic);
        assertThat(JoinRequest.parse(join.phyPayload())).isEqualTo(join);
        RejoinRequest one =
                new RejoinRequest.Type1(new Eui64(joinEui), new Eui64(devEui), nonce, mic);
        assertThat(RejoinRequest.parse(one.phyPayload())).isEqualTo(one);
        RejoinRequest two =
                new RejoinRequest.Type0Or2(2, new NetId(netId), new Eui64(devEui), nonce, mic);
        assertThat(RejoinRequest.parse(two.phyPayload())).isEqualTo(two);
    }

    @Property
    void readsJoinAcceptsBack(
            @ForAll @IntRange(max = 0xFF_FFFF) int joinNonce,
            @ForAll @IntRange(max = 0xFF_FFFF) int netId,
            @ForAll int devAddr,
            @ForAll @IntRange(max = 0xFF) int dlSettings,
            @ForAll @IntRange(max = 15) int rxDelay,
            @ForAll Optional<@Size(16) byte[]> cfList) {
        JoinAccept accept =
                new JoinAccept(
                        joinNonce,
                        new NetId(netId),
                        new DevAddr(devAddr),
                        new DlSettings(dlSettings),
                        rxDelay,
                        cfList.map(CfList::of));
        assertThat(JoinAccept.read(accept.unprotected())).isEqualTo(accept);
    }

    @Property(tries = 5_000)
    void neverFailsButAsDeclared(@ForAll @Size(max = 40) byte[] bytes) {
        assertThatFailsOnlyAsDeclared(bytes);
    }

    /** Also what the fuzz test asks. */
    static void assertThatFailsOnlyAsDeclared(byte[] bytes) {
        assertThatReadsWholeOrNot(bytes, b -> JoinRequest.parse(b).phyPayload());
        assertThatReadsWholeOrNot(bytes, b -> RejoinRequest.parse(b).phyPayload());
    }

    private static void assertThatReadsWholeOrNot(
            byte[] bytes, Function<byte[], byte[]> readAndWrite) {
        try {
            assertThat(readAndWrite.apply(bytes)).isEqualTo(bytes);
        } catch (MalformedFrameException declared) {
            assertThat(declared).hasMessageContaining("PHYPayload");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'',                                               'has 23 bytes, this PHYPayload has 0'",
        "00040302010403020105040302050403022d106a990e,     'has 23 bytes, this PHYPayload has 22'",
        "00040302010403020105040302050403022d106a990e1200, 'has 23 bytes, this PHYPayload has 24'",
        "20040302010403020105040302050403022d106a990e12,   'begins with MHDR 00, this PHYPayload"
                + " with 20'",
        "01040302010403020105040302050403022d106a990e12,   'begins with MHDR 00, this PHYPayload"
                + " with 01'",
    })
    void saysWhyItIsNoJoinRequest(String frame, String why) {
        assertThatExceptionOfType(MalformedFrameException.class)
                .isThrownBy(() -> JoinRequest.parse(hex(frame)))
                .withMessage("a join-request " + why);
    }

    @ParameterizedTest
    @CsvSource({
        "'',                                      begins with MHDR C0",
        "c0,                                      this PHYPayload of 1 bytes does not",
        "0000,                                    begins with MHDR C0",
        "c00302030108070605040302010201ffffffff,  rejoin type 3 of this PHYPayload does not exist",
        "c0ff02030108070605040302010201ffffffff,  rejoin type 255 of this PHYPayload does not",
        "c00002030108070605040302010201ffffff,    'of type 0 has 19 bytes, this PHYPayload has 18'",
        "c00102030108070605040302010201ffffffff,  'of type 1 has 24 bytes, this PHYPayload has 19'",
    })
    void saysWhyItIsNoRejoinRequest(String frame, String why) {
        assertThatExceptionOfType(MalformedFrameException.class)
                .isThrownBy(() -> RejoinRequest.parse(hex(frame)))
                .withMessageContaining(why);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0x1_0000})
    void refusesNoncesThatDoNotFit(int nonce) {
        Eui64 eui = new Eui64(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JoinRequest(eui, eui, nonce, 0))
                .withMessage("DevNonce " + nonce + " is not in 0..65535");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RejoinRequest.Type1(eui, eui, nonce, 0))
                .withMessage("RJcount1 " + nonce + " is not in 0..65535");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RejoinRequest.Type0Or2(0, new NetId(1), eui, nonce, 0))
                .withMessage("RJcount0 " + nonce + " is not in 0..65535");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RejoinRequest.Type0Or2(1, new NetId(1), eui, 0, 0))
                .withMessage("rejoin type 1 is not 0 or 2");
    }

    @ParameterizedTest
    @CsvSource({"-1, 0", "16777216, 0", "0, -1", "0, 16"})
    void refusesAcceptsThatDoNotFit(int joinNonce, int rxDelay) {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new JoinAccept(
                                        joinNonce,
                                        new NetId(1),
                                        new DevAddr(1),
                                        new DlSettings(0),
                                        rxDelay,
                                        Optional.empty()))
                .withMessageMatching("(JoinNonce|RxDelay) (-1|16777216|16) .*");
    }

    @Test
    void readsTheFieldsOfPeers() {
        assertThat(NetId.parse("0x00001a")).isEqualTo(new NetId(26)).hasToString("00001A");
        assertThat(DevAddr.parse("FFfffF00")).isEqualTo(new DevAddr(-256)).hasToString("FFFFFF00");
        assertThat(CfList.parse("0X988D8468958400000000000000000000"))
                .isEqualTo(CfList.of(hex("988d8468958400000000000000000000")))
                .hasToString("988D8468958400000000000000000000");
        DlSettings settings = DlSettings.parse("9c");
        assertThat(settings).hasToString("9C");
        assertThat(settings.optNeg()).isTrue();
        assertThat(settings.rx1DrOffset()).isEqualTo(1);
        assertThat(settings.rx2DataRate()).isEqualTo(12);
        assertThat(DlSettings.parse("0x7F").optNeg()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "0x", "1", "00000", "0000000000", "0x0x00", "zz", "00 ", "-1", "+1"})
    void refusesOtherFields(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NetId.parse(text))
                .withMessage("NetID '" + text + "' is not 6 hex digits, with or without 0x");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DevAddr.parse(text))
                .withMessageStartingWith("DevAddr '" + text + "' is not 8 hex digits");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DlSettings.parse(text))
                .withMessageStartingWith("DLSettings '" + text + "' is not 2 hex digits");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CfList.parse(text))
                .withMessageStartingWith("CFList '" + text + "' is not 32 hex digits");
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
