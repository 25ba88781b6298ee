package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class FrequencyPlanTest {

    @Test
    void hasThePlansPeopleKnow() {
        assertThat(FrequencyPlan.all())
                .extracting(FrequencyPlan::id)
                .containsExactly(
                        "EU_863_870",
                        "EU_863_870_TTN",
                        "US_902_928_FSB_1",
                        "US_902_928_FSB_2",
                        "US_902_928_FSB_3",
                        "US_902_928_FSB_4",
                        "US_902_928_FSB_5",
                        "US_902_928_FSB_6",
                        "US_902_928_FSB_7",
                        "US_902_928_FSB_8",
                        "AU_915_928_FSB_1",
                        "AU_915_928_FSB_2",
                        "AU_915_928_FSB_3",
                        "AU_915_928_FSB_4",
                        "AU_915_928_FSB_5",
                        "AU_915_928_FSB_6",
                        "AU_915_928_FSB_7",
                        "AU_915_928_FSB_8",
                        "AS_923",
                        "AS_923_2",
                        "AS_923_3",
                        "AS_923_4",
                        "KR_920_923_TTN",
                        "IN_865_867",
                        "CN_470_510_FSB_11",
                        "RU_864_870_TTN");
    }

    @Test
    void findsThemInEitherCase() {
        assertThat(FrequencyPlan.of("eu_863_870_ttn").id()).isEqualTo("EU_863_870_TTN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FrequencyPlan.of("EU_868"))
                .withMessageStartingWith(
                        "there is no frequency plan 'EU_868'; there are EU_863_870, ");
    }

    @Test
    void hasEuropesChannels() {
        FrequencyPlan plan = FrequencyPlan.of("EU_863_870_TTN");
        assertThat(plan.channels())
                .extracting(channel -> channel.frequency() / 100_000)
                .containsExactly(8681, 8683, 8685, 8671, 8673, 8675, 8677, 8679);
        assertThat(plan.rx2()).isEqualTo(new ReceiveWindow(869_525_000, 3));
        assertThat(plan.region().rx2()).isEqualTo(new ReceiveWindow(869_525_000, 0));
        assertThat(plan.dlSettings(false)).isEqualTo(DlSettings.parse("03"));
        assertThat(plan.dlSettings(true)).isEqualTo(DlSettings.parse("83"));
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    US_902_928_FSB_1, 902300000, 903700000, 903000000, 902700000, 903400000
                    US_902_928_FSB_2, 903900000, 905300000, 904600000, 904300000, 905000000
                    US_902_928_FSB_8, 913500000, 914900000, 914200000, 913900000, 914600000
                    AU_915_928_FSB_1, 915200000, 916600000, 915900000, 915600000, 916300000
                    AU_915_928_FSB_2, 916800000, 918200000, 917500000, 917200000, 917900000
                    AU_915_928_FSB_8, 926400000, 927800000, 927100000, 926800000, 927500000
                    """)
    void hasTheSubBands(String id, int first, int last, int wide, int radio0, int radio1) {
        FrequencyPlan plan = FrequencyPlan.of(id);
        assertThat(plan.channels()).hasSize(8);
        assertThat(plan.channels().getFirst().frequency()).isEqualTo(first);
        assertThat(plan.channels().getLast().frequency()).isEqualTo(last);
        assertThat(plan.fastLoRa()).map(Channel::frequency).hasValue(wide);
        assertThat(plan.radios()).containsExactly(radio0, radio1);
    }

    /** Worked out by hand from section "Join-Accept CFList" of each region. */
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    EU_863_870,        184F84E85684B85E84886684586E8400
                    US_902_928_FSB_1,  FF000000000000000100000000000001
                    US_902_928_FSB_2,  00FF0000000000000200000000000001
                    AU_915_928_FSB_8,  00000000000000FF8000000000000001
                    KR_920_923_TTN,    F8CA8CC8D28C98DA8C68E28C00000000
                    CN_470_510_FSB_11, 00000000000000000000FF0000000001
                    RU_864_870_TTN,    E8D983B8E18388E98358F18328F98300
                    """)
    void tellsDevicesOfTheirChannels(String id, String cfList) {
        assertThat(FrequencyPlan.of(id).cfList()).hasValue(CfList.parse(cfList));
    }

    @Test
    void tellsNothingWhereDevicesKnowAllChannels() {
        assertThat(FrequencyPlan.of("AS_923").cfList()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    # plan, uplink, its data rate, offset, RX1, its data rate
                    EU_863_870,        868300000, 5, 0, 868300000, 5
                    EU_863_870,        867100000, 5, 2, 867100000, 3
                    EU_863_870,        868100000, 0, 5, 868100000, 0
                    EU_863_870,        868800000, 7, 0, 868800000, 7
                    US_902_928_FSB_2,  903900000, 0, 0, 923300000, 10
                    US_902_928_FSB_2,  905300000, 3, 0, 927500000, 13
                    US_902_928_FSB_2,  904600000, 4, 0, 923900000, 13
                    US_902_928_FSB_2,  904600000, 4, 3, 923900000, 11
                    AU_915_928_FSB_2,  916800000, 0, 0, 923300000, 8
                    AU_915_928_FSB_2,  918200000, 5, 1, 927500000, 12
                    AU_915_928_FSB_2,  917500000, 6, 0, 923900000, 13
                    AS_923,            923200000, 2, 0, 923200000, 2
                    AS_923,            923200000, 2, 7, 923200000, 4
                    AS_923,            923400000, 7, 6, 923400000, 7
                    IN_865_867,        865062500, 4, 7, 865062500, 5
                    IN_865_867,        865062500, 5, 7, 865062500, 7
                    IN_865_867,        865062500, 7, 1, 865062500, 5
                    KR_920_923_TTN,    922100000, 5, 5, 922100000, 0
                    CN_470_510_FSB_11, 486300000, 5, 0, 506700000, 5
                    CN_470_510_FSB_11, 487700000, 3, 1, 508100000, 2
                    """)
    void answersInTheRightWindow(
            String id, int frequency, int dataRate, int offset, int rx1, int rx1DataRate) {
        assertThat(FrequencyPlan.of(id).rx1(frequency, dataRate, offset))
                .isEqualTo(new ReceiveWindow(rx1, rx1DataRate));
    }

    /** Table "downlink RX1 data rate mapping" of each region: a row for each uplink data rate. */
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    EU_863_870, 000000 100000 210000 321000 432100 543210 654321 765432
                    US_902_928, A988 BA98 CBA9 DCBA DDCB
                    AU_915_928, 888888 988888 A98888 BA9888 CBA988 DCBA98 DDCBA9
                    AS_923,     00000012 10000023 21000034 32100045 43210056 54321067 65432177 \
                    76543277
                    KR_920_923, 000000 100000 210000 321000 432100 543210
                    """)
    void mapsDataRatesAsTheTablesDo(Region region, String table) {
        String[] rows = table.split(" +", -1);
        for (int dataRate = 0; dataRate < rows.length; dataRate++) {
            int up = dataRate;
            String row =
                    IntStream.range(0, rows[dataRate].length())
                            .map(offset -> region.rx1DataRate(up, offset))
                            .mapToObj(down -> Integer.toHexString(down).toUpperCase(Locale.ROOT))
                            .reduce("", String::concat);
            assertThat(row).as("DR%d", dataRate).isEqualTo(rows[dataRate]);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> region.rx1DataRate(0, rows[0].length()))
                .withMessageContaining("RX1DROffset " + rows[0].length());
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    EU_863_870, 12/125 11/125 10/125 9/125 8/125 7/125 7/250 FSK
                    US_902_928, 10/125 9/125 8/125 7/125 8/500 - - - 12/500 11/500 10/500 9/500 \
                    8/500 7/500
                    AU_915_928, 12/125 11/125 10/125 9/125 8/125 7/125 8/500 - 12/500 11/500 \
                    10/500 9/500 8/500 7/500
                    KR_920_923, 12/125 11/125 10/125 9/125 8/125 7/125
                    IN_865_867, 12/125 11/125 10/125 9/125 8/125 7/125 - FSK
                    """)
    void hasTheDataRatesOfTheTables(Region region, String table) {
        List<String> rates = Arrays.asList(table.split(" +", -1));
        for (int index = 0; index < 16; index++) {
            String expected = index < rates.size() ? rates.get(index) : "-";
            assertThat(region.dataRate(index))
                    .isEqualTo(
                            switch (expected) {
                                case "-" -> Optional.empty();
                                case "FSK" -> Optional.of(new DataRate.Fsk(50_000));
                                default -> {
                                    String[] parts = expected.split("/", -1);
                                    yield Optional.of(
                                            new DataRate.LoRa(
                                                    Integer.parseInt(parts[0]),
                                                    1000 * Integer.parseInt(parts[1])));
                                }
                            });
        }
    }

    @ParameterizedTest
    @CsvSource({"868100000, 0.01", "867100000, 0.01", "869525000, 0.1", "863500000, 0.001"})
    void knowsTheDutyCyclesOfEurope(int frequency, double dutyCycle) {
        assertThat(Region.EU_863_870.dutyCycle(frequency)).isEqualTo(dutyCycle);
        assertThat(Region.US_902_928.dutyCycle(923_300_000)).isEqualTo(1);
    }

    @Test
    void knowsHowMuchADownlinkCarries() {
        assertThat(Region.EU_863_870.maxMacPayload(0)).isEqualTo(59);
        assertThat(Region.US_902_928.maxMacPayload(8)).isEqualTo(61);
        assertThat(Region.AS_923.maxMacPayload(2)).isEqualTo(123);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Region.US_902_928.maxMacPayload(7))
                .withMessageContaining("DR7");
    }

    @Test
    void numbersChannelsAsDevicesDo() {
        assertThat(FrequencyPlan.of("EU_863_870").channelNumber(868_100_000)).hasValue(0);
        assertThat(FrequencyPlan.of("EU_863_870").channelNumber(867_900_000)).hasValue(7);
        assertThat(FrequencyPlan.of("EU_863_870").channelNumber(868_800_000)).isEmpty();
        assertThat(FrequencyPlan.of("US_902_928_FSB_2").channelNumber(903_900_000)).hasValue(8);
        assertThat(FrequencyPlan.of("US_902_928_FSB_2").channelNumber(904_600_000)).hasValue(65);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FrequencyPlan.of("US_902_928_FSB_2").channelNumber(903_950_000))
                .withMessageContaining("903950000");
    }

    /** A radio of 925 kHz hears 125 kHz wide channels up to 400 kHz off its centre. */
    @ParameterizedTest
    @MethodSource("plans")
    void reachesEveryChannelWithARadio(FrequencyPlan plan) {
        assertThat(plan.channels())
                .allSatisfy(
                        channel ->
                                assertThat(plan.radios())
                                        .anyMatch(
                                                radio ->
                                                        Math.abs(radio - channel.frequency())
                                                                <= 400_000));
    }

    /** Every uplink has an answer, at a frequency and data rate that the region allows. */
    @ParameterizedTest
    @MethodSource("plans")
    void answersEveryUplink(FrequencyPlan plan) {
        Region region = plan.region();
        for (Channel channel : plan.channels()) {
            for (int dr = channel.minDataRate(); dr <= channel.maxDataRate(); dr++) {
                ReceiveWindow rx1 = plan.rx1(channel.frequency(), dr, 0);
                assertThat(region.dataRate(rx1.dataRate())).isPresent();
                assertThat(rx1.frequency()).isBetween(region.minFrequency(), region.maxFrequency());
            }
        }
        assertThat(region.dataRate(plan.rx2().dataRate())).isPresent();
        assertThat(plan.rx2().frequency()).isBetween(region.minFrequency(), region.maxFrequency());
        assertThat(plan.rx2().frequency()).isEqualTo(region.rx2().frequency());
    }

    @ParameterizedTest
    @EnumSource(Region.class)
    void hasAPlanForEveryRegion(Region region) {
        assertThat(FrequencyPlan.all()).anyMatch(plan -> plan.region() == region);
    }

    static List<FrequencyPlan> plans() {
        return FrequencyPlan.all();
    }
}
