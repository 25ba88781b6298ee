package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.api.edge.WebSocket;
import dev.usher.api.edge.WebSocketHandler;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.lorawan.GpsTime;
import dev.usher.network.registry.StationGateway;
import dev.usher.network.registry.StationGateways;
import dev.usher.network.traffic.GatewayLink;
import dev.usher.network.traffic.Traffic;
import dev.usher.station.DiscoveryRequest;
import dev.usher.station.DiscoveryResponse;
import dev.usher.station.LnsCodec;
import dev.usher.station.LnsDownlink;
import dev.usher.station.LnsUplink;
import dev.usher.station.MalformedMessageException;
import dev.usher.station.RadioConf;
import dev.usher.station.RouterConfig;
import dev.usher.station.StationUri;
import dev.usher.store.StoreException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The LNS, as LoRa Basics Station speaks it: {@code /router-info} tells a gateway where to connect,
 * {@code /traffic/eui-…} carries what it hears and sends.
 *
 * <p>A message that is not understood is dropped; the gateway stays. Where a gateway is sent is
 * what is configured, never what its Host header says.
 */
public final class LnsFace implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LnsFace.class);

    private static final Pattern TRAFFIC = Pattern.compile("/traffic/eui-([0-9A-Fa-f]{16})");
    private static final Duration PING = Duration.ofSeconds(30);
    private static final Duration LOOK_FOR_CHANGES = Duration.ofSeconds(1);
    private static final int CHANGES_AT_A_TIME = 500;

    private final StationGateways gateways;
    private final Traffic traffic;
    private final BiConsumer<StationGateway, Optional<String>> connected;
    private final boolean allowUnauthenticated;
    private final InstantSource clock;
    private final Counter malformed;
    private final CountDownLatch closing = new CountDownLatch(1);

    /**
     * An LNS.
     *
     * @param connected is told which gateway has connected, and with which key
     * @param allowUnauthenticated whether gateways that need not authenticate may do without, as in
     *     a laboratory
     */
    public LnsFace(
            StationGateways gateways,
            Traffic traffic,
            BiConsumer<StationGateway, Optional<String>> connected,
            boolean allowUnauthenticated,
            InstantSource clock,
            MeterRegistry meters) {
        this.gateways = requireNonNull(gateways, "gateways");
        this.traffic = requireNonNull(traffic, "traffic");
        this.connected = requireNonNull(connected, "connected");
        this.allowUnauthenticated = allowUnauthenticated;
        this.clock = requireNonNull(clock, "clock");
        this.malformed =
                Counter.builder("usher.lns.malformed")
                        .description("Messages of gateways that were not understood, and dropped")
                        .register(meters);
        long revision = gateways.lastRevision();
        Thread.ofVirtual().name("usher-lns-changes").start(() -> followChanges(revision));
    }

    /**
     * What answers on one of its ports.
     *
     * @param own where gateways reach that, as {@code wss://lns.example.com:8887}
     */
    public Handler at(StationUri own) {
        requireNonNull(own, "own");
        return request -> handle(own, request);
    }

    private Response handle(StationUri own, Request request) {
        if (!request.asksForWebSocket()) {
            return Response.of(404);
        }
        if (request.path().equals("/router-info")) {
            return Response.webSocket(new Discovery(own, request.header("Authorization")), PING);
        }
        Matcher traffic = TRAFFIC.matcher(request.path());
        if (!traffic.matches()) {
            return Response.of(404);
        }
        Eui64 eui = Eui64.parse(traffic.group(1));
        return switch (admit(own, eui, request.header("Authorization"))) {
            case Admission.Welcome welcome -> Response.webSocket(new Link(welcome), PING);
            case Admission.Refused refused -> {
                LOG.info("gateway {} was not let in: {}", eui, refused.why());
                yield Response.of(refused.status());
            }
        };
    }

    /** Whether a gateway may connect. */
    private sealed interface Admission {

        record Welcome(
                StationUri own,
                StationGateway gateway,
                RouterConfig config,
                Optional<String> authorization)
                implements Admission {}

        /**
         * It may not.
         *
         * @param why for the gateway's log and ours
         */
        record Refused(int status, String why) implements Admission {}
    }

    private Admission admit(StationUri own, Eui64 eui, Optional<String> authorization) {
        Optional<StationGateway> known = gateways.find(eui);
        if (known.isEmpty()) {
            return new Admission.Refused(403, "this network has no gateway " + eui);
        }
        StationGateway gateway = known.get();
        boolean mayDoWithout =
                allowUnauthenticated && !gateway.settings().requireAuthenticatedConnection();
        if (authorization.isPresent() ? !gateways.mayLink(gateway, authorization) : !mayDoWithout) {
            return new Admission.Refused(
                    401,
                    authorization.isPresent()
                            ? "the key of the gateway is not valid"
                            : "the gateway sends no key");
        }
        Optional<StationUri> elsewhere =
                gateway.settings()
                        .address()
                        .map(address -> address.lns())
                        .filter(address -> !address.host().equalsIgnoreCase(own.host()));
        if (elsewhere.isPresent()) {
            return new Admission.Refused(403, "the gateway belongs to " + elsewhere.get());
        }
        try {
            return new Admission.Welcome(own, gateway, config(gateway), authorization);
        } catch (IllegalArgumentException e) {
            return new Admission.Refused(403, String.valueOf(e.getMessage()));
        }
    }

    private static RouterConfig config(StationGateway gateway) {
        List<FrequencyPlan> plans =
                gateway.settings().frequencyPlanIds().stream().map(FrequencyPlan::of).toList();
        if (plans.isEmpty()) {
            throw new IllegalArgumentException(
                    "gateway " + gateway.id() + " has no frequency plan: set one");
        }
        return new RouterConfig(
                plans,
                RadioConf.SX1301,
                List.of(),
                List.of(),
                OptionalDouble.empty(),
                /* nocca= */ false,
                /* nodc= */ !gateway.settings().enforceDutyCycle(),
                /* nodwell= */ false);
    }

    /** Tells a gateway where to connect; it is the gateway that closes this socket. */
    private final class Discovery implements WebSocketHandler {

        private final StationUri own;
        private final Optional<String> authorization;

        Discovery(StationUri own, Optional<String> authorization) {
            this.own = own;
            this.authorization = authorization;
        }

        @Override
        public void opened(WebSocket socket) {}

        @Override
        public void received(WebSocket socket, String message) {
            Eui64 router;
            try {
                router = DiscoveryRequest.parse(message).router();
            } catch (MalformedMessageException e) {
                malformed.increment();
                socket.close(WebSocket.POLICY_VIOLATION, "not a discovery request");
                return;
            }
            DiscoveryResponse answer =
                    switch (admit(own, router, authorization)) {
                        case Admission.Welcome _ ->
                                new DiscoveryResponse.Found(
                                        router,
                                        router,
                                        own,
                                        "/traffic/eui-"
                                                + router.toString().toLowerCase(Locale.ROOT));
                        case Admission.Refused refused -> {
                            LOG.info("gateway {} was not let in: {}", router, refused.why());
                            yield new DiscoveryResponse.Refused(router, refused.why());
                        }
                    };
            socket.send(answer.toJson());
        }

        @Override
        public void received(WebSocket socket, byte[] message) {
            malformed.increment();
        }

        @Override
        public void closed(WebSocket socket) {}
    }

    /** A gateway that is connected. */
    private final class Link implements WebSocketHandler, GatewayLink {

        private final Admission.Welcome welcome;
        private volatile Optional<WebSocket> open = Optional.empty();

        Link(Admission.Welcome welcome) {
            this.welcome = welcome;
        }

        @Override
        public Eui64 gateway() {
            return welcome.gateway().eui();
        }

        @Override
        public FrequencyPlan plan() {
            return welcome.config().plans().getFirst();
        }

        @Override
        public void opened(WebSocket socket) {
            open = Optional.of(socket);
        }

        @Override
        public void received(WebSocket socket, String message) {
            LnsUplink uplink;
            try {
                uplink = LnsCodec.readUplink(message);
            } catch (MalformedMessageException e) {
                malformed.increment();
                LOG.debug("a message of gateway {} was dropped: {}", gateway(), e.getMessage());
                return;
            }
            switch (uplink) {
                case LnsUplink.Version version -> configure(version);
                case LnsUplink.TimeSync sync ->
                        send(
                                new LnsDownlink.TimeSyncAnswer(
                                        sync.txTime(), GpsTime.micros(clock.instant())));
                default -> traffic.received(this, uplink);
            }
        }

        @Override
        public void received(WebSocket socket, byte[] message) {
            malformed.increment(); // no remote shell was started
        }

        private void configure(LnsUplink.Version version) {
            traffic.connected(this, version.station().orElse("unknown"));
            send(welcome.config().forVersion(version));
            connected.accept(welcome.gateway(), welcome.authorization());
        }

        @Override
        public void send(LnsDownlink message) {
            open.ifPresent(socket -> socket.send(LnsCodec.write(message, clock.instant())));
        }

        @Override
        public void close(String why) {
            LOG.debug("gateway {} is disconnected: {}", gateway(), why);
            open.ifPresent(socket -> socket.close(WebSocket.NORMAL, why));
        }

        @Override
        public void closed(WebSocket socket) {
            traffic.disconnected(this);
        }

        /** Whether it would be let in as it was. */
        boolean isStillWelcome() {
            return admit(welcome.own(), gateway(), welcome.authorization())
                            instanceof Admission.Welcome now
                    && now.config().equals(welcome.config());
        }
    }

    /** What changes of a gateway, here or at another node, holds from its next connection on. */
    private void followChanges(long from) {
        long revision = from;
        try {
            while (!closing.await(LOOK_FOR_CHANGES.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    revision = followFrom(revision);
                } catch (StoreException e) {
                    LOG.debug("changes of gateways are not seen: {}", e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long followFrom(long revision) {
        long last = revision;
        for (StationGateways.Changed changed : gateways.changes(revision, CHANGES_AT_A_TIME)) {
            last = changed.revision();
            traffic.connected(changed.eui())
                    .map(Link.class::cast) // there is one LNS in a process
                    .filter(link -> !link.isStillWelcome())
                    .ifPresent(link -> link.close("its settings have changed"));
        }
        return last;
    }

    /** Follows changes no more; the sockets are closed with their listener. */
    @Override
    public void close() {
        closing.countDown();
    }
}
