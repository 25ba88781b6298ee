package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Conflict;
import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.api.edge.WebSocket;
import dev.usher.api.edge.WebSocketHandler;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.lorawan.GpsTime;
import dev.usher.lorawan.NetId;
import dev.usher.network.registry.StationGateway;
import dev.usher.network.registry.StationGateways;
import dev.usher.network.traffic.GatewayLink;
import dev.usher.network.traffic.GatewayStatus;
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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The LNS, as LoRa Basics Station speaks it: {@code /router-info} tells a gateway where to connect,
 * {@code /traffic/eui-…} carries what it hears and sends.
 *
 * <p>A message that is not understood is dropped; the gateway stays. Where a gateway is sent is
 * what is configured, never what its Host header says.
 */
public final class LnsFace implements GatewayConnections, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LnsFace.class);

    private static final Pattern TRAFFIC = Pattern.compile("/traffic/eui-([0-9A-Fa-f]{16})");
    private static final Duration PING = Duration.ofSeconds(30);
    private static final Duration LOOK_FOR_CHANGES = Duration.ofSeconds(1);
    private static final int CHANGES_AT_A_TIME = 500;

    /** In so many looks for changes each connection is looked at once. */
    private static final int ROUND = 300;

    private static final String UNPROVEN =
            "the gateway is not one of this network, or does not prove it: it needs a key or a"
                    + " certificate of its own";

    /** So many has a gateway. */
    private static final int SHELLS = 2;

    /** Bytes for a shell at a time, with room to spare in station's buffer. */
    private static final int MOST_INPUT = 16_000;

    private final StationGateways gateways;
    private final StationCertificates certificates;
    private final Traffic traffic;
    private final BiConsumer<StationGateway, Optional<String>> connected;
    private final BiConsumer<Eui64, String> refused;
    private final AddressWatch watch;
    private final Settings settings;
    private final InstantSource clock;
    private final Counter malformed;
    private final CountDownLatch closing = new CountDownLatch(1);

    /** The connections that are still to be looked at in this round; of one thread alone. */
    private Deque<GatewayLink> unchecked = new ArrayDeque<>();

    private int atATime;

    /** At which somebody sits. */
    private final Set<Shell> openShells = ConcurrentHashMap.newKeySet();

    /** Where {@linkplain #at it answers}, with TLS and without. */
    private final Set<Integer> ownPorts = ConcurrentHashMap.newKeySet();

    /**
     * What holds for all gateways.
     *
     * @param allowUnauthenticated whether gateways that need not authenticate may do without, as in
     *     a laboratory
     * @param netIds of which networks gateways pass on data; none is all
     * @param joinEuis for which JoinEUIs gateways pass on join-requests; none is all
     */
    public record Settings(
            boolean allowUnauthenticated, List<NetId> netIds, List<EuiRange> joinEuis) {

        /** With a key only, and without filters. */
        public static final Settings DEFAULT = new Settings(false, List.of(), List.of());

        public Settings {
            netIds = List.copyOf(netIds);
            joinEuis = List.copyOf(joinEuis);
        }
    }

    /**
     * An LNS.
     *
     * @param certificates tell which gateway a client certificate stands for
     * @param connected is told which gateway has connected, and with which key
     * @param refused is told which gateway of this network was not let in, and why
     * @param watch is told from where gateways prove themselves
     */
    public LnsFace(
            StationGateways gateways,
            StationCertificates certificates,
            Traffic traffic,
            BiConsumer<StationGateway, Optional<String>> connected,
            BiConsumer<Eui64, String> refused,
            AddressWatch watch,
            Settings settings,
            InstantSource clock,
            MeterRegistry meters) {
        this.gateways = requireNonNull(gateways, "gateways");
        this.certificates = requireNonNull(certificates, "certificates");
        this.traffic = requireNonNull(traffic, "traffic");
        this.connected = requireNonNull(connected, "connected");
        this.refused = requireNonNull(refused, "refused");
        this.watch = requireNonNull(watch, "watch");
        this.settings = requireNonNull(settings, "settings");
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
        ownPorts.add(own.port());
        return request -> handle(own, request);
    }

    private Response handle(StationUri own, Request request) {
        if (!request.asksForWebSocket()) {
            return Response.of(404);
        }
        Proof proof =
                new Proof(
                        request.header("Authorization"),
                        certificates.gatewayOf(request),
                        request.header("Host")
                                .filter((own.host() + ":" + own.port())::equals)
                                .isPresent());
        if (request.path().equals("/router-info")) {
            return Response.webSocket(new Discovery(own, proof), PING);
        }
        Matcher traffic = TRAFFIC.matcher(request.path());
        if (!traffic.matches()) {
            return Response.of(404);
        }
        Eui64 eui = Eui64.parse(traffic.group(1));
        return switch (admit(own, eui, proof)) {
            case Admission.Welcome welcome -> {
                if (proof.isGiven()) {
                    watch.used(eui, request);
                }
                yield Response.webSocket(new Link(welcome), PING);
            }
            case Admission.Refused no -> {
                note(eui, no);
                yield Response.of(no.status());
            }
        };
    }

    /**
     * What a gateway shows.
     *
     * @param authorization the value of its Authorization header
     * @param certified the gateway that its client certificate stands for
     * @param isDirect whether it dialled this listener's own address: through a reverse proxy it
     *     may have dialled another port
     */
    private record Proof(
            Optional<String> authorization, Optional<Eui64> certified, boolean isDirect) {

        /** Whether it shows anything that others could have copied. */
        boolean isGiven() {
            return authorization.isPresent() || certified.isPresent();
        }

        /** Without the key. */
        @Override
        public String toString() {
            return "Proof[" + certified + "]";
        }
    }

    /** Whether a gateway may connect. */
    private sealed interface Admission {

        record Welcome(StationUri own, StationGateway gateway, RouterConfig config, Proof proof)
                implements Admission {}

        /**
         * It may not.
         *
         * @param told for the gateway's log
         * @param why for whoever looks after it
         * @param isKnown whether there is such a gateway
         */
        record Refused(int status, String told, String why, boolean isKnown) implements Admission {

            /** One that has not shown who it is learns nothing, not even whether it is known. */
            static Refused unproven(String why, boolean isKnown) {
                return new Refused(401, UNPROVEN, why, isKnown);
            }

            static Refused proven(String why) {
                return new Refused(403, why, why, true);
            }
        }
    }

    private void note(Eui64 eui, Admission.Refused no) {
        LOG.info("gateway {} was not let in: {}", eui, no.why());
        if (no.isKnown()) {
            refused.accept(eui, no.why());
        }
    }

    private Admission admit(StationUri own, Eui64 eui, Proof proof) {
        Optional<StationGateway> known = gateways.find(eui);
        if (known.isEmpty()) {
            return Admission.Refused.unproven(
                    "this network has no gateway " + eui, /* isKnown= */ false);
        }
        StationGateway gateway = known.get();
        Optional<String> authorization = proof.authorization();
        boolean mayDoWithout =
                settings.allowUnauthenticated()
                        && !gateway.settings().requireAuthenticatedConnection();
        boolean mayConnect =
                proof.certified().filter(eui::equals).isPresent()
                        || (authorization.isPresent()
                                ? gateways.mayLink(gateway, authorization)
                                : mayDoWithout);
        if (!mayConnect) {
            return Admission.Refused.unproven(
                    authorization.isPresent()
                            ? "its key is not valid"
                            : "it shows neither a key nor a certificate of its own",
                    /* isKnown= */ true);
        }
        Optional<StationUri> elsewhere =
                gateway.settings()
                        .address()
                        .map(address -> address.lns())
                        .filter(address -> isElsewhere(address, own, proof));
        if (elsewhere.isPresent()) {
            return Admission.Refused.proven("the gateway belongs to " + elsewhere.get());
        }
        try {
            return new Admission.Welcome(own, gateway, config(gateway), proof);
        } catch (IllegalArgumentException e) {
            return Admission.Refused.proven(String.valueOf(e.getMessage()));
        }
    }

    /** Whether a gateway that is here belongs to another host, or to another LNS on this host. */
    private boolean isElsewhere(StationUri address, StationUri own, Proof proof) {
        return !address.host().equalsIgnoreCase(own.host())
                || (proof.isDirect() && !ownPorts.contains(address.port()));
    }

    private RouterConfig config(StationGateway gateway) {
        List<FrequencyPlan> plans =
                gateway.settings().frequencyPlanIds().stream().map(FrequencyPlan::of).toList();
        if (plans.isEmpty()) {
            throw new IllegalArgumentException(
                    "gateway " + gateway.id() + " has no frequency plan: set one");
        }
        return new RouterConfig(
                plans,
                RadioConf.SX1301,
                settings.netIds(),
                settings.joinEuis(),
                OptionalDouble.empty(),
                /* nocca= */ false,
                /* nodc= */ !gateway.settings().enforceDutyCycle(),
                /* nodwell= */ false);
    }

    /** Tells a gateway where to connect; it is the gateway that closes this socket. */
    private final class Discovery implements WebSocketHandler {

        private final StationUri own;
        private final Proof proof;

        Discovery(StationUri own, Proof proof) {
            this.own = own;
            this.proof = proof;
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
                    switch (admit(own, router, proof)) {
                        case Admission.Welcome _ ->
                                new DiscoveryResponse.Found(
                                        router,
                                        router,
                                        own,
                                        "/traffic/eui-"
                                                + router.toString().toLowerCase(Locale.ROOT));
                        case Admission.Refused no -> {
                            note(router, no);
                            yield new DiscoveryResponse.Refused(router, no.told());
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
        private volatile boolean hasShells;
        private volatile boolean isConfigured;
        private volatile boolean hasSpoken;
        private volatile boolean isEnded;
        private final AtomicReferenceArray<@Nullable Shell> shells =
                new AtomicReferenceArray<>(SHELLS);

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
            if (isEnded) {
                return;
            }
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
                default -> {
                    // Station says its version before all else. Until then the link is not known to
                    // those who would end it.
                    if (isConfigured) {
                        hasSpoken = true;
                        traffic.received(this, uplink);
                    }
                }
            }
        }

        @Override
        public void received(WebSocket socket, byte[] message) {
            if (isEnded) {
                return;
            }
            Shell shell =
                    message.length == 0 || message[0] < 0 || message[0] >= shells.length()
                            ? null
                            : shells.get(message[0]);
            if (shell == null) {
                malformed.increment();
            } else {
                shell.says(Arrays.copyOfRange(message, 1, message.length));
            }
        }

        private void configure(LnsUplink.Version version) {
            hasShells = version.hasRemoteShell();
            boolean isNew = !isConfigured;
            if (isNew) {
                isConfigured = true;
                traffic.connected(this, version.station().orElse("unknown"));
                if (isEnded) { // meanwhile
                    traffic.disconnected(this);
                }
            }
            send(welcome.config().forVersion(version));
            if (isNew) {
                connected.accept(welcome.gateway(), welcome.proof().authorization());
            }
        }

        @Override
        public void send(LnsDownlink message) {
            open.filter(_ -> !isEnded)
                    .ifPresent(socket -> socket.send(LnsCodec.write(message, clock.instant())));
        }

        @Override
        public void close(String why) {
            LOG.debug("gateway {} is disconnected: {}", gateway(), why);
            end();
            open.ifPresent(socket -> socket.close(WebSocket.NORMAL, why));
        }

        @Override
        public void closed(WebSocket socket) {
            if (isConfigured && !hasSpoken && !isEnded) {
                suspectPlans();
            }
            end();
        }

        /** Station hangs up on what it has not the concentrators for, and does not say so. */
        private void suspectPlans() {
            int plans = welcome.config().plans().size();
            if (plans > 1) {
                refused.accept(
                        gateway(),
                        "it hung up when it was told its %d frequency plans: it needs a concentrator for each, so give it as many as it has"
                                .formatted(plans));
            }
        }

        /** It is over at once, however long the other side takes to close its socket. */
        private void end() {
            isEnded = true;
            traffic.disconnected(this);
            for (int i = 0; i < shells.length(); i++) {
                Shell shell = shells.get(i);
                if (shell != null) {
                    shell.end("the gateway has disconnected");
                }
            }
        }

        /** Whether it would be let in as it was. */
        boolean isStillWelcome() {
            return admit(welcome.own(), gateway(), welcome.proof()) instanceof Admission.Welcome now
                    && now.config().equals(welcome.config());
        }
    }

    @Override
    public GatewayStatus status(Eui64 gateway) {
        return traffic.status(gateway);
    }

    @Override
    public WebSocketHandler shell(
            Eui64 gateway, String user, String term, BooleanSupplier isAllowed) {
        Link link =
                traffic.connected(gateway)
                        .map(Link.class::cast) // there is one LNS in a process
                        .orElseThrow(() -> notHere(gateway));
        if (!link.hasShells) {
            throw new Conflict("gateway " + gateway + " takes no remote shells");
        }
        return new Shell(link, user, term, isAllowed);
    }

    private Conflict notHere(Eui64 gateway) {
        return new Conflict(
                traffic.status(gateway) instanceof GatewayStatus.Connected
                        ? "gateway "
                                + gateway
                                + " is connected to another node: ask there, or try again"
                        : "gateway " + gateway + " is not connected");
    }

    /**
     * Somebody at a remote shell of a gateway: what either says goes to the other. The gateway
     * begins each of its messages with the number of the shell; one that says no more ends it.
     */
    private final class Shell implements WebSocketHandler {

        private final Link link;
        private final String user;
        private final String term;
        private final BooleanSupplier isAllowed;
        private volatile Optional<WebSocket> client = Optional.empty();
        private volatile int session = -1;

        Shell(Link link, String user, String term, BooleanSupplier isAllowed) {
            this.link = link;
            this.user = user;
            this.term = term;
            this.isAllowed = isAllowed;
        }

        @Override
        public void opened(WebSocket socket) {
            client = Optional.of(socket);
            for (int i = 0; i < link.shells.length(); i++) {
                if (link.shells.compareAndSet(i, null, this)) {
                    session = i;
                    openShells.add(this);
                    link.send(new LnsDownlink.StartShell(i, user, term));
                    return;
                }
            }
            end("all remote shells of the gateway are in use");
        }

        @Override
        public void received(WebSocket socket, String message) {
            received(socket, message.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void received(WebSocket socket, byte[] message) {
            if (message.length > MOST_INPUT) {
                end("a message of more than " + MOST_INPUT + " bytes is too long");
            } else if (message.length > 0 && session >= 0) {
                byte[] input = new byte[message.length + 1];
                input[0] = (byte) session;
                System.arraycopy(message, 0, input, 1, message.length);
                link.open.ifPresent(gateway -> gateway.send(input));
            }
        }

        /** The gateway has something for whoever is there. */
        void says(byte[] output) {
            if (output.length == 0) {
                end("the shell has ended");
            } else {
                client.ifPresent(socket -> socket.send(output));
            }
        }

        void end(String why) {
            client.ifPresent(socket -> socket.close(WebSocket.NORMAL, why));
        }

        @Override
        public void closed(WebSocket socket) {
            openShells.remove(this);
            if (session >= 0 && link.shells.compareAndSet(session, this, null)) {
                link.send(new LnsDownlink.StopShell(session));
            }
        }
    }

    /**
     * What changes of a gateway, here or at another node, holds from its next connection on; what
     * changes of who may connect or be at a shell ends these.
     */
    private void followChanges(long from) {
        long revision = from;
        try {
            while (!closing.await(LOOK_FOR_CHANGES.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    revision = followFrom(revision);
                    endUnwelcome();
                    endShells();
                } catch (StoreException e) {
                    LOG.debug("changes of gateways are not seen: {}", e.getMessage());
                } catch (RuntimeException e) { // this thread looks after all, whatever one asks
                    LOG.error("changes of gateways are not seen", e);
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

    /** Some connections more: their keys may have ended, which is no change of the gateway. */
    private void endUnwelcome() {
        if (unchecked.isEmpty()) {
            unchecked = new ArrayDeque<>(traffic.connected());
            atATime = Math.ceilDiv(unchecked.size(), ROUND);
        }
        for (int i = 0; i < atATime && !unchecked.isEmpty(); i++) {
            Link link = (Link) unchecked.remove(); // there is one LNS in a process
            if (!link.isStillWelcome()) {
                link.close("it may not connect like this any more");
            }
        }
    }

    /** A key that ends or a gateway that is handed over ends the shells that came of it, too. */
    private void endShells() {
        for (Shell shell : openShells) {
            if (!shell.isAllowed.getAsBoolean()) {
                shell.end("you may not do this any more");
            }
        }
    }

    /** Follows changes no more; the sockets are closed with their listener. */
    @Override
    public void close() {
        closing.countDown();
    }
}
