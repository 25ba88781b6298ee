package dev.usher.network.outlets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.lorawan.Eui64;
import dev.usher.network.traffic.TrafficEvent;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AudienceTest {

    private static final Audience NEAR = Audience.of(has(Events.NEAR), has());
    private static final Audience OWNER = Audience.of(has(), has(Events.DEVICE));
    private static final Audience NONE = Audience.of(has(), has());

    static Stream<TrafficEvent> events() {
        return Stream.of(
                Events.uplink(1),
                Events.joined(),
                Events.joinFailed(),
                Events.downlink(),
                Events.connected(Events.NEAR),
                Events.connected(Events.FAR));
    }

    @ParameterizedTest
    @MethodSource("events")
    void tellsAdministratorsEverythingAndStrangersNothing(TrafficEvent event) {
        assertThat(Audience.EVERYTHING.share(event)).contains(event);
        assertThat(NONE.share(event)).isEmpty();
    }

    @Test
    void tellsWhoWatchesAGatewayItsShareAlone() {
        TrafficEvent.Uplink share =
                (TrafficEvent.Uplink) NEAR.share(Events.uplink(1)).orElseThrow();

        assertThat(share.payload()).isEmpty();
        assertThat(share.heardBy())
                .extracting(heard -> heard.gateway())
                .containsExactly(Events.NEAR);
        assertThat(NEAR.share(Events.connected(Events.NEAR))).isPresent();
        assertThat(NEAR.share(Events.connected(Events.FAR))).isEmpty();
        assertThat(NEAR.share(Events.joined())).isPresent();
        assertThat(NEAR.share(Events.joinFailed())).isEmpty();
    }

    @Test
    void tellsNothingOfAnUplinkThatOthersHeard() {
        Audience other = Audience.of(has(new Eui64(7)), has(new Eui64(8)));

        assertThat(other.share(Events.uplink(1))).isEmpty();
    }

    @Test
    void tellsWhoHasADeviceAllOfItAndNothingOfGateways() {
        TrafficEvent.Uplink uplink =
                (TrafficEvent.Uplink) OWNER.share(Events.uplink(1)).orElseThrow();

        assertThat(uplink.payload()).isPresent();
        assertThat(uplink.heardBy()).hasSize(2);
        assertThat(OWNER.share(Events.joined())).isPresent();
        assertThat(OWNER.share(Events.joinFailed())).isPresent();
        assertThat(OWNER.share(Events.downlink())).isPresent();
        assertThat(OWNER.share(Events.connected(Events.NEAR))).isEmpty();
    }

    @Test
    void tellsNothingFromBeforeItWasTheirs() {
        TrafficEvent uplink = Events.uplink(1);
        Instant later = uplink.at().plusMillis(1);
        Function<Eui64, Optional<Instant>> since = _ -> Optional.of(later);
        Audience next = Audience.of(since, since);

        assertThat(next.share(uplink)).isEmpty();
        assertThat(next.share(Events.connected(Events.NEAR))).isEmpty();
    }

    private static Function<Eui64, Optional<Instant>> has(Eui64... euis) {
        return eui -> Set.of(euis).contains(eui) ? Optional.of(Instant.EPOCH) : Optional.empty();
    }
}
