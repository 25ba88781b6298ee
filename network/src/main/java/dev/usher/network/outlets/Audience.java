package dev.usher.network.outlets;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.network.traffic.TrafficEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What of the traffic somebody may know. It is decided here alone, whichever way they are told. */
public sealed interface Audience {

    /** Those who may know everything: administrators. */
    Audience EVERYTHING = new Everything();

    /** The event as they may know it; empty if they may not know of it. */
    Optional<TrafficEvent> share(TrafficEvent event);

    /**
     * Those who have rights on some gateways and devices. Of their devices they learn everything;
     * of others what their gateways did, without what devices said, as having heard a device gives
     * nobody its data. What happened before these were theirs is who had them then's alone, also if
     * they ask for it later.
     *
     * @param watchedGateway since when a gateway is one of theirs; empty if it is not
     * @param ownDevice likewise, a device
     */
    static Audience of(
            Function<Eui64, Optional<Instant>> watchedGateway,
            Function<Eui64, Optional<Instant>> ownDevice) {
        return new Entitled(watchedGateway, ownDevice);
    }

    /** See {@link #EVERYTHING}. */
    record Everything() implements Audience {

        @Override
        public Optional<TrafficEvent> share(TrafficEvent event) {
            return Optional.of(event);
        }
    }

    /** See {@link #of}. */
    record Entitled(
            Function<Eui64, Optional<Instant>> watchedGateway,
            Function<Eui64, Optional<Instant>> ownDevice)
            implements Audience {

        public Entitled {
            requireNonNull(watchedGateway, "watchedGateway");
            requireNonNull(ownDevice, "ownDevice");
        }

        @Override
        public Optional<TrafficEvent> share(TrafficEvent event) {
            return switch (event) {
                case TrafficEvent.OfDevice of when isTheirs(ownDevice.apply(of.devEui()), event) ->
                        Optional.of(event);
                case TrafficEvent.Uplink uplink -> share(uplink);
                case TrafficEvent.JoinFailed _ -> Optional.empty();
                default ->
                        Optional.of(event)
                                .filter(
                                        _ ->
                                                EventJson.gateways(event).stream()
                                                        .anyMatch(eui -> isWatched(eui, event)));
            };
        }

        private boolean isWatched(Eui64 gateway, TrafficEvent event) {
            return isTheirs(watchedGateway.apply(gateway), event);
        }

        private static boolean isTheirs(Optional<Instant> since, TrafficEvent event) {
            return since.filter(begin -> !event.at().isBefore(begin)).isPresent();
        }

        private Optional<TrafficEvent> share(TrafficEvent.Uplink uplink) {
            List<TrafficEvent.HeardBy> share =
                    uplink.heardBy().stream()
                            .filter(heard -> isWatched(heard.gateway(), uplink))
                            .toList();
            return share.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            new TrafficEvent.Uplink(
                                    uplink.at(),
                                    uplink.devEui(),
                                    uplink.devAddr(),
                                    uplink.fCnt(),
                                    uplink.confirmed(),
                                    uplink.fPort(),
                                    Optional.empty(),
                                    share));
        }
    }
}
