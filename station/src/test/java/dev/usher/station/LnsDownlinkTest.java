package dev.usher.station;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.ReceiveWindow;
import java.time.Instant;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LnsDownlinkTest {

    private static final Instant NOW = Instant.parse("2026-11-21T16:57:50.805851Z");
    private static final Eui64 DEV_EUI = Eui64.parse("1122334455667788");
    private static final ReceiveWindow RX1 = new ReceiveWindow(868_100_000, 5);
    private static final ReceiveWindow RX2 = new ReceiveWindow(869_525_000, 3);
    private static final byte[] PDU = HexFormat.of().parseHex("60efcdab");

    /** All of these were accepted by station 2.0.6, and the frames transmitted. */
    static Stream<Arguments> messages() {
        return Stream.of(
                Arguments.of(
                        new LnsDownlink.ClassA(
                                1,
                                DEV_EUI,
                                PDU,
                                5,
                                Optional.of(RX1),
                                Optional.of(RX2),
                                26740123058486678L,
                                0,
                                25),
                        "{'msgtype':'dnmsg','DevEui':'11-22-33-44-55-66-77-88','dC':0,'diid':1,"
                                + "'pdu':'60EFCDAB','RxDelay':5,'RX1DR':5,'RX1Freq':868100000,"
                                + "'RX2DR':3,'RX2Freq':869525000,'xtime':26740123058486678,"
                                + "'rctx':0,'priority':25,'MuxTime':1795280270.805851}"),
                Arguments.of(
                        new LnsDownlink.ClassC(3, DEV_EUI, PDU, RX2, 1, 25),
                        "{'msgtype':'dnmsg','DevEui':'11-22-33-44-55-66-77-88','dC':2,'diid':3,"
                                + "'pdu':'60EFCDAB','RxDelay':1,'RX2DR':3,'RX2Freq':869525000,"
                                + "'rctx':1,'priority':25,'MuxTime':1795280270.805851}"),
                Arguments.of(
                        new LnsDownlink.ClassB(4, DEV_EUI, PDU, RX2, 1479315501704846L, 0, 25),
                        "{'msgtype':'dnmsg','DevEui':'11-22-33-44-55-66-77-88','dC':1,'diid':4,"
                                + "'pdu':'60EFCDAB','DR':3,'Freq':869525000,"
                                + "'gpstime':1479315501704846,'rctx':0,'priority':25,"
                                + "'MuxTime':1795280270.805851}"),
                Arguments.of(
                        new LnsDownlink.Schedule(
                                List.of(
                                        new LnsDownlink.Schedule.Entry(
                                                PDU, RX2, 1479315500703682L, 0, 1))),
                        "{'msgtype':'dnsched','schedule':[{'pdu':'60EFCDAB','DR':3,"
                                + "'Freq':869525000,'gpstime':1479315500703682,'rctx':0,"
                                + "'priority':1}],'MuxTime':1795280270.805851}"),
                Arguments.of(
                        new LnsDownlink.TimeSyncAnswer(26136292357L, 1479315488271981L),
                        "{'msgtype':'timesync','txtime':26136292357,'gpstime':1479315488271981,"
                                + "'MuxTime':1795280270.805851}"),
                Arguments.of(
                        new LnsDownlink.GpsTime(26740123058486678L, 1479315488271981L),
                        "{'msgtype':'timesync','xtime':26740123058486678,"
                                + "'gpstime':1479315488271981,'MuxTime':1795280270.805851}"),
                Arguments.of(
                        new LnsDownlink.TimeTransfer(),
                        "{'msgtype':'timesync','MuxTime':1795280270.805851}"),
                Arguments.of(
                        new LnsDownlink.RunCommand("echo $1", List.of("a b")),
                        "{'msgtype':'runcmd','command':'echo $1','arguments':['a b']}"),
                Arguments.of(
                        new LnsDownlink.StartShell(1, "carol", "dumb"),
                        "{'msgtype':'rmtsh','user':'carol','term':'dumb','start':1}"),
                Arguments.of(new LnsDownlink.StopShell(0), "{'msgtype':'rmtsh','stop':0}"),
                Arguments.of(
                        new LnsDownlink.Notice("no plan é"),
                        "{'msgtype':'error','error':'no plan é'}"),
                Arguments.of(new LnsDownlink.Other("getxtime"), "{'msgtype':'getxtime'}"));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void writesWhatStationTakes(LnsDownlink message, String json) {
        assertThat(LnsCodec.write(message, NOW)).isEqualTo(json.replace('\'', '"'));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void readsItBackAsAGateway(LnsDownlink message, String json) {
        String written = LnsCodec.write(message, NOW);
        LnsDownlink read = LnsCodec.readDownlink(written);
        if (read instanceof LnsDownlink.Other(String msgType)) {
            assertThat(written).startsWith("{\"msgtype\":\"" + msgType + "\"");
        } else {
            assertThat(LnsCodec.write(read, NOW)).isEqualTo(written);
        }
    }

    /** Station's parser knows exponents only half, and none is needed. */
    @Property
    void writesTimesPlainly(
            @ForAll @LongRange(max = 253_402_300_799L) long seconds,
            @ForAll @IntRange(max = 999_999_999) int nanos) {
        assertThat(
                        LnsCodec.write(
                                new LnsDownlink.TimeTransfer(),
                                Instant.ofEpochSecond(seconds, nanos)))
                .matches("\\{\"msgtype\":\"timesync\",\"MuxTime\":[0-9]+\\.[0-9]{6}}");
    }

    @Property
    void readsBackClassA(
            @ForAll long diid,
            @ForAll long devEui,
            @ForAll @Size(min = 1, max = 255) byte[] pdu,
            @ForAll @IntRange(min = 1, max = 15) int rxDelay,
            @ForAll @LongRange(min = 1) long xtime,
            @ForAll long rctx,
            @ForAll @IntRange(max = 255) int priority) {
        LnsDownlink.ClassA message =
                new LnsDownlink.ClassA(
                        diid,
                        new Eui64(devEui),
                        pdu,
                        rxDelay,
                        Optional.of(RX1),
                        Optional.empty(),
                        xtime,
                        rctx,
                        priority);
        LnsDownlink.ClassA read =
                (LnsDownlink.ClassA) LnsCodec.readDownlink(LnsCodec.write(message, NOW));
        assertThat(read.pdu()).isEqualTo(pdu);
        assertThat(read.xtime()).isEqualTo(xtime);
        assertThat(LnsCodec.write(read, NOW)).isEqualTo(LnsCodec.write(message, NOW));
    }

    /** Station would transmit the frame and not say so. */
    @Test
    void namesADeviceWhoseEuiIsZeroDifferently() {
        assertThat(LnsCodec.write(new LnsDownlink.ClassC(3, new Eui64(0), PDU, RX2, 0, 25), NOW))
                .contains("\"DevEui\":\"00-00-00-00-00-00-00-01\"");
    }

    @Test
    void refusesFramesThatStationWouldDrop() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LnsDownlink.ClassC(1, DEV_EUI, new byte[256], RX2, 0, 0))
                .withMessage("a frame has 1 to 255 bytes, not 256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LnsDownlink.ClassC(1, DEV_EUI, new byte[0], RX2, 0, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LnsDownlink.ClassC(1, DEV_EUI, PDU, RX2, 0, 256))
                .withMessageContaining("priority 256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> classA(16, Optional.of(RX1), 1))
                .withMessageContaining("RxDelay 16");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> classA(1, Optional.empty(), 1))
                .withMessageContaining("needs RX1 or RX2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> classA(1, Optional.of(RX1), 0))
                .withMessageContaining("xtime");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LnsDownlink.ClassB(1, DEV_EUI, PDU, RX2, 0, 0, 0))
                .withMessageContaining("GPS time 0");
    }

    private static LnsDownlink classA(int rxDelay, Optional<ReceiveWindow> rx1, long xtime) {
        return new LnsDownlink.ClassA(1, DEV_EUI, PDU, rxDelay, rx1, Optional.empty(), xtime, 0, 0);
    }

    @Test
    void refusesCommandsThatStationWouldMisread() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LnsDownlink.RunCommand("", List.of()))
                .withMessage("the command is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LnsDownlink.RunCommand("a\0b", List.of()))
                .withMessageContaining("NUL");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LnsDownlink.RunCommand("ls", Collections.nCopies(65, "x")))
                .withMessageContaining("65 arguments");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LnsDownlink.StartShell(2, "carol", "dumb"))
                .withMessage("remote shell 2 is not 0 or 1");
    }

    @Test
    void refusesMessagesLargerThanStationsBuffer() {
        LnsDownlink large = new LnsDownlink.RunCommand("x".repeat(40_000), List.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LnsCodec.write(large, NOW))
                .withMessageContaining("station takes 40000");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"msgtype":"dnmsg","diid":"1"}                            | field 'diid'
                    {"msgtype":"dnmsg","diid":1,"DevEui":1,"pdu":"0"}       | field 'pdu'
                    {"msgtype":"dnmsg","diid":1,"DevEui":1,"pdu":"00","dC":3} | field 'dC'
                    {"msgtype":"dnmsg","diid":1,"DevEui":1,"pdu":"00","dC":0} | needs RX1 or RX2
                    {"msgtype":"dnmsg","diid":1,"DevEui":1,"pdu":"00","dC":2,"RX2Freq":1} | RX2DR
                    {"msgtype":"runcmd"}                                      | 'command' is missing
                    {"msgtype":"runcmd","command":"a","arguments":[1]}        | an array of texts
                    """)
    void refusesAsAGatewayWhatIsWrong(String json, String complaint) {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> LnsCodec.readDownlink(json))
                .withMessageContaining(complaint);
    }

    @Property
    void failsOnlyAsDeclared(@ForAll String text) {
        assertThatFailsOnlyAsDeclared(text);
    }

    static void assertThatFailsOnlyAsDeclared(String text) {
        try {
            LnsDownlink message = LnsCodec.readDownlink(text);
            String json = LnsCodec.write(message, NOW);
            assertThat(LnsCodec.write(LnsCodec.readDownlink(json), NOW)).isEqualTo(json);
        } catch (MalformedMessageException declared) {
            assertThat(declared).hasMessageNotContaining("\n");
        } catch (IllegalArgumentException tooLargeToWrite) {
            assertThat(tooLargeToWrite).hasMessageContaining("station takes");
        }
    }
}
