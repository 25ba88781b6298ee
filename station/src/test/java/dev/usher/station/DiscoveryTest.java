package dev.usher.station;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.lorawan.Eui64;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiscoveryTest {

    private static final Eui64 ROUTER = Eui64.parse("58A0CBFFFE800BE7");
    private static final Eui64 MUXS = new Eui64(0);

    @Test
    void readsWhatStationSends() {
        assertThat(DiscoveryRequest.parse(LnsUplinkTest.text("router-info")))
                .isEqualTo(new DiscoveryRequest(new Eui64(1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"58a0:cbff:fe80:be7\"",
                "\"58A0CBFFFE800BE7\"",
                "\"58-a0-cb-ff-fe-80-0b-e7\"",
                "6386328571958266855"
            })
    void takesEveryFormOfAnEui(String router) {
        assertThat(DiscoveryRequest.parse("{\"x\":{},\"router\":" + router + "}").router())
                .isEqualTo(ROUTER);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {}                             | field 'router' is missing
                    {"router":null}                | field 'router' is missing
                    {"router":"::0"}               | field 'router' is zero
                    {"router":0}                   | field 'router' is zero
                    {"router":"router"}            | field 'router'
                    {"router":"::1","router":"::2"} | comes twice
                    {"router":18446744073709551616} | not an EUI
                    ["::1"]                        | not a JSON object
                    """)
    void refusesWhatNamesNoGateway(String json, String complaint) {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> DiscoveryRequest.parse(json))
                .withMessageContaining(complaint);
    }

    @Property
    void readsBackRequests(@ForAll @LongRange(min = 1) long eui) {
        DiscoveryRequest request = new DiscoveryRequest(new Eui64(eui));
        assertThat(DiscoveryRequest.parse(request.toJson())).isEqualTo(request);
    }

    @Test
    void saysWhereToGo() {
        DiscoveryResponse found = found("wss://lns.example.com:8887", "/traffic/eui-1?a=b");
        assertThat(found.toJson())
                .isEqualTo(
                        "{\"router\":\"58a0:cbff:fe80:be7\",\"muxs\":\"::0\","
                                + "\"uri\":\"wss://lns.example.com:8887/traffic/eui-1?a=b\"}");
        assertThat(DiscoveryResponse.parse(found.toJson())).isEqualTo(found);
    }

    @Test
    void saysWhyNot() {
        DiscoveryResponse refused =
                new DiscoveryResponse.Refused(ROUTER, "the gateway is not \"registered\"");
        assertThat(refused.toJson())
                .isEqualTo(
                        "{\"router\":\"58a0:cbff:fe80:be7\","
                                + "\"error\":\"the gateway is not \\\"registered\\\"\"}");
        assertThat(DiscoveryResponse.parse(refused.toJson())).isEqualTo(refused);
    }

    @Test
    void refusesAddressesThatStationCannotUse() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> found("wss://lns.example.com:8887", "traffic"))
                .withMessageContaining("does not begin with a slash");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> found("wss://lns.example.com:8887", "/a b"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> found("wss://lns.example.com:8887", "/" + "x".repeat(101)))
                .withMessageContaining("URI of 128 characters");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new DiscoveryResponse.Found(
                                        ROUTER, MUXS, StationUri.cups("https://a:1"), "/"))
                .withMessageContaining("CUPS");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"router\":\"::1\",\"muxs\":\"::0\"}",
                "{\"router\":\"::1\",\"muxs\":\"::0\",\"uri\":\"ws://a:1\"}",
                "{\"router\":\"::1\",\"muxs\":\"::0\",\"uri\":\"http://a:1/\"}",
                "{\"router\":\"::1\",\"muxs\":\"::0\",\"uri\":\"ws://a/\"}",
                "{\"router\":\"::1\",\"error\":1}"
            })
    void refusesAnswersThatSayNothing(String json) {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> DiscoveryResponse.parse(json));
    }

    private static DiscoveryResponse found(String lns, String path) {
        return new DiscoveryResponse.Found(ROUTER, MUXS, StationUri.lns(lns), path);
    }
}
