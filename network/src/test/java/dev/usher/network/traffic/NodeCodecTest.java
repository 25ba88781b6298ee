package dev.usher.network.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.Eui64;
import dev.usher.station.LnsDownlink;
import dev.usher.station.Reception;
import java.io.EOFException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NodeCodecTest {

    private static final Instant AT = Instant.parse("2026-11-21T10:00:00.123456789Z");
    private static final Eui64 DEVICE = Eui64.parse("0102030405060708");
    private static final Eui64 GATEWAY = Eui64.parse("58A0CBFFFE800001");
    private static final DevAddr ADDRESS = DevAddr.parse("26012345");

    /** Its xtime is more than a double holds. */
    private static final Reception RECEPTION =
            new Reception(
                    15, 869_525_000, 127, (1L << 62) + 1, 1L << 60, -1, -120.5, -19.75, 1e9, 2e9);

    static Stream<NodeMessage> messages() {
        return Stream.concat(
                Stream.of(
                        new NodeMessage.Copy(
                                GATEWAY, TestTraffic.PLAN, RECEPTION, new byte[] {1, 2, 3}),
                        new NodeMessage.Run(
                                GATEWAY, new LnsDownlink.RunCommand("reboot", List.of("-f", "ä")))),
                Stream.of(
                                new TrafficEvent.Joined(AT, DEVICE, DEVICE, ADDRESS, GATEWAY),
                                new TrafficEvent.JoinFailed(AT, DEVICE, DEVICE, 65_535, "why"),
                                uplink(1),
                                new TrafficEvent.Uplink(
                                        AT,
                                        DEVICE,
                                        ADDRESS,
                                        0xFFFF_FFFFL,
                                        true,
                                        OptionalInt.empty(),
                                        Optional.empty(),
                                        List.of()),
                                new TrafficEvent.Downlink(
                                        AT, DEVICE, 7, true, OptionalInt.of(223), GATEWAY),
                                new TrafficEvent.Transmitted(AT, DEVICE, GATEWAY),
                                new TrafficEvent.Acknowledged(AT, DEVICE, 0x1_0007),
                                new TrafficEvent.NotAcknowledged(AT, DEVICE, 0x1_0007),
                                new TrafficEvent.GatewayConnected(AT, GATEWAY, "2.0.6"),
                                new TrafficEvent.GatewayAlert(AT, GATEWAY, "why"),
                                new TrafficEvent.GatewayDisconnected(AT, GATEWAY))
                        .map(NodeMessage.Happened::new));
    }

    private static TrafficEvent.Uplink uplink(int gateways) {
        return new TrafficEvent.Uplink(
                AT,
                DEVICE,
                ADDRESS,
                42,
                false,
                OptionalInt.of(10),
                Optional.of(new byte[242]),
                Collections.nCopies(gateways, new TrafficEvent.HeardBy(GATEWAY, RECEPTION)));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void whatIsReadIsWhatWasWritten(NodeMessage message) throws Exception {
        assertThat(NodeCodec.read(NodeCodec.write(message))).contains(message);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aMessageThatIsCutOffIsRefused(NodeMessage message) {
        byte[] whole = NodeCodec.write(message);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> NodeCodec.read(cut)).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void theGatewaysOfAnUplinkAreToldInTheirOrder() throws Exception {
        NodeMessage.Happened read =
                (NodeMessage.Happened)
                        NodeCodec.read(NodeCodec.write(new NodeMessage.Happened(uplink(1))))
                                .orElseThrow();
        assertThat(((TrafficEvent.Uplink) read.event()).heardBy())
                .containsExactly(new TrafficEvent.HeardBy(GATEWAY, RECEPTION));
    }

    @Test
    void anUplinkThatManyGatewaysHeardStillFits() {
        byte[] message = NodeCodec.write(new NodeMessage.Happened(uplink(1000)));
        assertThat(message.length).isBetween(4000, NodeBus.LARGEST);
    }

    @Test
    void aKindThatOnlyAnotherVersionKnowsIsLeftOut() throws Exception {
        assertThat(NodeCodec.read(new byte[] {99, 1, 2, 3})).isEmpty();
    }
}
