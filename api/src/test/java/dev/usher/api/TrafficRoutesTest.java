package dev.usher.api;

import static dev.usher.api.NetworkHouse.GATEWAY;
import static dev.usher.api.NetworkHouse.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.Eui64;
import dev.usher.network.outlets.EventJson;
import dev.usher.network.traffic.TrafficEvent;
import dev.usher.station.Reception;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The traffic, followed over REST. */
class TrafficRoutesTest {

    private static final String EVENTS = "/api/v1/network/events";
    private static final Instant AT = Instant.parse("2026-11-21T10:00:00Z");
    private static final Eui64 DEVICE = Eui64.parse("0102030405060708");
    private static final Eui64 JOIN_EUI = Eui64.parse("70B3D57ED0000000");
    private static final Eui64 OTHERS_DEVICE = Eui64.parse("0102030405060709");
    private static final Eui64 OTHER = Eui64.parse("AA00000000000001");
    private static final DevAddr DEV_ADDR = DevAddr.parse("26011234");
    private static final TrafficEvent UPLINK =
            new TrafficEvent.Uplink(
                    AT,
                    DEVICE,
                    DEV_ADDR,
                    70_000,
                    true,
                    OptionalInt.of(2),
                    Optional.of(new byte[] {1, 2}),
                    List.of(heardBy(GATEWAY, -40), heardBy(OTHER, -90)));

    private @TempDir Path directory;
    private NetworkHouse house;

    @BeforeEach
    void open() {
        house = new NetworkHouse(directory);
    }

    @AfterEach
    void close() {
        house.close();
    }

    private static TrafficEvent.HeardBy heardBy(Eui64 gateway, double rssi) {
        return new TrafficEvent.HeardBy(
                gateway, new Reception(5, 868_100_000, 0, 1, 0, -1, rssi, 9.5, 0, 0));
    }

    static Stream<Arguments> events() {
        return Stream.of(
                Arguments.of(
                        new TrafficEvent.Joined(AT, DEVICE, JOIN_EUI, DEV_ADDR, GATEWAY),
                        "{'type':'join','at':'2026-11-21T10:00:00Z','device':'0102030405060708',"
                                + "'joinEui':'70B3D57ED0000000','devAddr':'26011234',"
                                + "'gateway':'58A0CBFFFE800BE7'}"),
                Arguments.of(
                        new TrafficEvent.JoinFailed(AT, DEVICE, JOIN_EUI, 7, "nobody knows it"),
                        "{'type':'join-failed','at':'2026-11-21T10:00:00Z',"
                                + "'device':'0102030405060708','joinEui':'70B3D57ED0000000',"
                                + "'devNonce':7,'why':'nobody knows it'}"),
                Arguments.of(
                        UPLINK,
                        "{'type':'uplink','at':'2026-11-21T10:00:00Z','device':'0102030405060708',"
                            + "'devAddr':'26011234','fCnt':70000,'confirmed':true,'port':2,"
                            + "'payload':'AQI=','heardBy':[{'gateway':'58A0CBFFFE800BE7',"
                            + "'frequency':868100000,'dataRate':5,'rssi':-40.0,'snr':9.5},"
                            + "{'gateway':'AA00000000000001','frequency':868100000,'dataRate':5,"
                            + "'rssi':-90.0,'snr':9.5}]}"),
                Arguments.of(
                        new TrafficEvent.Downlink(
                                AT, DEVICE, 3, true, OptionalInt.empty(), GATEWAY),
                        "{'type':'downlink','at':'2026-11-21T10:00:00Z',"
                                + "'device':'0102030405060708','fCnt':3,'ack':true,"
                                + "'gateway':'58A0CBFFFE800BE7'}"),
                Arguments.of(
                        new TrafficEvent.Transmitted(AT, DEVICE, GATEWAY),
                        "{'type':'transmitted','at':'2026-11-21T10:00:00Z',"
                                + "'device':'0102030405060708','gateway':'58A0CBFFFE800BE7'}"),
                Arguments.of(
                        new TrafficEvent.GatewayConnected(AT, GATEWAY, "2.0.6"),
                        "{'type':'gateway-connected','at':'2026-11-21T10:00:00Z',"
                                + "'gateway':'58A0CBFFFE800BE7','station':'2.0.6'}"),
                Arguments.of(
                        new TrafficEvent.GatewayAlert(AT, GATEWAY, "somebody has its key"),
                        "{'type':'gateway-alert','at':'2026-11-21T10:00:00Z',"
                                + "'gateway':'58A0CBFFFE800BE7','why':'somebody has its key'}"),
                Arguments.of(
                        new TrafficEvent.GatewayDisconnected(AT, GATEWAY),
                        "{'type':'gateway-disconnected','at':'2026-11-21T10:00:00Z',"
                                + "'gateway':'58A0CBFFFE800BE7'}"));
    }

    @ParameterizedTest
    @MethodSource("events")
    void tellsWhatHappened(TrafficEvent event, String told) {
        assertThat(json(EventJson.of(event).toString())).isEqualTo(json(told));
    }

    @Test
    void followsAsItHappens() throws Exception {
        try (Follower all = new Follower("", house.house.administratorKey);
                Follower other = new Follower("?gateway=" + OTHER, house.house.administratorKey);
                Follower devices = new Follower("?device=" + DEVICE, house.house.administratorKey);
                Follower connections =
                        new Follower("?type=gateway-connected", house.house.administratorKey)) {
            house.connect(OTHER);
            house.connect(GATEWAY);
            all.awaits("gateway-connected", GATEWAY);
            other.awaits("gateway-connected", OTHER);
            connections.awaits("gateway-connected", GATEWAY);
            assertThat(other.text()).doesNotContain(GATEWAY.toString());
            assertThat(devices.text()).doesNotContain("data:");
        }
    }

    @Test
    void showsOthersTheGatewaysTheyMayWatch() throws Exception {
        house.asAnn(
                "POST",
                "/api/v1/network/gateways",
                "{'eui':'AA00000000000001','id':'gtw1','collaborator':'ann'}");
        assertThat(house.asBob("GET", EVENTS + "?gateway=gtw1", "").status()).isEqualTo(404);
        try (Follower ann = new Follower("?gateway=gtw1", house.annKey)) {
            house.connect(GATEWAY);
            house.connect(OTHER);
            ann.awaits("gateway-connected", OTHER);
            assertThat(ann.text()).doesNotContain(GATEWAY.toString());
        }
    }

    @Test
    void showsOthersTheirDevicesAndNoOneElses() throws Exception {
        String named = EVENTS + "?device=" + DEVICE;
        house.asAnn(
                "POST",
                "/api/v1/network/devices",
                "{'devEui':'0102030405060708','joinEui':'70B3D57ED0000000','macVersion':'1.0.3'}");
        assertThat(house.asBob("GET", named, "").status()).isEqualTo(404);
        house.asAnn(
                "PUT",
                "/api/v1/network/devices/" + DEVICE + "/collaborators/bob",
                "{'rights':['RIGHT_APPLICATION_DEVICES_READ']}");
        assertThat(house.asBob("GET", named, "").status()).isEqualTo(403);

        try (Follower one = new Follower("?device=" + DEVICE, house.annKey);
                Follower all = new Follower("", house.annKey);
                Follower bob = new Follower("", house.bobKey);
                Follower admin = new Follower("", house.house.administratorKey)) {
            house.hearsJoin(GATEWAY, DEVICE);
            house.hearsJoin(GATEWAY, OTHERS_DEVICE);
            admin.awaits("join-failed", OTHERS_DEVICE);
            one.awaits("join-failed", DEVICE);
            all.awaits("join-failed", DEVICE);
            assertThat(all.text()).doesNotContain(OTHERS_DEVICE.toString());
            assertThat(bob.text()).doesNotContain("data:");
        }
    }

    @Test
    void goesOnWhereAStreamBrokeOff() throws Exception {
        String lastSeen;
        try (Follower before = new Follower("", house.house.administratorKey)) {
            house.connect(GATEWAY);
            before.awaits("gateway-connected", GATEWAY);
            lastSeen = before.lastId();
        }
        house.connect(OTHER);
        try (Follower after = new Follower("", house.house.administratorKey, lastSeen)) {
            after.awaits("gateway-connected", OTHER);
            assertThat(after.text())
                    .startsWith(": from then on")
                    .doesNotContain(GATEWAY.toString(), "missed");
        }
    }

    @Test
    void saysThatItDoesNotKnowWhereAStreamOfAnotherRunBrokeOff() throws Exception {
        try (Follower after = new Follower("", house.house.administratorKey, "0badf00d-7")) {
            await().until(() -> after.text().contains("\n\ndata: {\"type\":\"missed\"}\n\n"));
        }
    }

    @Test
    void aTypeThatThereIsNotIsNoSilence() throws Exception {
        House.Answer answer = house.asAdmin("GET", EVENTS + "?type=uplnk", "");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("detail").stringValue())
                .startsWith("'uplnk' is no type of event: there are downlink, downlink-acked, ");
    }

    @Test
    void endsWithTheKeyThatItWasAskedForWith() throws Exception {
        String key =
                house.asAnn("POST", "/api/v1/users/ann/api-keys", "{'rights':['RIGHT_ALL']}")
                        .json()
                        .get("key")
                        .stringValue();
        try (Follower ends = new Follower("", key);
                Follower goesOn = new Follower("", house.annKey)) {
            house.asAnn("DELETE", "/api/v1/users/ann/api-keys/" + key.split("\\.", -1)[1], "");

            await().until(() -> !ends.thread.isAlive());
            assertThat(goesOn.thread.isAlive()).isTrue();
        }
    }

    /** Somebody who follows the traffic. */
    private final class Follower implements AutoCloseable {

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final Thread thread;

        Follower(String query, String key) {
            this(Request.of("GET", EVENTS + query).withHeader("Authorization", "Bearer " + key));
        }

        Follower(String query, String key, String lastSeen) {
            this(
                    Request.of("GET", EVENTS + query)
                            .withHeader("Authorization", "Bearer " + key)
                            .withHeader("Last-Event-ID", lastSeen));
        }

        private Follower(Request request) {
            Response response = house.rest.handle(request);
            assertThat(response).isInstanceOf(Response.Streamed.class);
            thread =
                    Thread.startVirtualThread(
                            () -> {
                                try {
                                    ((Response.Streamed) response).body().writeTo(out);
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
            await().until(() -> text().startsWith(": from "));
        }

        String text() {
            return out.toString(StandardCharsets.UTF_8);
        }

        String lastId() {
            return text().lines()
                    .filter(line -> line.startsWith("id: "))
                    .reduce((_, second) -> second)
                    .orElseThrow()
                    .substring(4);
        }

        void awaits(String type, Eui64 of) {
            await().untilAsserted(
                            () ->
                                    assertThat(text().lines().filter(l -> l.startsWith("data: ")))
                                            .anySatisfy(
                                                    line ->
                                                            assertThat(line)
                                                                    .contains(
                                                                            type, of.toString())));
        }

        @Override
        public void close() {
            thread.interrupt();
            await().until(() -> !thread.isAlive());
        }
    }
}
