package dev.usher.network.outlets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.NotFound;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import dev.usher.network.traffic.Traffic;
import dev.usher.network.traffic.TrafficEvent;
import dev.usher.store.Database;
import dev.usher.store.StoreException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An MQTT 3.1.1 broker: events are published there with QoS 1, and downlinks are taken from there.
 *
 * <p>The topics, after the prefix: {@code devices/{devEui}/up}, {@code join}, {@code join-failed},
 * {@code down/sent}, {@code down/transmitted}, {@code down/acked}; {@code
 * gateways/{eui}/connected}, {@code disconnected}, {@code alert}; and to be published by others
 * {@code devices/{devEui}/down/push}. What is wrong with a downlink is said at {@code down/failed},
 * once (QoS 0).
 *
 * <p>The session is kept at the broker, so that a downlink that is published while no node is
 * connected arrives later.
 */
public final class MqttBroker implements Outlet {

    private static final Logger LOG = LoggerFactory.getLogger(MqttBroker.class);

    private static final Duration TIME = Duration.ofSeconds(10);
    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final int MOST_IN_FLIGHT = 64;
    private static final int QOS = 1;
    private static final int LARGEST_DOWNLINK = 4096;
    private static final String PUSH = "/down/push";
    private static final Set<String> DOWNLINK_FIELDS = Set.of("port", "payload", "confirmed");
    private static final JsonMapper JSON = new JsonMapper();

    private final MqttSettings settings;
    private final Traffic traffic;
    private final Database database;
    private volatile @Nullable MqttAsyncClient client;
    private volatile @Nullable String problem;

    public MqttBroker(MqttSettings settings, Traffic traffic, Database database) {
        this.settings = requireNonNull(settings, "settings");
        this.traffic = requireNonNull(traffic, "traffic");
        this.database = requireNonNull(database, "database");
    }

    @Override
    public String name() {
        return "mqtt";
    }

    @Override
    public Optional<TrafficEvent> share(TrafficEvent event) {
        return Audience.EVERYTHING.share(event);
    }

    private String topic(Delivery delivery) {
        String of = delivery.type().startsWith("gateway-") ? "gateways" : "devices";
        String what =
                switch (delivery.type()) {
                    case "uplink" -> "up";
                    case "downlink" -> "down/sent";
                    case "transmitted" -> "down/transmitted";
                    case "downlink-acked" -> "down/acked";
                    case "downlink-nacked" -> "down/nacked";
                    case "gateway-connected" -> "connected";
                    case "gateway-disconnected" -> "disconnected";
                    case "gateway-alert" -> "alert";
                    default -> delivery.type();
                };
        return settings.prefix() + "/" + of + "/" + delivery.lane() + "/" + what;
    }

    @Override
    public Delivery.Outcome deliver(Delivery delivery) {
        MqttAsyncClient now = client;
        if (now == null || !now.isConnected()) {
            return new Delivery.Outcome.Away(
                    Optional.ofNullable(problem).orElse("it is not connected"), Optional.empty());
        }
        try {
            now.publish(
                            topic(delivery),
                            delivery.body().getBytes(UTF_8),
                            QOS,
                            /* retained= */ false)
                    .waitForCompletion(TIME.toMillis());
            return new Delivery.Outcome.Arrived();
        } catch (MqttException e) {
            return new Delivery.Outcome.Away(said(e), Optional.empty());
        }
    }

    /**
     * Connects, unless it is connected.
     *
     * @return whether it has connected just now
     */
    synchronized boolean connect() {
        MqttAsyncClient before = client;
        if (before != null && before.isConnected()) {
            return false;
        }
        disconnect();
        MqttAsyncClient next = null;
        try {
            next =
                    new MqttAsyncClient(
                            settings.serverUri(), settings.clientId(), new MemoryPersistence());
            next.setCallback(new Downlinks(next));
            next.connect(options()).waitForCompletion(TIME.toMillis());
            next.subscribe(settings.prefix() + "/devices/+" + PUSH, QOS)
                    .waitForCompletion(TIME.toMillis());
            client = next;
            problem = null;
            LOG.info("connected to {}", settings.url());
            return true;
        } catch (MqttException e) {
            String why = said(e);
            if (!why.equals(problem)) {
                LOG.warn("{} cannot be used at the moment: {}", settings.url(), why);
            }
            problem = why;
            end(next);
            return false;
        }
    }

    private MqttConnectOptions options() {
        MqttConnectOptions options = new MqttConnectOptions();
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setCleanSession(false);
        options.setAutomaticReconnect(false);
        options.setConnectionTimeout(Math.toIntExact(TIME.toSeconds()));
        options.setKeepAliveInterval(KEEP_ALIVE_SECONDS);
        options.setMaxInflight(MOST_IN_FLIGHT);
        settings.user().ifPresent(options::setUserName);
        settings.password().ifPresent(password -> options.setPassword(password.toCharArray()));
        if (settings.isSecure()) {
            settings.tls().ifPresent(options::setSocketFactory);
            options.setHttpsHostnameVerificationEnabled(true);
        }
        return options;
    }

    synchronized void disconnect() {
        end(client);
        client = null;
    }

    private static void end(@Nullable MqttAsyncClient client) {
        if (client == null) {
            return;
        }
        try {
            if (client.isConnected()) {
                client.disconnect(0).waitForCompletion(TIME.toMillis());
            }
        } catch (MqttException e) {
            LOG.debug("the broker was left without a word", e);
        }
        try {
            client.close(/* force= */ true);
        } catch (MqttException e) {
            LOG.debug("the connection to the broker was broken off", e);
        }
    }

    private static String said(MqttException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathBuilderException) {
                return "its certificate comes from no authority that is trusted: name the right one"
                        + " in network.mqtt.ca";
            }
            if (cause instanceof CertificateException && cause.getCause() == null) {
                return "its certificate is refused: "
                        + Printable.of(String.valueOf(cause.getMessage()));
            }
        }
        String why =
                switch (e.getReasonCode()) {
                    case MqttException.REASON_CODE_FAILED_AUTHENTICATION,
                            MqttException.REASON_CODE_NOT_AUTHORIZED ->
                            "it does not accept the user and password";
                    case MqttException.REASON_CODE_INVALID_CLIENT_ID ->
                            "it does not accept the client ID";
                    case MqttException.REASON_CODE_CLIENT_TIMEOUT -> "it does not answer";
                    case MqttException.REASON_CODE_SERVER_CONNECT_ERROR -> "it cannot be reached";
                    default -> String.valueOf(e.getMessage());
                };
        Throwable cause = e.getCause();
        return cause == null
                ? why
                : why + " (" + Printable.of(String.valueOf(cause.getMessage())) + ")";
    }

    /** What the broker says of its own accord. */
    private final class Downlinks implements MqttCallback {

        private final MqttAsyncClient from;

        Downlinks(MqttAsyncClient from) {
            this.from = from;
        }

        @Override
        public void connectionLost(Throwable cause) {
            LOG.warn("the connection to {} was lost: {}", settings.url(), cause.getMessage());
        }

        /** A message that cannot be kept now is not acknowledged, and comes again. */
        @Override
        public void messageArrived(String topic, MqttMessage message) {
            if (message.isRetained()) {
                // The broker repeats it at each connection; when it was new it came without this.
                LOG.debug("a retained downlink from {} is passed over", topic);
                return;
            }
            String device =
                    topic.substring(
                            settings.prefix().length() + "/devices/".length(),
                            topic.length() - PUSH.length());
            try {
                push(device, message.getPayload());
            } catch (StoreException e) {
                throw e;
            } catch (IllegalArgumentException | NotFound e) {
                LOG.info("a downlink from {} is dropped: {}", topic, e.getMessage());
                fail(device, String.valueOf(e.getMessage()));
            }
        }

        /** Says so to whoever listens; nobody waits for it. */
        private void fail(String device, String why) {
            try {
                from.publish(
                        settings.prefix() + "/devices/" + device + "/down/failed",
                        JSON.createObjectNode().put("why", why).toString().getBytes(UTF_8),
                        0,
                        /* retained= */ false);
            } catch (MqttException e) {
                LOG.debug("why a downlink was dropped could not be said", e);
            }
        }

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {
            // Whoever publishes waits for it.
        }
    }

    private void push(String device, byte[] message) {
        JsonNode downlink = downlink(message);
        JsonNode port = downlink.path("port");
        if (!port.isInt()) {
            throw new IllegalArgumentException("port is missing: choose one of 1 to 255");
        }
        JsonNode payload = downlink.path("payload");
        JsonNode confirmed = downlink.path("confirmed");
        if (!(payload.isMissingNode() || payload.isString())
                || !(confirmed.isMissingNode() || confirmed.isBoolean())) {
            throw new IllegalArgumentException(
                    "payload must be base64, and confirmed true or false");
        }
        database.write(
                traffic.downlinks()
                        .push(
                                Eui64.parse(device),
                                port.intValue(),
                                Base64.getDecoder().decode(payload.asString("")),
                                confirmed.asBoolean(false)));
    }

    private static JsonNode downlink(byte[] message) {
        if (message.length > LARGEST_DOWNLINK) {
            throw new IllegalArgumentException(
                    "a downlink of " + message.length + " bytes is too large");
        }
        JsonNode downlink;
        try {
            downlink = JSON.readTree(message);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("a downlink that is not JSON", e);
        }
        if (!downlink.isObject()) {
            throw new IllegalArgumentException("a downlink is a JSON object");
        }
        for (String name : downlink.propertyNames()) {
            if (!DOWNLINK_FIELDS.contains(name)) {
                throw new IllegalArgumentException(
                        "'"
                                + Printable.of(name)
                                + "' is no field of a downlink: there are port, payload and"
                                + " confirmed");
            }
        }
        return downlink;
    }
}
