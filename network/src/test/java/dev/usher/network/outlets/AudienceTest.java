package dev.usher.network.outlets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.lorawan.Eui64;
import dev.usher.network.traffic.TrafficEvent;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AudienceTest {

    private static final Audience NEAR = Audience.of(Set.of(Events.NEAR)::contains, _ -> false);
    private static final Audience OWNER = Audience.of(_ -> false, Set.of(Events.DEVICE)::contains);
    private static final Audience NONE = Audience.of(_ -> false, _ -> false);

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
        Audience other =
                Audience.of(Set.of(new Eui64(7))::contains, Set.of(new Eui64(8))::contains);

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
}
