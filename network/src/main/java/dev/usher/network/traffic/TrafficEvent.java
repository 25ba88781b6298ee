package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import dev.usher.station.Reception;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Something that happened between gateways, devices and Join Servers. */
public sealed interface TrafficEvent {

    Instant at();

    /** One of a device. */
    sealed interface OfDevice extends TrafficEvent {
        Eui64 devEui();
    }

    /** One of a gateway. */
    sealed interface OfGateway extends TrafficEvent {
        Eui64 gateway();
    }

    /** A device was activated; its join-accept is on the way to the gateway. */
    record Joined(Instant at, Eui64 devEui, Eui64 joinEui, DevAddr devAddr, Eui64 gateway)
            implements OfDevice {}

    /**
     * A join-request came to nothing.
     *
     * @param why one sentence
     */
    record JoinFailed(Instant at, Eui64 devEui, Eui64 joinEui, int devNonce, String why)
            implements OfDevice {
        public JoinFailed {
            requireNonNull(why, "why");
        }
    }

    /** A gateway's share in an uplink. */
    record HeardBy(Eui64 gateway, Reception reception) {}

    /**
     * An uplink of a device.
     *
     * @param fPort empty if it carries no FRMPayload
     * @param payload in clear; empty if there is none, or the AppSKey is not to be had
     * @param heardBy the best gateway first
     */
    record Uplink(
            Instant at,
            Eui64 devEui,
            DevAddr devAddr,
            long fCnt,
            boolean confirmed,
            OptionalInt fPort,
            Optional<byte[]> payload,
            List<HeardBy> heardBy)
            implements OfDevice {

        public Uplink {
            heardBy = List.copyOf(heardBy);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Uplink that
                    && devEui.equals(that.devEui)
                    && devAddr.equals(that.devAddr)
                    && fCnt == that.fCnt
                    && at.equals(that.at)
                    && Arrays.equals(payload.orElse(null), that.payload.orElse(null));
        }

        @Override
        public int hashCode() {
            return devEui.hashCode() * 31 + Long.hashCode(fCnt);
        }
    }

    /**
     * A downlink was handed to a gateway.
     *
     * @param fPort empty if it carries no FRMPayload
     */
    record Downlink(
            Instant at, Eui64 devEui, long fCnt, boolean ack, OptionalInt fPort, Eui64 gateway)
            implements OfDevice {}

    /** A gateway has sent a downlink of a device. */
    record Transmitted(Instant at, Eui64 devEui, Eui64 gateway) implements OfDevice {}

    /**
     * A device has acknowledged a confirmed downlink.
     *
     * @param fCnt that downlink's
     */
    record Acknowledged(Instant at, Eui64 devEui, long fCnt) implements OfDevice {}

    /**
     * A device was heard after a confirmed downlink, and has not acknowledged it: it did not
     * receive it, or will not have it.
     *
     * @param fCnt that downlink's
     */
    record NotAcknowledged(Instant at, Eui64 devEui, long fCnt) implements OfDevice {}

    record GatewayConnected(Instant at, Eui64 gateway, String station) implements OfGateway {
        public GatewayConnected {
            station = Printable.of(station);
        }
    }

    /**
     * Somebody should look at a gateway.
     *
     * @param why one sentence
     */
    record GatewayAlert(Instant at, Eui64 gateway, String why) implements OfGateway {
        public GatewayAlert {
            requireNonNull(why, "why");
        }
    }

    record GatewayDisconnected(Instant at, Eui64 gateway) implements OfGateway {}
}
