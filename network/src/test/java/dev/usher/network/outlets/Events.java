package dev.usher.network.outlets;

import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.Eui64;
import dev.usher.network.traffic.TrafficEvent;
import dev.usher.station.Reception;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What may happen on a network with two gateways. */
final class Events {

    static final Eui64 NEAR = Eui64.parse("58A0CBFFFE800001");
    static final Eui64 FAR = Eui64.parse("58A0CBFFFE800002");
    static final Eui64 DEVICE = Eui64.parse("0102030405060708");
    static final Instant AT = Instant.parse("2026-11-21T10:00:00.123456789Z");
    private static final Eui64 JOIN_EUI = Eui64.parse("70B3D57ED0000001");
    private static final DevAddr DEV_ADDR = DevAddr.parse("26011234");

    private Events() {}

    static TrafficEvent.Uplink uplink(int fCnt) {
        return uplink(DEVICE, fCnt);
    }

    static TrafficEvent.Uplink uplink(Eui64 device, int fCnt) {
        return new TrafficEvent.Uplink(
                AT,
                device,
                DEV_ADDR,
                fCnt,
                false,
                OptionalInt.of(2),
                Optional.of(new byte[] {10, (byte) 0xFF}),
                List.of(heard(NEAR), heard(FAR)));
    }

    private static TrafficEvent.HeardBy heard(Eui64 gateway) {
        return new TrafficEvent.HeardBy(
                gateway, new Reception(5, 868_100_000, 0, 1, 0, -1, -40, 9.5, 0, 0));
    }

    static TrafficEvent joined() {
        return new TrafficEvent.Joined(AT, DEVICE, JOIN_EUI, DEV_ADDR, NEAR);
    }

    static TrafficEvent joinFailed() {
        return new TrafficEvent.JoinFailed(AT, DEVICE, JOIN_EUI, 7, "nobody knows it");
    }

    static TrafficEvent downlink() {
        return new TrafficEvent.Downlink(AT, DEVICE, 3, true, OptionalInt.empty(), NEAR);
    }

    static TrafficEvent connected(Eui64 gateway) {
        return new TrafficEvent.GatewayConnected(AT, gateway, "2.0.6");
    }
}
