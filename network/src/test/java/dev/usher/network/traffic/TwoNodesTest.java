package dev.usher.network.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.accounts.AuditLog;
import dev.usher.lorawan.DataFrame;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrameFlag;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.MacVersion;
import dev.usher.station.LnsDownlink;
import dev.usher.station.LnsUplink;
import dev.usher.station.Reception;
import dev.usher.store.Database;
import dev.usher.store.DatabaseUrl;
import dev.usher.store.TestDatabase;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two nodes on one PostgreSQL are one network. */
class TwoNodesTest {

    private static final byte[] HELLO = {1, 2, 3};
    private static final Duration WINDOW = Duration.ofMillis(300);
    private static final Duration LOOK = Duration.ofMillis(100);

    private static final DatabaseUrl URL = TestDatabase.POSTGRESQL.freshUrl();

    @AutoClose private static final Database OF_A = Database.open(URL);
    @AutoClose private static final Database OF_B = Database.open(URL);

    private final TestTraffic.FakeJoinServer joinServer = new TestTraffic.FakeJoinServer();
    private final VirtualDevice device =
            new VirtualDevice(Eui64.parse("0102030405060708"), VirtualDevice.R1_0);
    private final TestTraffic.Link onA = new TestTraffic.Link(Eui64.parse("58A0CBFFFE800001"));
    private final TestTraffic.Link onB = new TestTraffic.Link(Eui64.parse("58A0CBFFFE800002"));
    private Node a;
    private Node b;

    /** A node, and what somebody who listens at it sees. */
    private final class Node implements AutoCloseable {

        final Database database;
        final Traffic traffic;
        final TrafficEvents.Subscription ofDevices;
        final TrafficEvents.Subscription ofGateways;
        final TrafficEvents.Subscription here;

        Node(Database database) throws InterruptedException {
            this.database = database;
            traffic =
                    new Traffic(
                            database,
                            TestTraffic.VAULT,
                            new AuditLog(database, InstantSource.system()),
                            TestTraffic.NET_ID,
                            joinServer,
                            WINDOW,
                            LOOK,
                            InstantSource.system());
            ofDevices = listen(TrafficEvent.OfDevice.class::isInstance);
            ofGateways = listen(TrafficEvent.OfGateway.class::isInstance);
            here = traffic.events().subscribe(TrafficEvent.OfDevice.class::isInstance);
            assertThat(traffic.awaitOthers(Duration.ofSeconds(10))).isTrue();
        }

        private TrafficEvents.Subscription listen(Predicate<TrafficEvent> filter) {
            return traffic.events().subscribeEverywhere(filter);
        }

        TrafficEvent next() throws InterruptedException {
            return ofDevices.next(10_000).getFirst();
        }

        TrafficEvent nextOfGateway() throws InterruptedException {
            return ofGateways.next(10_000).getFirst();
        }

        void hears(TestTraffic.Link link, JoinRequest request, double snr) {
            traffic.received(link, new LnsUplink.Join(request, reception(snr)));
        }

        void hears(TestTraffic.Link link, DataFrame frame, double snr) {
            traffic.received(link, new LnsUplink.Data(frame, reception(snr)));
        }

        private static Reception reception(double snr) {
            return new Reception(5, TestTraffic.FREQUENCY, 7, 1_000_000, 0, -1, -40, snr, 0, 0);
        }

        @Override
        public void close() {
            traffic.close();
        }
    }

    @BeforeEach
    void start() throws InterruptedException {
        a = new Node(OF_A);
        b = new Node(OF_B);
        a.traffic.connected(onA, "2.0.6");
        b.traffic.connected(onB, "2.0.6");
        a.database.write(
                a.traffic
                        .devices()
                        .create(
                                TestTraffic.ADMIN,
                                Optional.empty(),
                                device.devEui,
                                VirtualDevice.JOIN_EUI,
                                "",
                                MacVersion.V1_0_3));
        joinServer.knows(device);
    }

    @AfterEach
    void stop() {
        a.close();
        b.close();
        OF_A.write(
                handle -> {
                    handle.execute("DELETE FROM network_join");
                    return a.traffic
                            .devices()
                            .delete(TestTraffic.ADMIN, device.devEui)
                            .apply(handle);
                });
    }

    private void join() throws InterruptedException {
        a.hears(onA, device.join(), 5);
        device.joined(onA.next());
        assertThat(a.next()).isInstanceOf(TrafficEvent.Joined.class);
        assertThat(b.next()).isInstanceOf(TrafficEvent.Joined.class);
    }

    @Test
    void aJoinRequestThatBothHearIsOneJoinThroughTheBetterGateway() throws Exception {
        JoinRequest request = device.join();
        a.hears(onA, request, -3);
        b.hears(onB, request, 9.5);

        device.joined(onB.next());
        TrafficEvent.Joined joined = (TrafficEvent.Joined) a.next();
        assertThat(joined.gateway()).isEqualTo(onB.gateway());
        assertThat(b.next()).isEqualTo(joined);

        DataFrame frame = device.send(10, HELLO); // nothing else happened before this
        a.hears(onA, frame, 5);
        assertThat(a.next()).isInstanceOf(TrafficEvent.Uplink.class);
        assertThat(onA.sent).isEmpty();
        assertThat(joinServer.asked).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-3, 5, 9.5})
    void anUplinkThatBothHearComesOutOnceWithBothGateways(double snrAtB) throws Exception {
        join();
        DataFrame frame = device.send(10, HELLO, FrameFlag.CONFIRMED);

        a.hears(onA, frame, 5);
        b.hears(onB, frame, snrAtB);

        // Of two that hear it equally well, the lower EUI answers.
        boolean bAnswers = snrAtB > 5;
        TestTraffic.Link best = bAnswers ? onB : onA;
        TestTraffic.Link other = bAnswers ? onA : onB;
        assertThat(DataFrame.parse(best.next().pdu()).has(FrameFlag.ACK)).isTrue();
        for (Node node : List.of(a, b)) {
            assertThat(((TrafficEvent.Downlink) node.next()).gateway()).isEqualTo(best.gateway());
            TrafficEvent.Uplink uplink = (TrafficEvent.Uplink) node.next();
            assertThat(uplink.payload()).hasValueSatisfying(p -> assertThat(p).isEqualTo(HELLO));
            assertThat(uplink.heardBy())
                    .extracting(TrafficEvent.HeardBy::gateway)
                    .containsExactly(best.gateway(), other.gateway());
        }

        // The other node has come back to it, and found it answered, before this is through.
        DataFrame next = device.send(10, HELLO);
        a.hears(onA, next, 5);
        assertThat(((TrafficEvent.Uplink) a.next()).fCnt()).isEqualTo(1);
        assertThat(((TrafficEvent.Uplink) b.next()).fCnt()).isEqualTo(1);
        assertThat(other.sent).isEmpty();
    }

    @Test
    void anEventIsToldToListenersOfAllNodesAndToThoseOfItsOwnNode() throws Exception {
        join();
        assertThat(a.here.next(10_000)).hasSize(1);
        assertThat(b.here.next(0)).isEmpty();
    }

    @Test
    void whatIsQueuedAtOneNodeLeavesThroughAnother() throws Exception {
        join();
        a.database.write(a.traffic.downlinks().push(device.devEui, 20, new byte[] {4, 5}, false));

        b.hears(onB, device.send(10, HELLO), 5);

        DataFrame downlink = DataFrame.parse(onB.next().pdu());
        assertThat(device.accepts(downlink, 0, 0)).isTrue();
        assertThat(device.payload(downlink, 0)).containsExactly(4, 5);
        assertThat(a.traffic.downlinks().list(TestTraffic.ADMIN, device.devEui)).isEmpty();
    }

    @Test
    void aNodeAnswersWhatTheBetterNodeLeavesUnanswered() throws Exception {
        join();
        DataFrame frame = device.send(10, HELLO, FrameFlag.CONFIRMED);
        try (NodeBus gone = new NodeBus(1, OF_B, TestTraffic.VAULT.sealer(), _ -> {})) {
            gone.tell(
                    new NodeMessage.Copy(
                            Eui64.parse("58A0CBFFFE800009"),
                            TestTraffic.PLAN,
                            Node.reception(9.5),
                            frame.phyPayload()));
            a.hears(onA, frame, 5);

            DataFrame ack = DataFrame.parse(onA.next().pdu());
            assertThat(ack.has(FrameFlag.ACK)).isTrue();
            assertThat(a.next()).isInstanceOf(TrafficEvent.Downlink.class);
            assertThat(a.next()).isInstanceOf(TrafficEvent.Uplink.class);
        }
    }

    /** As if nothing were told: each node believes that it alone heard the frame. */
    @Test
    void withoutAWordBetweenThemTheDatabaseStillLetsOneThrough() throws Exception {
        join();
        try (Node mute = new Node(OF_B)) {
            TestTraffic.Link onMute = new TestTraffic.Link(Eui64.parse("58A0CBFFFE800003"));
            mute.traffic.stopTelling();
            mute.traffic.connected(onMute, "2.0.6");
            for (int i = 0; i < 5; i++) {
                DataFrame frame = device.send(10, HELLO, FrameFlag.CONFIRMED);
                mute.hears(onMute, frame, 5);
                a.hears(onA, frame, 5);

                TrafficEvent.Uplink uplink = theUplink(mute);
                assertThat(uplink.fCnt()).isEqualTo(i);
                assertThat(uplink.heardBy()).hasSize(1);
            }
            Awaitility.await().until(() -> onA.sent.size() + onMute.sent.size() == 5);

            JoinRequest request = device.join();
            mute.hears(onMute, request, 5);
            a.hears(onA, request, 5);
            Awaitility.await().until(() -> onA.sent.size() + onMute.sent.size() == 6);
            assertThat(joinServer.asked).hasSize(2);
        }
    }

    /** Of this node or of A: one of them has told it. */
    private TrafficEvent.Uplink theUplink(Node mute) throws InterruptedException {
        while (true) {
            for (Node node : List.of(mute, a)) {
                for (TrafficEvent event : node.here.next(20)) {
                    if (event instanceof TrafficEvent.Uplink uplink) {
                        return uplink;
                    }
                }
            }
        }
    }

    @Test
    void whereAGatewayIsConnectedEveryNodeKnows() throws Exception {
        Awaitility.await()
                .until(() -> b.traffic.status(onA.gateway()) instanceof GatewayStatus.Connected);
        assertThat(b.traffic.connected(onA.gateway())).isEmpty();

        a.traffic.disconnected(onA);
        Awaitility.await()
                .until(
                        () ->
                                b.traffic.status(onA.gateway())
                                                instanceof GatewayStatus.Away(var lastSeen)
                                        && lastSeen.isPresent());
        assertThat(b.traffic.status(Eui64.parse("58A0CBFFFE8000FF")))
                .isEqualTo(new GatewayStatus.Away(Optional.empty()));
    }

    @Test
    void aCommandFindsItsGatewayFromAnyNode() throws Exception {
        LnsDownlink.RunCommand reboot = new LnsDownlink.RunCommand("reboot", List.of("-f"));
        Awaitility.await()
                .until(() -> a.traffic.status(onB.gateway()) instanceof GatewayStatus.Connected);

        a.traffic.run(onB.gateway(), reboot);

        assertThat(onB.sent.poll(10, TimeUnit.SECONDS)).isEqualTo(reboot);
        Eui64 nobody = Eui64.parse("58A0CBFFFE8000FF");
        assertThatThrownBy(() -> a.traffic.run(nobody, reboot))
                .hasMessage("gateway 58A0CBFFFE8000FF is not connected");
    }

    @Test
    void aGatewayThatConnectsToAnotherNodeEndsItsOldConnectionSilently() throws Exception {
        assertThat(b.nextOfGateway()).isInstanceOf(TrafficEvent.GatewayConnected.class); // A's
        assertThat(b.nextOfGateway()).isInstanceOf(TrafficEvent.GatewayConnected.class); // B's
        TestTraffic.Link moved = new TestTraffic.Link(onA.gateway());
        b.traffic.connected(moved, "2.0.6");

        Awaitility.await().until(() -> onA.closed.isPresent());
        assertThat(onA.closed).contains("the gateway has connected to another node");
        a.traffic.disconnected(onA);
        assertThat(a.traffic.connected()).isEmpty();
        assertThat(b.nextOfGateway()).isInstanceOf(TrafficEvent.GatewayConnected.class);

        b.traffic.disconnected(moved); // and this is the next that is told
        assertThat(b.nextOfGateway())
                .isInstanceOfSatisfying(
                        TrafficEvent.GatewayDisconnected.class,
                        event -> assertThat(event.gateway()).isEqualTo(moved.gateway()));
    }

    @Test
    void aConnectionThatNoMessageToldOfIsFoundInTheDatabase() throws Exception {
        try (Node mute = new Node(OF_B)) {
            mute.traffic.stopTelling();
            mute.traffic.connected(new TestTraffic.Link(onA.gateway()), "2.0.6");
            Awaitility.await().until(() -> onA.closed.isPresent());
        }
    }

    @Test
    void theGatewaysOfANodeThatIsGoneAreDisconnectedUnlessTheyCameBack() throws Exception {
        Database ofKilled = Database.open(URL);
        Node killed = new Node(ofKilled);
        TestTraffic.Link stays = new TestTraffic.Link(Eui64.parse("58A0CBFFFE800004"));
        TestTraffic.Link moves = new TestTraffic.Link(Eui64.parse("58A0CBFFFE800005"));
        killed.traffic.connected(stays, "2.0.6");
        killed.traffic.connected(moves, "2.0.6");
        for (TestTraffic.Link link : List.of(stays, moves)) {
            Awaitility.await()
                    .until(
                            () ->
                                    a.traffic.status(link.gateway())
                                            instanceof GatewayStatus.Connected);
        }
        Instant before = Instant.now();
        ofKilled.close(); // from here on it is as good as killed

        b.traffic.connected(new TestTraffic.Link(moves.gateway()), "2.0.6");
        Awaitility.await()
                .until(() -> a.traffic.status(stays.gateway()) instanceof GatewayStatus.Away);
        assertThat(a.traffic.status(stays.gateway()))
                .isInstanceOfSatisfying(
                        GatewayStatus.Away.class,
                        away ->
                                assertThat(away.lastSeen().orElseThrow())
                                        .isBetween(
                                                before.minusSeconds(60), before.plusSeconds(60)));
        assertThat(a.traffic.status(moves.gateway())).isInstanceOf(GatewayStatus.Connected.class);
        TrafficEvent event = b.nextOfGateway();
        while (!(event instanceof TrafficEvent.GatewayDisconnected)) {
            event = b.nextOfGateway();
        }
        assertThat(((TrafficEvent.GatewayDisconnected) event).gateway()).isEqualTo(stays.gateway());
        killed.traffic.close();
    }

    @Test
    void aNodeThatStopsSaysSoOfItsGateways() throws Exception {
        Node stopped = new Node(OF_B);
        TestTraffic.Link link = new TestTraffic.Link(Eui64.parse("58A0CBFFFE800006"));
        stopped.traffic.connected(link, "2.0.6");
        stopped.close();

        TrafficEvent event = a.nextOfGateway();
        while (!(event instanceof TrafficEvent.GatewayDisconnected)) {
            event = a.nextOfGateway();
        }
        assertThat(((TrafficEvent.GatewayDisconnected) event).gateway()).isEqualTo(link.gateway());
        assertThat(a.traffic.status(link.gateway())).isInstanceOf(GatewayStatus.Away.class);
    }

    /** The database drops every connection, as when it restarts. */
    @Test
    void nodesHearEachOtherAgainAfterTheDatabaseWasAway() throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:" + URL, "postgres", "");
                var statement = connection.createStatement()) {
            statement.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
                            + " current_database() AND pid <> pg_backend_pid()");
        }
        Awaitility.await()
                .ignoreExceptions()
                .until(
                        () -> {
                            a.traffic.connected(onA, "again");
                            return b.ofGateways.next(100).stream()
                                    .anyMatch(
                                            event ->
                                                    event
                                                                    instanceof
                                                                    TrafficEvent.GatewayConnected
                                                                            connected
                                                            && connected.station().equals("again"));
                        });
    }
}
