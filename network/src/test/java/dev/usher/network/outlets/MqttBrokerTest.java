package dev.usher.network.outlets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Principal;
import dev.usher.backend.Header;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.Octets;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import dev.usher.network.cups.DialGuard;
import dev.usher.network.registry.TestRegistry;
import dev.usher.network.traffic.Downlinks;
import dev.usher.network.traffic.Happening;
import dev.usher.network.traffic.JoinServers;
import dev.usher.network.traffic.Traffic;
import dev.usher.store.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.moquette.broker.Server;
import io.moquette.broker.config.MemoryConfig;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a broker. */
class MqttBrokerTest {

    static final JoinServers NOBODY =
            new JoinServers() {
                @Override
                public Optional<JoinAns> join(Eui64 joinEui, Function<Header, JoinReq> made) {
                    return Optional.empty();
                }

                @Override
                public Optional<AesKey> appSKey(Eui64 joinEui, Eui64 devEui, Octets sessionKeyId) {
                    return Optional.empty();
                }

                @Override
                public Optional<AesKey> open(KeyEnvelope envelope) {
                    return Optional.empty();
                }
            };

    private static final Principal ADMIN = new Principal.Administrator("test");
    private static final Outlets.Patience IMPATIENT =
            new Outlets.Patience(
                    Duration.ofMillis(20),
                    Duration.ofMillis(200),
                    Duration.ofMillis(200),
                    Duration.ofHours(24),
                    1000);

    private final TestRegistry registry = new TestRegistry(TestDatabase.SQLITE);
    private final Traffic traffic =
            new Traffic(
                    registry.database,
                    TestVault.VAULT,
                    new AuditLog(registry.database, InstantSource.system()),
                    NetId.parse("000013"),
                    NOBODY,
                    Duration.ofMillis(50),
                    InstantSource.system());
    private final Map<String, String> heard = new ConcurrentHashMap<>();
    private static int port;
    private static Server broker;
    private Outlets outlets;
    private MqttClient application;

    @BeforeAll
    static void startBroker() throws Exception {
        port = freePort();
        broker = broker();
    }

    @AfterAll
    static void stopBroker() {
        broker.stopServer();
    }

    @BeforeEach
    void start() throws Exception {
        outlets = outlets();
        application = application();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Server broker() throws IOException {
        Properties properties = new Properties();
        properties.setProperty("host", "127.0.0.1");
        properties.setProperty("port", Integer.toString(port));
        properties.setProperty("allow_anonymous", "true");
        properties.setProperty("persistence_enabled", "false");
        properties.setProperty("telemetry_enabled", "false");
        Server server = new Server();
        server.startServer(new MemoryConfig(properties));
        return server;
    }

    private Outlets outlets() {
        return new Outlets(
                new Outlets.Base(
                        registry.database,
                        new Webhooks(
                                registry.database,
                                TestVault.SEALER,
                                registry.audit,
                                InstantSource.system()),
                        registry.registry.gateways(),
                        traffic.devices(),
                        traffic.events(),
                        InstantSource.system(),
                        new SimpleMeterRegistry()),
                new DialGuard(List.of(), List.of()),
                (SSLSocketFactory) SSLSocketFactory.getDefault(),
                Optional.of(mqtt(port)),
                IMPATIENT);
    }

    private MqttBroker mqtt(int at) {
        return new MqttBroker(
                new MqttSettings(
                        MqttSettings.url("mqtt://127.0.0.1:" + at),
                        "usher",
                        MqttSettings.prefix("acme/lorawan"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                traffic,
                registry.database);
    }

    private MqttClient application() throws MqttException {
        MqttClient client =
                new MqttClient("tcp://127.0.0.1:" + port, "application", new MemoryPersistence());
        client.connect();
        client.subscribe(
                "acme/lorawan/#",
                1,
                (topic, message) -> heard.put(topic, new String(message.getPayload(), UTF_8)));
        return client;
    }

    @AfterEach
    void close() throws Exception {
        outlets.close();
        application.disconnectForcibly(0, 1, false);
        application.close(true);
        traffic.close();
    }

    @Test
    void publishesWhatHappens() {
        Happening.of(traffic.events(), Events.uplink(1));
        Happening.of(traffic.events(), Events.joined());
        Happening.of(traffic.events(), Events.downlink());
        Happening.of(traffic.events(), Events.connected(Events.NEAR));
        await().until(() -> heard.size() == 4);

        String device = "acme/lorawan/devices/0102030405060708/";
        assertThat(heard)
                .containsOnlyKeys(
                        device + "up",
                        device + "join",
                        device + "down/sent",
                        "acme/lorawan/gateways/58A0CBFFFE800001/connected");
        assertThat(heard.get(device + "up")).contains("\"payload\":\"Cv8=\"", "\"fCnt\":1");
    }

    private void serveDevice() {
        registry.database.write(
                traffic.devices()
                        .create(
                                ADMIN,
                                Optional.empty(),
                                Events.DEVICE,
                                Eui64.parse("70B3D57ED0000001"),
                                "",
                                MacVersion.parse("1.0.3")));
    }

    @Test
    void takesDownlinks() throws Exception {
        serveDevice();
        // Whoever publishes before it listens is not heard.
        Happening.of(traffic.events(), Events.uplink(1));
        await().until(() -> heard.size() == 1);
        application.publish(
                "acme/lorawan/devices/0102030405060708/down/push",
                "{\"port\":2,\"payload\":\"Cv8=\",\"confirmed\":true}".getBytes(UTF_8),
                1,
                false);

        await().until(() -> !traffic.downlinks().list(ADMIN, Events.DEVICE).isEmpty());
        Downlinks.Queued queued = traffic.downlinks().list(ADMIN, Events.DEVICE).getFirst();
        assertThat(queued.port()).isEqualTo(2);
        assertThat(queued.payload()).containsExactly(10, 0xFF);
        assertThat(queued.confirmed()).isTrue();
    }

    /** Brokers repeat what is retained to whoever subscribes, at each connection anew. */
    @Test
    void passesOverWhatTheBrokerRepeats() throws Exception {
        serveDevice();
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> repeatTo(listener));
            MqttBroker mqtt = mqtt(listener.getLocalPort());
            mqtt.connect();
            await().until(() -> !traffic.downlinks().list(ADMIN, Events.DEVICE).isEmpty());
            mqtt.disconnect();
        }
        assertThat(traffic.downlinks().list(ADMIN, Events.DEVICE))
                .extracting(Downlinks.Queued::port)
                .containsExactly(3);
    }

    /** A broker that has a retained downlink, and gets another. */
    private static void repeatTo(ServerSocket listener) {
        try (Socket socket = listener.accept()) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            while (true) {
                int type = in.readUnsignedByte() >> 4;
                byte[] rest = in.readNBytes(in.readUnsignedByte());
                if (type == 1) { // CONNECT
                    out.write(new byte[] {0x20, 2, 0, 0});
                } else if (type == 8) { // SUBSCRIBE
                    out.write(new byte[] {(byte) 0x90, 3, rest[0], rest[1], 0});
                    publish(out, /* retained= */ true, "{\"port\":2}");
                    publish(out, /* retained= */ false, "{\"port\":3}");
                }
            }
        } catch (IOException e) {
            // the client has left
        }
    }

    private static void publish(DataOutputStream out, boolean retained, String message)
            throws IOException {
        String topic = "acme/lorawan/devices/0102030405060708/down/push";
        out.write(retained ? 0x31 : 0x30);
        out.write(2 + topic.length() + message.length());
        out.writeUTF(topic);
        out.writeBytes(message);
    }

    @Test
    void saysWhatIsWrongWithADownlink() throws Exception {
        Happening.of(traffic.events(), Events.uplink(1));
        await().until(() -> heard.size() == 1);
        application.publish(
                "acme/lorawan/devices/0102030405060708/down/push",
                "{\"port\":2}".getBytes(UTF_8),
                1,
                false);

        String failed = "acme/lorawan/devices/0102030405060708/down/failed";
        await().until(() -> heard.containsKey(failed));
        assertThat(heard.get(failed))
                .contains("there is no device 0102030405060708, or you may not see it");
    }

    @Test
    void publishesWhatHappenedWhileTheBrokerWasAway() throws Exception {
        Happening.of(traffic.events(), Events.uplink(1));
        await().until(() -> heard.size() == 1);
        application.disconnectForcibly(0, 1, false);
        application.close(true);
        broker.stopServer();
        heard.clear();
        Happening.of(traffic.events(), Events.joined());
        broker = broker();
        application = application();

        await().atMost(Duration.ofSeconds(30)).until(() -> !heard.isEmpty());
        assertThat(heard).containsKey("acme/lorawan/devices/0102030405060708/join");
    }
}
