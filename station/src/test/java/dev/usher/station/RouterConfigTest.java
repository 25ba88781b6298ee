package dev.usher.station;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.lorawan.NetId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouterConfigTest {

    private static final Instant NOW = Instant.parse("2026-11-21T16:57:48.130035Z");

    /** Station 2.0.6 started its radio with these. */
    @ParameterizedTest
    @CsvSource({
        "EU_863_870_TTN,   SX1301, router-config-eu",
        "AU_915_928_FSB_2, SX1302, router-config-au-sx1302"
    })
    void writesWhatStationTakes(String plan, RadioConf radioConf, String file) {
        RouterConfig config = RouterConfig.of(FrequencyPlan.of(plan)).withRadioConf(radioConf);
        assertThat(json(config)).isEqualTo(LnsUplinkTest.text(file));
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    EU_863_870,       EU863
                    US_902_928_FSB_2, US902
                    AU_915_928_FSB_1, AU915
                    AS_923,           AS923JP
                    KR_920_923_TTN,   KR920
                    """)
    void namesTheRegionAsEveryStationKnowsIt(String plan, String region) {
        assertThat(json(RouterConfig.of(FrequencyPlan.of(plan))))
                .contains("\"region\":\"" + region + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AS_923_2",
                "AS_923_3",
                "AS_923_4",
                "IN_865_867",
                "CN_470_510_FSB_11",
                "RU_864_870_TTN"
            })
    void refusesPlansThatStationCannotTransmitIn(String id) {
        FrequencyPlan plan = FrequencyPlan.of(id);
        String reason =
                "LoRa Basics Station cannot transmit in frequency plan %s: it would drop every"
                                .formatted(id)
                        + " downlink. It knows the regions EU_863_870, US_902_928, AU_915_928,"
                        + " AS_923, KR_920_923";
        assertThat(RouterConfig.refusal(plan)).hasValue(reason);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RouterConfig.of(plan))
                .withMessage(reason);
    }

    @ParameterizedTest
    @MethodSource("plans")
    void staysWithinWhatConcentratorsCan(FrequencyPlan plan) {
        String json = json(RouterConfig.of(plan));
        assertThat(json).hasSizeLessThan(2_000).doesNotContain("E+", "E-", "null,null");
        Matcher offsets =
                Pattern.compile("\"(chan_[A-Za-z_0-9]+)\":\\{[^}]*\"if\":(-?[0-9]+)").matcher(json);
        int channels = 0;
        while (offsets.find()) {
            // Half of what remains of the radio's bandwidth beside the channel's (sx130xconf.c).
            boolean wide = json.contains("\"bandwidth\":500000");
            int most = offsets.group(1).equals("chan_Lora_std") && wide ? 300_000 : 400_000;
            assertThat(Math.abs(Integer.parseInt(offsets.group(2)))).isLessThanOrEqualTo(most);
            channels++;
        }
        assertThat(channels)
                .isEqualTo(
                        plan.channels().size()
                                + plan.fastLoRa().map(_ -> 1).orElse(0)
                                + plan.fsk().map(_ -> 1).orElse(0));
    }

    static Stream<FrequencyPlan> plans() {
        return FrequencyPlan.all().stream().filter(plan -> RouterConfig.refusal(plan).isEmpty());
    }

    @Test
    void switchesOffWhatThePlanDoesNotUse() {
        assertThat(json(RouterConfig.of(FrequencyPlan.of("AS_923"))))
                .contains(
                        "\"radio_0\":{\"enable\":true,\"freq\":923300000}",
                        "\"radio_1\":{\"enable\":false}",
                        "\"chan_multiSF_1\":{\"enable\":true,\"radio\":0,\"if\":100000}",
                        "\"chan_multiSF_2\":{\"enable\":false}",
                        "\"chan_Lora_std\":{\"enable\":false}",
                        "\"chan_FSK\":{\"enable\":false}");
    }

    @Test
    void marksDataRatesOfDownlinksAndUndefinedOnes() {
        assertThat(json(RouterConfig.of(FrequencyPlan.of("US_902_928_FSB_2"))))
                .contains(
                        "\"DRs\":[[10,125,0],[9,125,0],[8,125,0],[7,125,0],[8,500,0],[-1,0,0],"
                                + "[-1,0,0],[-1,0,0],[12,500,1],[11,500,1],[10,500,1],[9,500,1],"
                                + "[8,500,1],[7,500,1],[-1,0,0],[-1,0,0]]");
    }

    /** Station 2.0.6 made {@code 00000000-00000000-00000000-00080001} of these networks. */
    @Test
    void filtersByWhatStationLooksAt() {
        RouterConfig config =
                RouterConfig.of(FrequencyPlan.of("EU_863_870"))
                        .withFilters(
                                List.of(
                                        NetId.parse("000013"),
                                        NetId.parse("000000"),
                                        NetId.parse("C00053")),
                                List.of(
                                        EuiRange.parse("0000000000000001-00000000000000FF"),
                                        EuiRange.parse("F000000000000000/8")));
        assertThat(json(config))
                .contains(
                        "\"NetID\":[0,19,126],\"JoinEui\":[[1,255],"
                                + "[17293822569102704640,17365880163140632575]]");
    }

    @Test
    void refusesFiltersThatStationWouldCutShort() {
        RouterConfig config = RouterConfig.of(FrequencyPlan.of("EU_863_870"));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                config.withFilters(
                                        List.of(), List.of(EuiRange.parse("0000000000000000/32"))))
                .withMessageContaining("begins with 0");
        List<EuiRange> eleven =
                Stream.iterate(1, i -> i + 1)
                        .limit(11)
                        .map(i -> EuiRange.parse("%016x/64".formatted(i)))
                        .toList();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config.withFilters(List.of(), eleven))
                .withMessage("11 ranges of JoinEUIs: station takes 10");
    }

    @Test
    void liftsLimitsOnlyWhereTheBuildAllowsIt() {
        RouterConfig config =
                RouterConfig.of(FrequencyPlan.of("EU_863_870"))
                        .withLimits(OptionalDouble.of(14), true, true, true);
        assertThat(json(config.forVersion(version(Set.of("rmtsh")))))
                .contains("\"max_eirp\":14,")
                .contains("\"nocca\":true,\"nodc\":true,\"nodwell\":true");
        assertThat(json(config.forVersion(version(Set.of("prod")))))
                .contains("\"max_eirp\":14,")
                .doesNotContain("nocca", "nodc", "nodwell");
        assertThat(json(RouterConfig.of(FrequencyPlan.of("EU_863_870"))))
                .doesNotContain("max_eirp", "nocca", "nodc", "nodwell", "bcning", "upchannels");
    }

    @Test
    void configuresSeveralConcentratorsOfOneRegion() {
        RouterConfig one = RouterConfig.of(FrequencyPlan.of("US_902_928_FSB_1"));
        RouterConfig two = withPlans(one, "US_902_928_FSB_1", "US_902_928_FSB_2");
        assertThat(json(two)).contains("\"hwspec\":\"sx1301/2\"", "902700000", "904300000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> withPlans(one, "US_902_928_FSB_1", "EU_863_870"))
                .withMessage(
                        "frequency plans US_902_928_FSB_1 and EU_863_870 are of different regions,"
                                + " and a gateway has one");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> withPlans(one))
                .withMessageContaining("not 0");
    }

    private static RouterConfig withPlans(RouterConfig config, String... ids) {
        return new RouterConfig(
                Stream.of(ids).map(FrequencyPlan::of).toList(),
                config.radioConf(),
                config.netIds(),
                config.joinEuis(),
                config.maxEirp(),
                config.nocca(),
                config.nodc(),
                config.nodwell());
    }

    private static LnsUplink.Version version(Set<String> features) {
        return new LnsUplink.Version(
                Optional.of("2.0.6"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                2,
                features);
    }

    private static String json(RouterConfig config) {
        return LnsCodec.write(config, NOW);
    }
}
