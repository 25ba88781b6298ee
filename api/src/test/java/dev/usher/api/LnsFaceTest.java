package dev.usher.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.AccountKey;
import dev.usher.accounts.AccountKeys;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.Right;
import dev.usher.accounts.Rights;
import dev.usher.api.edge.Edge;
import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Listener;
import dev.usher.api.edge.ListenerOptions;
import dev.usher.api.edge.Response;
import dev.usher.backend.Header;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.Octets;
import dev.usher.backend.ProtocolVersion;
import dev.usher.devices.PeerRole;
import dev.usher.keys.CertificateAuthority;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DataFrame;
import dev.usher.lorawan.DataMessage;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.FrameCryptography;
import dev.usher.lorawan.FrameFlag;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.MicContext;
import dev.usher.lorawan.NetworkSessionKeys;
import dev.usher.lorawan.Received;
import dev.usher.lorawan.RootKeys;
import dev.usher.network.registry.GatewayId;
import dev.usher.network.registry.GatewayRegistry;
import dev.usher.network.registry.GatewayServerAddress;
import dev.usher.network.registry.GatewaySettings;
import dev.usher.network.registry.StationKey;
import dev.usher.network.traffic.JoinServers;
import dev.usher.network.traffic.Traffic;
import dev.usher.network.traffic.TrafficEvent;
import dev.usher.network.traffic.TrafficEvents;
import dev.usher.station.AuthorizationHeader;
import dev.usher.station.DiscoveryRequest;
import dev.usher.station.DiscoveryResponse;
import dev.usher.station.LnsCodec;
import dev.usher.station.LnsDownlink;
import dev.usher.station.LnsUplink;
import dev.usher.station.Reception;
import dev.usher.station.StationUri;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gateways connect over WebSockets, as LoRa Basics Station does. */
class LnsFaceTest {

    private static final Eui64 GATEWAY = Eui64.parse("58A0CBFFFE800001");
    private static final GatewayId ID = GatewayId.ofEui(GATEWAY);
    private static final AccountId USER = new AccountId("alice");

    @TempDir Path directory;
    @AutoClose private final Edge edge = Edge.create();
    @AutoClose private final HttpClient http = HttpClient.newHttpClient();

    private JoinHouse house;
    private GatewayRegistry registry;
    private CertificateAuthority authority;
    private Traffic traffic;
    private TrafficEvents.Subscription events;
    private final List<GatewayId> connected = new CopyOnWriteArrayList<>();
    private final List<String> refused = new CopyOnWriteArrayList<>();
    private LnsFace face;
    private Listener listener;

    @BeforeEach
    void open() throws Exception {
        house = new JoinHouse(directory);
        House base = house.house;
        authority = CertificateAuthority.create("Usher CA", base.now::get);
        registry =
                new GatewayRegistry(
                        base.database,
                        base.vault,
                        new AccountKeys(base.database, base.audit, base.now::get),
                        base.audit,
                        base.now::get,
                        10);
        traffic =
                new Traffic(
                        base.database,
                        base.vault,
                        base.audit,
                        JoinHouse.NET_ID,
                        new OwnJoinServer(),
                        Duration.ofMillis(20),
                        base.now::get);
        events = traffic.events().subscribe(_ -> true);
        // The port is known once it is open, and the LNS has to know it.
        AtomicReference<Handler> lns = new AtomicReference<>();
        listener =
                edge.listen(
                        ListenerOptions.of("lns", "127.0.0.1", 0),
                        request -> lns.get().handle(request));
        face =
                new LnsFace(
                        registry.stations(),
                        new StationCertificates(authority, base.now::get),
                        traffic,
                        (gateway, _) -> connected.add(gateway.id()),
                        (gateway, why) -> refused.add(gateway + ": " + why),
                        new AddressWatch(
                                "lns",
                                Duration.ofMinutes(10),
                                TrustedProxies.NONE,
                                base.now::get,
                                new SimpleMeterRegistry(),
                                traffic::alert),
                        new LnsFace.Settings(
                                true,
                                List.of(JoinHouse.NET_ID),
                                List.of(EuiRange.parse("70B3D57ED0000000/36"))),
                        base.now::get,
                        new SimpleMeterRegistry());
        lns.set(face.at(new StationUri(StationUri.Scheme.WS, "localhost", listener.port())));
        base.database.write(
                new Accounts(base.database, base.audit, base.now::get)
                        .createUser(House.ADMIN, USER, "Alice", Optional.empty(), false));
        base.database.write(
                registry.gateways()
                        .create(
                                House.ADMIN,
                                USER,
                                ID,
                                GATEWAY,
                                GatewaySettings.DEFAULT
                                        .withFrequencyPlanIds(List.of("EU_863_870"))
                                        .withRequireAuthenticatedConnection(false)));
    }

    @AfterEach
    void close() {
        face.close();
        events.close();
        traffic.close();
        house.close();
    }

    /** The house's own, asked without a network. */
    private final class OwnJoinServer implements JoinServers {

        @Override
        public Optional<JoinAns> join(Eui64 joinEui, Function<Header, JoinReq> request) {
            Header header =
                    new Header(
                            ProtocolVersion.V1_1,
                            JoinHouse.NET_ID.toString(),
                            joinEui.toString(),
                            0);
            return Optional.of(
                    (JoinAns)
                            house.house.joinServer.answerOwn(
                                    request.apply(header),
                                    new PeerRole.NetworkServer(JoinHouse.NET_ID)));
        }

        @Override
        public Optional<AesKey> appSKey(Eui64 joinEui, Eui64 devEui, Octets sessionKeyId) {
            return Optional.empty();
        }

        @Override
        public Optional<AesKey> open(KeyEnvelope envelope) {
            return Optional.of(AesKey.of(envelope.aesKey()));
        }
    }

    /** The gateway's side of a socket. */
    private static class Station implements WebSocket.Listener {
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            heard.add("bytes " + HexFormat.of().withUpperCase().formatHex(bytes));
            socket.request(1);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            heard.add("closed " + code + " " + reason);
            return CompletableFuture.completedStage(null);
        }

        String next() throws InterruptedException {
            return String.valueOf(heard.poll(10, TimeUnit.SECONDS));
        }
    }

    private WebSocket connect(String path, Station station, String... headers) {
        WebSocket.Builder builder = http.newWebSocketBuilder();
        for (int i = 0; i < headers.length; i += 2) {
            builder.header(headers[i], headers[i + 1]);
        }
        return builder.buildAsync(URI.create("ws://localhost:" + listener.port() + path), station)
                .join();
    }

    private DiscoveryResponse discover(Eui64 eui, String... headers) throws Exception {
        Station station = new Station();
        WebSocket socket = connect("/router-info", station, headers);
        socket.sendText(new DiscoveryRequest(eui).toJson(), true).join();
        DiscoveryResponse answer = DiscoveryResponse.parse(station.next());
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        return answer;
    }

    private static final String VERSION =
            LnsCodec.write(
                    new LnsUplink.Version(
                            Optional.of("2.0.6(linux/testsim)"),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of("linux"),
                            2,
                            Set.of()));

    /** A gateway that is connected and configured. */
    private WebSocket start(Station station, String... headers) throws Exception {
        WebSocket socket = connect("/traffic/eui-58a0cbfffe800001", station, headers);
        socket.sendText(VERSION, true).join();
        assertThat(station.next()).contains("\"router_config\"", "\"EU863\"");
        return socket;
    }

    @Test
    void tellsAGatewayWhereToConnect() throws Exception {
        assertThat(discover(GATEWAY))
                .isEqualTo(
                        new DiscoveryResponse.Found(
                                GATEWAY,
                                GATEWAY,
                                new StationUri(StationUri.Scheme.WS, "localhost", listener.port()),
                                "/traffic/eui-58a0cbfffe800001"));
    }

    @Test
    void refusesAGatewayWithTheReason() throws Exception {
        set(GatewaySettings.DEFAULT.withRequireAuthenticatedConnection(false));
        assertThat(error(discover(GATEWAY)))
                .isEqualTo("gateway " + ID + " has no frequency plan: set one");

        set(
                GatewaySettings.DEFAULT
                        .withRequireAuthenticatedConnection(false)
                        .withFrequencyPlanIds(List.of("EU_863_870"))
                        .withAddress(Optional.of(GatewayServerAddress.parse("lns.example.com"))));
        assertThat(error(discover(GATEWAY)))
                .isEqualTo("the gateway belongs to wss://lns.example.com:8887");
        assertThat(refused)
                .containsExactly(
                        GATEWAY + ": gateway " + ID + " has no frequency plan: set one",
                        GATEWAY + ": the gateway belongs to wss://lns.example.com:8887");
    }

    @Test
    void whoDoesNotProveItselfLearnsNotEvenWhetherTheGatewayIsKnown() throws Exception {
        set(GatewaySettings.DEFAULT.withFrequencyPlanIds(List.of("EU_863_870")));
        Eui64 stranger = Eui64.parse("58A0CBFFFE800099");
        String wrong = "Bearer USHER.wrong";
        assertThat(
                        List.of(
                                error(discover(stranger)),
                                error(discover(stranger, "Authorization", wrong)),
                                error(discover(GATEWAY)),
                                error(discover(GATEWAY, "Authorization", wrong))))
                .containsOnly(
                        "the gateway is not one of this network, or does not prove it: it needs a"
                                + " key or a certificate of its own");
        for (Eui64 eui : List.of(GATEWAY, stranger)) {
            assertThatThrownBy(
                            () ->
                                    connect(
                                            "/traffic/eui-" + eui,
                                            new Station(),
                                            "Authorization",
                                            wrong))
                    .cause()
                    .isInstanceOfSatisfying(
                            WebSocketHandshakeException.class,
                            e -> assertThat(e.getResponse().statusCode()).isEqualTo(401));
        }
        assertThat(refused)
                .containsExactly(
                        GATEWAY + ": it shows neither a key nor a certificate of its own",
                        GATEWAY + ": its key is not valid",
                        GATEWAY + ": its key is not valid");
    }

    private static String error(DiscoveryResponse answer) {
        return ((DiscoveryResponse.Refused) answer).error();
    }

    private void set(GatewaySettings settings) {
        house.house.database.write(
                registry.gateways().set(House.ADMIN, ID, _ -> settings, Set.of()));
    }

    @Test
    void letsAGatewayInWithItsKey() throws Exception {
        set(
                GatewaySettings.DEFAULT
                        .withRequireAuthenticatedConnection(true)
                        .withFrequencyPlanIds(List.of("EU_863_870")));
        AuthorizationHeader key =
                house.house.database.write(
                        registry.gateways().issueKey(House.ADMIN, ID, StationKey.LNS));
        String value = key.value();

        assertThat(discover(GATEWAY, "Authorization", value))
                .isInstanceOf(DiscoveryResponse.Found.class);
        start(new Station(), "Authorization", value);

        assertThatThrownBy(() -> connect("/traffic/eui-58a0cbfffe800001", new Station()))
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        e -> assertThat(e.getResponse().statusCode()).isEqualTo(401));
    }

    @Test
    void aConnectionEndsWithTheKeyItWasMadeWith() throws Exception {
        Station before = new Station();
        start(before);
        set(GatewaySettings.DEFAULT.withFrequencyPlanIds(List.of("EU_863_870")));
        assertThat(before.next()).isEqualTo("closed 1000 its settings have changed");
        House base = house.house;
        AccountKeys keys = new AccountKeys(base.database, base.audit, base.now::get);
        AccountKey.Created key =
                base.database.write(
                        keys.create(
                                House.ADMIN,
                                ID.entity(),
                                "mine",
                                Rights.of(Right.GATEWAY_LINK),
                                Optional.empty()));
        Station station = new Station();
        start(station, "Authorization", "Bearer " + key.text());

        base.database.write(keys.delete(House.ADMIN, ID.entity(), key.key().id()));

        assertThat(station.next()).isEqualTo("closed 1000 it may not connect like this any more");
        assertThat(traffic.connected()).isEmpty();
    }

    @Test
    void aMessageThatIsNotUnderstoodIsDroppedAndTheGatewayStays() throws Exception {
        Station station = new Station();
        WebSocket socket = start(station);
        for (String bad : List.of("{", "[]", "null", "{}", "{\"msgtype\":\"jreq\"}")) {
            socket.sendText(bad, true).join();
        }
        socket.sendText(LnsCodec.write(new LnsUplink.TimeSync(42)), true).join();
        assertThat(LnsCodec.readDownlink(station.next()))
                .isInstanceOfSatisfying(
                        LnsDownlink.TimeSyncAnswer.class,
                        answer -> assertThat(answer.txTime()).isEqualTo(42));
    }

    @Test
    void aGatewayThatConnectsAnewReplacesItself() throws Exception {
        Station first = new Station();
        start(first);
        Station second = new Station();
        start(second);
        assertThat(first.next()).isEqualTo("closed 1000 the gateway has connected anew");
        assertThat(traffic.connected()).hasSize(1);
        // Which is told after the station has its configuration.
        Awaitility.await().until(() -> connected.equals(List.of(ID, ID)));
    }

    /** A gateway that neither closes its side nor stops talking, whoever tells it to. */
    private static final class Stubborn extends Station {
        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            return new CompletableFuture<>();
        }
    }

    @Test
    void aGatewayThatIsLetGoIsHeardNoMoreThoughItDoesNotHangUp() throws Exception {
        Station station = new Stubborn();
        WebSocket socket = start(station);
        try {
            assertThat(events.next(10_000))
                    .hasExactlyElementsOfTypes(TrafficEvent.GatewayConnected.class);
            house.house.database.write(registry.gateways().delete(House.ADMIN, ID));
            assertThat(events.next(10_000))
                    .hasExactlyElementsOfTypes(TrafficEvent.GatewayDisconnected.class);
            assertThat(traffic.connected()).isEmpty();

            socket.sendText(VERSION, true).join();
            socket.sendText(LnsCodec.write(new LnsUplink.TimeSync(42)), true).join();
            assertThat(station.heard.poll(300, TimeUnit.MILLISECONDS)).isNull();
            assertThat(traffic.connected()).isEmpty();
        } finally {
            socket.abort();
        }
    }

    @Test
    void aGatewayThatHangsUpOnSeveralPlansMayLackTheConcentrators() throws Exception {
        start(new Station()).sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        Awaitility.await().until(() -> traffic.connected().isEmpty());
        assertThat(refused).isEmpty();

        set(
                GatewaySettings.DEFAULT
                        .withRequireAuthenticatedConnection(false)
                        .withFrequencyPlanIds(List.of("EU_863_870", "EU_863_870_TTN")));
        start(new Station()).sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        Awaitility.await().until(() -> !refused.isEmpty());
        assertThat(refused)
                .containsExactly(
                        GATEWAY
                                + ": it hung up when it was told its 2 frequency plans: it needs a"
                                + " concentrator for each, so give it as many as it has");
    }

    @Test
    void aGatewayThatSaysItsVersionAgainHasNotConnectedAnew() throws Exception {
        Station station = new Station();
        WebSocket socket = start(station);
        for (int i = 0; i < 3; i++) {
            socket.sendText(VERSION, true).join();
            assertThat(station.next()).contains("\"router_config\"");
        }
        assertThat(events.next(0)).hasSize(1);
        assertThat(connected).containsExactly(ID);
    }

    @Test
    void aGatewayWhoseSettingsChangeConnectsAnew() throws Exception {
        Station station = new Station();
        start(station);
        set(
                GatewaySettings.DEFAULT
                        .withRequireAuthenticatedConnection(false)
                        .withFrequencyPlanIds(List.of("EU_863_870_TTN")));
        assertThat(station.next()).isEqualTo("closed 1000 its settings have changed");
        Awaitility.await().until(() -> traffic.connected().isEmpty());
    }

    @Test
    void aDeviceJoinsAndIsHeard() throws Exception {
        house.house.database.write(
                traffic.devices()
                        .create(
                                House.ADMIN,
                                Optional.empty(),
                                JoinHouse.DEV_EUI,
                                JoinHouse.JOIN_EUI,
                                "",
                                MacVersion.V1_0_3));
        Station station = new Station();
        WebSocket socket = start(station);
        Reception reception = new Reception(5, 868_100_000, 0, 1_000_000, 0, -1, -40, 9, 0, 0);
        RootKeys keys = RootKeys.r1_0(JoinHouse.APP_KEY);
        JoinRequest request =
                JoinCryptography.request(keys, JoinHouse.JOIN_EUI, JoinHouse.DEV_EUI, 1);
        socket.sendText(LnsCodec.write(new LnsUplink.Join(request, reception)), true).join();

        LnsDownlink.ClassA accept = (LnsDownlink.ClassA) LnsCodec.readDownlink(station.next());
        Received received = JoinCryptography.open(keys, request, accept.pdu());
        DataFrame uplink =
                FrameCryptography.seal(
                        NetworkSessionKeys.of(received.keys()),
                        received.keys().appSKey(),
                        DataMessage.up(received.accept().devAddr(), 0)
                                .with(Set.of(FrameFlag.CONFIRMED))
                                .withPayload(10, new byte[] {1, 2, 3}),
                        MicContext.NONE);
        socket.sendText(LnsCodec.write(new LnsUplink.Data(uplink, reception)), true).join();

        LnsDownlink.ClassA ack = (LnsDownlink.ClassA) LnsCodec.readDownlink(station.next());
        assertThat(DataFrame.parse(ack.pdu()).has(FrameFlag.ACK)).isTrue();
        assertThat(next()).isInstanceOf(TrafficEvent.GatewayConnected.class);
        assertThat(next()).isInstanceOf(TrafficEvent.Joined.class);
        assertThat(next()).isInstanceOf(TrafficEvent.Downlink.class);
        assertThat(next())
                .isInstanceOfSatisfying(
                        TrafficEvent.Uplink.class,
                        event ->
                                assertThat(event.payload())
                                        .hasValueSatisfying(
                                                bytes ->
                                                        assertThat(bytes)
                                                                .containsExactly(1, 2, 3)));
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        assertThat(next()).isInstanceOf(TrafficEvent.GatewayDisconnected.class);
    }

    // Certificates, filters, other LNSs

    @Test
    void aGatewayPassesOnWhatTheFiltersLetThrough() throws Exception {
        Station station = new Station();
        WebSocket socket = connect("/traffic/eui-58a0cbfffe800001", station);
        socket.sendText(VERSION, true).join();
        assertThat(station.next()).contains("\"NetID\":[19]", "\"JoinEui\":[[8121069293711392768,");
    }

    /** Its station asks CUPS when an LNS refuses it. */
    @ParameterizedTest
    @ValueSource(strings = {"lns2.example.com:8887", "localhost:9"})
    void aGatewayThatIsSentToAnotherLnsIsDisconnectedAndRefusedUntilItComesBack(String other)
            throws Exception {
        GatewaySettings here =
                GatewaySettings.DEFAULT
                        .withRequireAuthenticatedConnection(false)
                        .withFrequencyPlanIds(List.of("EU_863_870"));
        Station station = new Station();
        start(station);

        set(here.withAddress(Optional.of(GatewayServerAddress.parse(other))));
        assertThat(station.next()).isEqualTo("closed 1000 its settings have changed");
        assertThat(error(discover(GATEWAY))).isEqualTo("the gateway belongs to wss://" + other);

        set(here);
        assertThat(discover(GATEWAY)).isInstanceOf(DiscoveryResponse.Found.class);
        start(new Station());
    }

    /** Away until its port listens again, as after a restart. */
    @Test
    void gatewaysComeBackToAnLnsThatWasAway() throws Exception {
        Station station = new Station();
        start(station);
        int port = listener.port();
        listener.close();
        assertThat(station.next()).startsWith("closed 1012");
        Awaitility.await().until(() -> traffic.connected().isEmpty());
        assertThatThrownBy(() -> start(new Station())).isInstanceOf(Exception.class);

        Handler lns = face.at(new StationUri(StationUri.Scheme.WS, "localhost", port));
        listener = edge.listen(ListenerOptions.of("lns", "127.0.0.1", port), lns);
        start(new Station());
        assertThat(traffic.connected()).hasSize(1);
    }

    // Remote shells

    /** The gateway's side: a socket with the feature {@code rmtsh}. */
    private WebSocket startWithShells(Station station) throws Exception {
        WebSocket socket = connect("/traffic/eui-58a0cbfffe800001", station);
        socket.sendText(VERSION.replace("\"features\":\"\"", "\"features\":\"rmtsh\""), true)
                .join();
        assertThat(station.next()).contains("\"router_config\"");
        return socket;
    }

    private WebSocket openShell(Station client) throws Exception {
        return openShell(client, () -> true);
    }

    private WebSocket openShell(Station client, BooleanSupplier isAllowed) throws Exception {
        Listener web =
                edge.listen(
                        ListenerOptions.of("web", "127.0.0.1", 0),
                        _ ->
                                Response.webSocket(
                                        face.shell(GATEWAY, "alice", "xterm", isAllowed),
                                        Duration.ofSeconds(30)));
        return http.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + web.port() + "/"), client)
                .join();
    }

    @Test
    void somebodySitsAtAShellOfTheGateway() throws Exception {
        Station station = new Station();
        WebSocket gateway = startWithShells(station);
        Station client = new Station();
        WebSocket shell = openShell(client);
        assertThat(station.next())
                .contains("\"rmtsh\"", "\"user\":\"alice\"", "\"start\":0", "\"term\":\"xterm\"");

        shell.sendText("ls\n", true).join();
        assertThat(station.next()).isEqualTo("bytes 006C730A");
        gateway.sendBinary(ByteBuffer.wrap(new byte[] {0, 'o', 'k'}), true).join();
        assertThat(client.next()).isEqualTo("bytes 6F6B");

        Station another = new Station();
        openShell(another);
        assertThat(station.next()).contains("\"start\":1");
        Station third = new Station();
        openShell(third);
        assertThat(third.next())
                .isEqualTo("closed 1000 all remote shells of the gateway are in use");

        shell.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        assertThat(station.next()).contains("\"rmtsh\"", "\"stop\":0");
        gateway.sendBinary(ByteBuffer.wrap(new byte[] {1}), true).join(); // its end
        assertThat(another.next()).isEqualTo("closed 1000 the shell has ended");
    }

    @Test
    void aShellEndsWithTheConnectionOfItsGateway() throws Exception {
        WebSocket gateway = startWithShells(new Station());
        Station client = new Station();
        openShell(client);
        gateway.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        assertThat(client.next()).isEqualTo("closed 1000 the gateway has disconnected");
    }

    @Test
    void aShellEndsWhenWhoSitsAtItMayNoLonger() throws Exception {
        Station station = new Station();
        startWithShells(station);
        Station client = new Station();
        AtomicBoolean isAllowed = new AtomicBoolean(true);
        openShell(client, isAllowed::get);
        assertThat(station.next()).contains("\"rmtsh\"", "\"start\":0");

        isAllowed.set(false);

        assertThat(client.next()).isEqualTo("closed 1000 you may not do this any more");
        assertThat(station.next()).contains("\"rmtsh\"", "\"stop\":0");
    }

    @Test
    void aGatewayWithoutShellsOrConnectionIsSaidToBe() throws Exception {
        assertThatThrownBy(() -> face.shell(GATEWAY, "alice", "xterm", () -> true))
                .isInstanceOf(Conflict.class)
                .hasMessage("gateway 58A0CBFFFE800001 is not connected");
        start(new Station());
        assertThatThrownBy(() -> face.shell(GATEWAY, "alice", "xterm", () -> true))
                .hasMessage("gateway 58A0CBFFFE800001 takes no remote shells");
    }

    private TrafficEvent next() throws InterruptedException {
        return events.next(10_000).getFirst();
    }
}
