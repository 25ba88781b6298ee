package dev.usher.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.api.edge.Request;
import dev.usher.lorawan.Eui64;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressWatchTest {

    private static final Eui64 GATEWAY = Eui64.parse("58A0CBFFFE800BE7");
    private static final Instant BEGIN = Instant.parse("2026-11-21T10:00:00Z");

    private Instant now = BEGIN;
    private final List<String> told = new ArrayList<>();
    private static final TrustedProxies PROXIES =
            new TrustedProxies(
                    TrustedProxies.parseSubnets("10.0.0.0/8"), TrustedProxies.DEFAULT_HEADER);

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final AddressWatch watch =
            new AddressWatch(
                    "lns",
                    Duration.ofMinutes(10),
                    PROXIES,
                    () -> now,
                    meters,
                    (gateway, why) -> told.add(gateway + ": " + why));

    private void used(Eui64 gateway, String address) throws Exception {
        watch.used(gateway, InetAddress.getByName(address));
    }

    /** Seconds from the beginning and the address it is used from then. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    one address                        | 0 192.0.2.1, 60 192.0.2.1, 120 192.0.2.1                                             | 0
                    a new address                      | 0 192.0.2.1, 60 198.51.100.1, 120 198.51.100.1                                       | 0
                    a second uplink for a while        | 0 192.0.2.1, 60 198.51.100.1, 120 192.0.2.1, 180 192.0.2.1                           | 0
                    two at a time                      | 0 192.0.2.1, 60 198.51.100.1, 120 192.0.2.1, 180 198.51.100.1                        | 1
                    two for long are told of once      | 0 192.0.2.1, 9 198.51.100.1, 20 192.0.2.1, 29 198.51.100.1, 40 192.0.2.1             | 1
                    and again after an hour            | 0 192.0.2.1, 9 198.51.100.1, 20 192.0.2.1, 29 198.51.100.1, 3640 192.0.2.1, 3650 198.51.100.1, 3660 192.0.2.1 | 2
                    a second uplink, twice in an hour  | 0 192.0.2.1, 60 198.51.100.1, 1800 192.0.2.1, 1860 198.51.100.1                      | 0
                    just within a short time           | 0 192.0.2.1, 60 198.51.100.1, 120 192.0.2.1, 660 198.51.100.1                        | 1
                    just not within a short time       | 0 192.0.2.1, 60 198.51.100.1, 120 192.0.2.1, 661 198.51.100.1                        | 0
                    a new address each time            | 0 192.0.2.1, 60 198.51.100.1, 120 203.0.113.1, 180 192.0.2.1, 240 198.51.100.1       | 0
                    a NAT with many addresses          | 0 192.0.2.1, 60 192.0.2.77, 120 192.0.2.1, 180 192.0.2.77                            | 0
                    IPv4 and IPv6                      | 0 192.0.2.1, 60 2001:db8::1, 120 192.0.2.1, 180 2001:db8::1                          | 0
                    addresses of one IPv6 network      | 0 2001:db8:1:1::1, 60 2001:db8:1:2::1, 120 2001:db8:1:1::1, 180 2001:db8:1:2::1      | 0
                    two IPv6 networks                  | 0 2001:db8:1::1, 60 2001:db8:2::1, 120 2001:db8:1::1, 180 2001:db8:2::1              | 1
                    """)
    void tellsOfTwoPlacesAtATimeAndOfNothingElse(String name, String uses, int times)
            throws Exception {
        for (String use : Arrays.stream(uses.split(",", -1)).map(String::strip).toList()) {
            List<String> words = List.of(use.split(" ", 2));
            now = BEGIN.plusSeconds(Long.parseLong(words.getFirst()));
            used(GATEWAY, words.getLast());
        }
        assertThat(told).hasSize(times);
        assertThat(meters.get("usher.gateway.alerts").tag("face", "lns").counter().count())
                .isEqualTo(times);
    }

    @Test
    void saysWhere() throws Exception {
        used(GATEWAY, "192.0.2.1");
        used(GATEWAY, "198.51.100.1");
        used(GATEWAY, "192.0.2.1");
        used(GATEWAY, "198.51.100.1");
        assertThat(told)
                .containsExactly(
                        GATEWAY
                                + ": what it proves itself with is used in two places in turn,"
                                + " 192.0.2.0/24 and 198.51.100.0/24: unless it has two uplinks,"
                                + " somebody has copied it, so issue another");
    }

    @Test
    void looksBehindATrustedProxy() throws Exception {
        for (int i = 0; i < 2; i++) {
            watch.used(GATEWAY, by("10.0.0.1", "192.0.2.1"));
            watch.used(GATEWAY, by("10.0.0.2", "198.51.100.1"));
        }
        assertThat(told).hasSize(1);
        assertThat(told.getFirst()).contains("192.0.2.0/24 and 198.51.100.0/24");
    }

    @Test
    void isNotToldByStrangersWhereTheyAre() throws Exception {
        for (int i = 0; i < 2; i++) {
            watch.used(GATEWAY, by("203.0.113.1", "192.0.2.1"));
            watch.used(GATEWAY, by("203.0.113.1", "198.51.100.1"));
        }
        assertThat(told).isEmpty();
    }

    private static Request by(String address, String forwardedFor) throws Exception {
        return Request.of("GET", "/")
                .withRemoteAddress(new InetSocketAddress(InetAddress.getByName(address), 443))
                .withHeader("X-Forwarded-For", forwardedFor);
    }

    @Test
    void doesNotTakeOneGatewayForAnother() throws Exception {
        Eui64 other = Eui64.parse("58A0CBFFFE800BE8");
        for (int i = 0; i < 4; i++) {
            used(GATEWAY, "192.0.2.1");
            used(other, "198.51.100.1");
        }
        assertThat(told).isEmpty();
    }
}
