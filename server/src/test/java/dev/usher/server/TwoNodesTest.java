package dev.usher.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DataFrame;
import dev.usher.lorawan.DataMessage;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrameCryptography;
import dev.usher.lorawan.FrameFlag;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.MicContext;
import dev.usher.lorawan.NetworkSessionKeys;
import dev.usher.lorawan.Received;
import dev.usher.lorawan.RootKeys;
import dev.usher.server.config.UsherConfig;
import dev.usher.station.LnsCodec;
import dev.usher.station.LnsDownlink;
import dev.usher.station.LnsUplink;
import dev.usher.station.Reception;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two servers on one PostgreSQL: one network, and the gateways of one that is killed go on. */
class TwoNodesTest {

    private static final Eui64 JOIN_EUI = Eui64.parse("70B3D57ED0000001");
    private static final Eui64 DEV_EUI = Eui64.parse("0102030405060708");
    private static final AesKey APP_KEY = AesKey.parse("000102030405060708090A0B0C0D0E0F");
    private static final RootKeys KEYS = RootKeys.r1_0(APP_KEY);
    private static final String GATEWAY_A = "58A0CBFFFE800001";
    private static final String GATEWAY_B = "58A0CBFFFE800002";

    private @TempDir Path directory;
    @AutoClose private final HttpClient http = HttpClient.newHttpClient();
    private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();
    private Optional<KillableServer> nodeA = Optional.empty();

    @AfterEach
    void stop() {
        nodeA.ifPresent(node -> node.process().destroyForcibly());
    }

    @Test
    @Timeout(120)
    void areOneNetworkAndOneServesTheGatewaysOfTheOtherThatIsKilled() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            Path config = configuration(postgres.getPort());
            KillableServer a =
                    KillableServer.start(
                            directory.resolve("a.log"), directory.resolve("a"), config);
            nodeA = Optional.of(a);
            try (UsherServer nodeB =
                            UsherServer.start(
                                    directory.resolve("b"),
                                    UsherConfig.load(Optional.of(config), Map.of()).onLoopback(),
                                    InstantSource.system());
                    Caller caller = new Caller(nodeB.authorityCertificate())) {
                String web = "https://localhost:" + nodeB.webPort() + "/api/v1/";
                String key = Files.readString(nodeB.administratorKey()).strip();
                prepare(caller, web, key);
                follow(caller.lines(web + "network/events", key));

                Station gatewayA = new Station(GATEWAY_A, 5).connect(a.lnsPort());
                Station gatewayB = new Station(GATEWAY_B, 9).connect(nodeB.lnsPort());
                next("gateway-connected");
                next("gateway-connected");

                JoinRequest request = JoinCryptography.request(KEYS, JOIN_EUI, DEV_EUI, 1);
                gatewayA.hears(request);
                gatewayB.hears(request);
                Received session = JoinCryptography.open(KEYS, request, gatewayB.nextFrame().pdu());
                assertThat(next("join").get("gateway").stringValue()).isEqualTo(GATEWAY_B);

                DataFrame uplink = uplink(session, 0);
                gatewayA.hears(uplink);
                gatewayB.hears(uplink);
                assertThat(DataFrame.parse(gatewayB.nextFrame().pdu()).has(FrameFlag.ACK)).isTrue();
                next("downlink");
                JsonNode heard = next("uplink");
                assertThat(heard.get("payload").stringValue()).isEqualTo("AQID");
                assertThat(heard.get("heardBy")).hasSize(2);

                // Through A alone, and seen at B.
                gatewayA.hears(uplink(session, 1));
                assertThat(DataFrame.parse(gatewayA.nextFrame().pdu()).has(FrameFlag.ACK)).isTrue();
                assertThat(next("downlink").get("gateway").stringValue()).isEqualTo(GATEWAY_A);
                assertThat(next("uplink").get("heardBy")).hasSize(1);

                a.process().destroyForcibly().waitFor();
                assertThat(gatewayA.heard.poll(10, TimeUnit.SECONDS)).isEqualTo("gone");
                gatewayA.connect(nodeB.lnsPort());
                assertThat(next("gateway-connected").get("gateway").stringValue())
                        .isEqualTo(GATEWAY_A);
                gatewayA.hears(uplink(session, 2));
                assertThat(DataFrame.parse(gatewayA.nextFrame().pdu()).has(FrameFlag.ACK)).isTrue();
                next("downlink");
                assertThat(next("uplink").get("fCnt").intValue()).isEqualTo(2);
                assertThat(
                                caller.get(web + "network/gateways/" + GATEWAY_A + "/stats", key)
                                        .json()
                                        .get("connected")
                                        .booleanValue())
                        .isTrue();
            }
        }
    }

    /** Of both nodes: they share the database and the vault. */
    private Path configuration(int databasePort) throws IOException {
        return Files.writeString(
                directory.resolve("usher.yml"),
                """
                database-url: postgresql://postgres@localhost:%d/postgres
                vault:
                  directory: %s
                  master-key-file: %s
                network:
                  net-id: '000013'
                  allow-unauthenticated: true
                """
                        .formatted(
                                databasePort,
                                directory.resolve("vault"),
                                directory.resolve("master.key")));
    }

    private static void prepare(Caller caller, String web, String key) throws Exception {
        post(caller, web + "owners", key, "{'ownerid':'::1'}");
        post(caller, web + "join-euis", key, "{'range':'70B3D57ED0000000/40','maker':'::1'}");
        post(
                caller,
                web + "devices",
                key,
                "{'devEui':'0102030405060708',"
                    + "'joinEui':'70B3D57ED0000001','appKey':'000102030405060708090A0B0C0D0E0F',"
                    + "'homeNetId':'000013','homeNsId':'FFFFFF0000000013','asId':'usher'}");
        post(
                caller,
                web + "network/devices",
                key,
                "{'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','macVersion':'1.0.3'}");
        post(caller, web + "users", key, "{'id':'user1'}");
        for (String gateway : List.of(GATEWAY_A, GATEWAY_B)) {
            post(
                    caller,
                    web + "network/gateways",
                    key,
                    "{'eui':'"
                            + gateway
                            + "','collaborator':'user1','frequencyPlanIds':['EU_863_870'],"
                            + "'requireAuthenticatedConnection':false}");
        }
    }

    private static void post(Caller caller, String uri, String key, String body) throws Exception {
        Caller.Answer answer = caller.post(uri, key, body.replace('\'', '"'));
        assertThat(answer.status()).as(uri + " " + answer.body()).isEqualTo(201);
    }

    private void follow(Stream<String> lines) {
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                lines.filter(line -> line.startsWith("data: "))
                                        .map(line -> line.substring("data: ".length()))
                                        .map(JsonMapper.shared()::readTree)
                                        .forEach(events::add);
                            } catch (UncheckedIOException e) {
                                // the server stops, and the stream with it
                            }
                        });
    }

    private JsonNode next(String type) throws InterruptedException {
        JsonNode event = events.poll(10, TimeUnit.SECONDS);
        assertThat(event).as(type).isNotNull();
        assertThat(event.get("type").stringValue()).as(event.toString()).isEqualTo(type);
        return event;
    }

    private static DataFrame uplink(Received session, int fCnt) {
        return FrameCryptography.seal(
                NetworkSessionKeys.of(session.keys()),
                session.keys().appSKey(),
                DataMessage.up(session.accept().devAddr(), fCnt)
                        .with(Set.of(FrameFlag.CONFIRMED))
                        .withPayload(10, new byte[] {1, 2, 3}),
                MicContext.NONE);
    }

    /** A gateway that is connected to one node or another. */
    private final class Station implements WebSocket.Listener {

        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final String eui;
        private final Reception reception;
        private final StringBuilder text = new StringBuilder();
        private Optional<WebSocket> socket = Optional.empty();

        Station(String eui, double snr) {
            this.eui = eui;
            this.reception = new Reception(5, 868_100_000, 0, 1_000_000, 0, -1, -40, snr, 0, 0);
        }

        Station connect(int port) throws Exception {
            socket =
                    Optional.of(
                            http.newWebSocketBuilder()
                                    .buildAsync(
                                            URI.create(
                                                    "ws://localhost:"
                                                            + port
                                                            + "/traffic/eui-"
                                                            + eui),
                                            this)
                                    .get(10, TimeUnit.SECONDS));
            send(
                    new LnsUplink.Version(
                            Optional.of("2.0.6(linux/testsim)"),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of("linux"),
                            2,
                            Set.of()));
            assertThat(heard.poll(10, TimeUnit.SECONDS)).contains("router_config");
            return this;
        }

        private void send(LnsUplink message) {
            socket.orElseThrow().sendText(LnsCodec.write(message), true).join();
        }

        void hears(JoinRequest request) {
            send(new LnsUplink.Join(request, reception));
        }

        void hears(DataFrame frame) {
            send(new LnsUplink.Data(frame, reception));
        }

        LnsDownlink.ClassA nextFrame() throws InterruptedException {
            String message = heard.poll(10, TimeUnit.SECONDS);
            assertThat(message).isNotNull();
            return (LnsDownlink.ClassA) LnsCodec.readDownlink(message);
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard.add(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            heard.add("gone");
            return CompletableFuture.completedStage(null);
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            heard.add("gone");
        }
    }
}
