package dev.usher.station;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DataFrame;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.RootKeys;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files in {@code lns} are what station 2.0.6 sent, with a simulated radio. */
class LnsUplinkTest {

    private static final Reception RECEPTION =
            new Reception(
                    5, 868_100_000, 0, 1, 0, -1, -50, 9, 1795280270.715517, 1795280270.714725);

    @Test
    void readsTheVersion() {
        LnsUplink.Version version = (LnsUplink.Version) fromStation("version");
        assertThat(version)
                .isEqualTo(
                        new LnsUplink.Version(
                                Optional.of("2.0.6(linux/testsim)"),
                                Optional.of("1.0.0"),
                                Optional.of("1.0.0"),
                                Optional.of("linux"),
                                2,
                                Set.of("rmtsh")));
        assertThat(version.isProduction()).isFalse();
        assertThat(version.hasRemoteShell()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    'rmtsh prod gps', true, true
                    ' prod  ', true, false
                    '', false, false
                    """)
    void knowsTheFeatures(String features, boolean production, boolean remoteShell) {
        LnsUplink.Version version =
                (LnsUplink.Version)
                        read("{\"msgtype\":\"version\",\"features\":\"" + features + "\"}");
        assertThat(version.isProduction()).isEqualTo(production);
        assertThat(version.hasRemoteShell()).isEqualTo(remoteShell);
    }

    @Test
    void readsAJoinRequestSoThatItsMicIsRight() {
        LnsUplink.Join join = (LnsUplink.Join) fromStation("jreq");
        assertThat(join.request().joinEui()).isEqualTo(Eui64.parse("00000000000000A1"));
        assertThat(join.request().devEui()).isEqualTo(Eui64.parse("1122334455667788"));
        assertThat(join.request().devNonce()).isEqualTo(1);
        RootKeys keys = RootKeys.r1_0(AesKey.parse("00112233445566778899aabbccddeeff"));
        assertThat(JoinCryptography.isAuthentic(keys, join.request())).isTrue();
    }

    @Test
    void readsADataFrameBitByBit() {
        LnsUplink.Data data = (LnsUplink.Data) fromStation("updf");
        assertThat(data.frame()).hasToString("80EFCDAB000000000AF5A399481BA603");
        assertThat(data.frame().devAddr()).isEqualTo(DevAddr.parse("00ABCDEF"));
        assertThat(data.frame().fPort()).isEqualTo(OptionalInt.of(10));
    }

    @Test
    void readsHowItWasReceived() {
        LnsUplink.Join join = (LnsUplink.Join) fromStation("jreq");
        assertThat(join.reception())
                .isEqualTo(
                        new Reception(
                                5,
                                868_100_000,
                                0,
                                26740123058486678L,
                                1479315488707189L,
                                -1,
                                -50,
                                9,
                                1795280270.715517,
                                1795280270.714725));
    }

    @Test
    void readsProprietaryFrames() {
        LnsUplink.Proprietary proprietary = (LnsUplink.Proprietary) fromStation("propdf");
        assertThat(proprietary.phyPayload()).isEqualTo(HexFormat.of().parseHex("e0010203"));
    }

    @Test
    void readsThatADownlinkIsOnTheAir() {
        assertThat(fromStation("dntxed"))
                .isEqualTo(
                        new LnsUplink.Transmitted(
                                1,
                                Eui64.parse("1122334455667788"),
                                0,
                                26740123063486678L,
                                26141.731007,
                                0));
        LnsUplink.Transmitted classB = (LnsUplink.Transmitted) fromStation("dntxed-class-b");
        assertThat(classB.diid()).isEqualTo(4);
        assertThat(classB.gpsTime()).isEqualTo(1479315501704846L);
    }

    @Test
    void readsTheQuestionForTheTime() {
        assertThat(fromStation("timesync")).isEqualTo(new LnsUplink.TimeSync(26136292357L));
    }

    @Test
    void readsWhichShellsRun() {
        assertThat(fromStation("rmtsh"))
                .isEqualTo(
                        new LnsUplink.RemoteShells(
                                List.of(
                                        new LnsUplink.RemoteShells.Shell("carol", true, 0, 13),
                                        new LnsUplink.RemoteShells.Shell("", false, -1, 0))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"getxtime", "alarm", "event", "jacc", "dndf", "rejoin"})
    void takesNoteOfMessagesWithAnotherPurpose(String msgType) {
        assertThat(read("{\"text\":[{}],\"msgtype\":\"" + msgType + "\"}"))
                .isEqualTo(new LnsUplink.Other(msgType));
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "jreq", "updf", "propdf", "timesync", "rmtsh"})
    void writesByteForByteWhatStationSends(String file) {
        assertThat(LnsCodec.write(fromStation(file))).isEqualTo(text(file));
    }

    /** Other gateways spell these differently, and station does when told of a JoinEUI filter. */
    @Test
    void takesOtherFormsOfTheSame() {
        String other =
                text("jreq")
                        .replace("\"JoinEui\":\"00-00-00-00-00-00-00-A1\"", "\"JoinEUI\":161")
                        .replace(
                                "DevEui\":\"11-22-33-44-55-66-77-88", "DevEUI\":\"1122334455667788")
                        .replace("\"snr\":9", "\"snr\":9.0")
                        .replace("\"MHdr\":0", "\"MHdr\":0,\"more\":{\"a\":[1,{}]}");
        assertThat(read(other)).isEqualTo(fromStation("jreq"));
    }

    /** Station writes 32-bit fields as signed; some forks as unsigned. */
    @Test
    void takesSignedAndUnsignedNumbers() {
        String signed = text("updf").replace("11259375", "-2");
        assertThat(((LnsUplink.Data) read(signed)).frame().devAddr())
                .isEqualTo(DevAddr.parse("FFFFFFFE"));
        assertThat(read(text("updf").replace("11259375", "4294967294"))).isEqualTo(read(signed));
    }

    @Test
    void keepsXtimeExactly() {
        long xtime = 0x7FFF_FFFF_FFFF_FFFFL;
        String json = text("updf").replace("26740123064929550", Long.toString(xtime));
        assertThat(((LnsUplink.Data) read(json)).reception().xtime()).isEqualTo(xtime);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    # in a good updf, this | replaced by this | is refused as
                    "msgtype":"updf",      |                      | field 'msgtype' is missing
                    "msgtype":"updf"       | "msgtype":7          | field 'msgtype' is not a text
                    "DR":5                 | "DR":16              | field 'DR': 16 is not between
                    "DR":5                 | "DR":5.0             | field 'DR' is not a whole number
                    "DR":5                 | "DR":"5"             | is not a whole number but a text
                    "DR":5                 | "DR":5,"DR":5        | field 'DR' comes twice
                    "DR":5                 | "DR":null            | field 'DR' is missing
                    "Freq":868100000       | "Freq":0             | field 'Freq': 0 is not between
                    "FCnt":0               | "FCnt":65536         | field 'FCnt': 65536
                    "FCnt":0               | "FCnt":-1            | field 'FCnt': -1
                    "DevAddr":11259375     | "DevAddr":4294967296 | field 'DevAddr': 4294967296
                    "MIC":61217608         | "MIC":-2147483649    | field 'MIC': -2147483649
                    "MHdr":128             | "MHdr":96            | updf holds a downlink
                    "MHdr":128             | "MHdr":0             | updf is no data frame
                    "FOpts":""             | "FOpts":"02"         | 'FOpts' has 1 bytes, and FCtrl 0
                    "FOpts":""             | "FOpts":"0"          | not a whole number of hex octets
                    "FCtrl":0              | "FCtrl":1            | announces 1
                    "FPort":10             | "FPort":-1           | has data, but FPort is -1
                    "FPort":10             | "FPort":256          | field 'FPort': 256
                    "F5A399"               | "F5A3xx"             | 'FRMPayload' is not a whole
                    "upinfo":              | "upinf":             | field 'upinfo' is missing
                    "xtime":               | "xtim":              | field 'upinfo.xtime' is missing
                    26740123064929550      | 2.6e16               | field 'upinfo.xtime' is not
                    26740123064929550      | 9223372036854775808  | field 'upinfo.xtime': 92233
                    "rssi":-50             | "rssi":"-50"         | field 'upinfo.rssi' is not a numb
                    "snr":9                | "snr":1e400          | larger than any quantity
                    "snr":9                | "snr":1e99999999999  | larger than any quantity
                    {"rctx"                | {                    | message is not JSON
                    "FOpts"                | "FOpts               | message is not JSON
                    """)
    void refusesWhatIsWrong(String part, String replacement, String complaint) {
        String good = text("updf");
        assertThat(good).contains(part);
        String bad = good.replace(part, replacement == null ? "" : replacement);
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> read(bad))
                .withMessageContaining(complaint);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    ``                                              | not a JSON object
                    []                                              | not a JSON object
                    {}                                              | field 'msgtype' is missing
                    {"msgtype":"timesync"}                          | field 'txtime' is missing
                    {"msgtype":"timesync","txtime":-1}              | field 'txtime': -1
                    {"msgtype":"timesync","txtime":1} {}            | goes on after its JSON object
                    {"msgtype":"jreq","MHdr":192}                   | not 0 but 192
                    {"msgtype":"jreq","MHdr":0,"JoinEui":"x"}       | field 'JoinEui'
                    {"msgtype":"jreq","MHdr":0,"JoinEui":true}      | not an EUI but true or false
                    {"msgtype":"jreq","MHdr":0,"JoinEui":-1}        | not an EUI
                    {"msgtype":"rmtsh","rmtsh":[1]}                 | not an array of objects
                    {"msgtype":"rmtsh","rmtsh":[{"started":1}]}     | 'rmtsh.started' is not true
                    {"msgtype":"version","features":["prod"]}       | 'features' is not a text but an
                    {"msgtype":"a","x":[[[[[[[[[]]]]]]]]]}          | message is not JSON
                    """)
    void refusesWhatIsNoMessage(String json, String complaint) {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> read(json))
                .withMessageContaining(complaint);
    }

    @Test
    void refusesWhatIsTooLarge() {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> read(" ".repeat(65_537)))
                .withMessage("message of 65537 characters: at most 65536 are read");
    }

    @Property
    void readsBackJoinRequests(
            @ForAll long joinEui,
            @ForAll long devEui,
            @ForAll short devNonce,
            @ForAll int mic,
            @ForAll("receptions") Reception reception) {
        assertThatReadsBack(
                new LnsUplink.Join(
                        new JoinRequest(
                                new Eui64(joinEui),
                                new Eui64(devEui),
                                Short.toUnsignedInt(devNonce),
                                mic),
                        reception));
    }

    @Property
    void readsBackDataFrames(
            @ForAll("uplinks") DataFrame frame, @ForAll("receptions") Reception reception) {
        LnsUplink.Data data = new LnsUplink.Data(frame, reception);
        assertThatReadsBack(data);
        LnsUplink.Data read = (LnsUplink.Data) read(LnsCodec.write(data));
        assertThat(read.frame().phyPayload()).isEqualTo(frame.phyPayload());
    }

    @Property
    void readsBackProprietaryFrames(@ForAll byte[] phyPayload) {
        assertThatReadsBack(new LnsUplink.Proprietary(phyPayload, RECEPTION));
    }

    @Property
    void readsBackReceipts(
            @ForAll long diid, @ForAll long eui, @ForAll long rctx, @ForAll long xtime) {
        assertThatReadsBack(
                new LnsUplink.Transmitted(diid, new Eui64(eui), rctx, xtime, 26141.731007, 0));
    }

    private static void assertThatReadsBack(LnsUplink message) {
        assertThat(read(LnsCodec.write(message))).isEqualTo(message);
    }

    @Property
    void failsOnlyAsDeclared(@ForAll String text) {
        assertThatFailsOnlyAsDeclared(text);
    }

    static void assertThatFailsOnlyAsDeclared(String text) {
        try {
            LnsUplink message = read(text);
            assertThat(LnsCodec.write(read(LnsCodec.write(message))))
                    .isEqualTo(LnsCodec.write(message));
        } catch (MalformedMessageException declared) {
            assertThat(declared).hasMessageNotContaining("\n");
        }
    }

    @Provide
    static Arbitrary<Reception> receptions() {
        Arbitrary<Double> decibels = Arbitraries.integers().between(-800, 400).map(q -> q / 4.0);
        Arbitrary<Double> times =
                Arbitraries.longs().between(0, 4_000_000_000_000_000L).map(us -> us / 1e6);
        return Combinators.combine(
                        Arbitraries.integers().between(0, 15),
                        Arbitraries.integers().between(1, Integer.MAX_VALUE),
                        Arbitraries.longs(),
                        Arbitraries.longs(),
                        Arbitraries.longs(),
                        decibels,
                        decibels,
                        times)
                .as(
                        (dr, frequency, rctx, xtime, gpsTime, rssi, snr, time) ->
                                new Reception(
                                        dr, frequency, rctx, xtime, gpsTime, -1, rssi, snr, time,
                                        time));
    }

    /** Any bytes that are an uplink: with and without options and port. */
    @Provide
    static Arbitrary<DataFrame> uplinks() {
        return Combinators.combine(
                        Arbitraries.of((byte) 0x40, (byte) 0x80),
                        Arbitraries.integers().between(0, 15),
                        Arbitraries.bytes().array(byte[].class).ofMinSize(27).ofMaxSize(255))
                .as(
                        (mhdr, options, bytes) -> {
                            bytes[0] = mhdr;
                            bytes[5] = (byte) ((bytes[5] & 0xF0) | options);
                            if (bytes.length > 12 + options && bytes[8 + options] == 0) {
                                bytes[8 + options] = 1;
                            }
                            return DataFrame.parse(bytes);
                        });
    }

    private static LnsUplink read(String json) {
        return LnsCodec.readUplink(json);
    }

    private static LnsUplink fromStation(String file) {
        return read(text(file));
    }

    static String text(String file) {
        return new String(Bytes.ofFile("lns/" + file + ".json"), UTF_8).strip();
    }
}
