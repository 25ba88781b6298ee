package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Conflict;
import dev.usher.keys.Vault;
import dev.usher.lorawan.DataFrame;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.NetId;
import dev.usher.station.LnsDownlink;
import dev.usher.station.LnsUplink;
import dev.usher.station.Reception;
import dev.usher.store.Database;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The radio traffic of the network: what connected gateways hear goes in, what they are to send
 * comes out through their {@link GatewayLink}.
 *
 * <p>Nodes on one database are one network. They tell each other what their gateways hear, and the
 * node of the gateway that heard a frame best answers it. That is quick but not certain; what is
 * certain is in the database: a join-request is taken up once, and a counter is used once.
 */
public final class Traffic implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Traffic.class);

    /** How long copies of a frame from other gateways are waited for. */
    public static final Duration DEDUPLICATION = Duration.ofMillis(200);

    /** A device waits longer than this before it sends the same frame again. */
    private static final Duration LATEST_COPY = Duration.ofSeconds(2);

    /** How often nodes look for each other. */
    private static final Duration LOOK = Duration.ofSeconds(3);

    private record Connected(GatewayLink link, Instant since) {}

    private final long node = new SecureRandom().nextLong();
    private final Map<Eui64, Connected> connected = new ConcurrentHashMap<>();
    private final Duration handOver;
    private final InstantSource clock;
    private final NetworkDevices devices;
    private final Downlinks downlinks;
    private final JoinRouter joins;
    private final Uplinks uplinks;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("usher-receptions").daemon().factory());
    private final ReceptionWindow window;
    private final TrafficEvents events;
    private final NodeBus nodes;
    private final GatewayPresence presence;
    private volatile boolean closed;

    /**
     * Puts the traffic together.
     *
     * @param deduplication how long copies of a frame are waited for
     */
    public Traffic(
            Database database,
            Vault vault,
            AuditLog audit,
            NetId netId,
            JoinServers joinServers,
            Duration deduplication,
            InstantSource clock) {
        this(database, vault, audit, netId, joinServers, deduplication, LOOK, clock);
    }

    /**
     * @param look how often nodes look for each other
     */
    Traffic(
            Database database,
            Vault vault,
            AuditLog audit,
            NetId netId,
            JoinServers joinServers,
            Duration deduplication,
            Duration look,
            InstantSource clock) {
        this.clock = requireNonNull(clock, "clock");
        this.handOver = deduplication.plus(deduplication);
        this.events = new TrafficEvents(this::tellOthers);
        this.devices = new NetworkDevices(database, joinServers::known, audit, clock);
        this.downlinks = new Downlinks(database, events, clock);
        Sessions sessions = new Sessions(database, vault.sealer(), clock);
        this.joins =
                new JoinRouter(
                        netId,
                        devices,
                        new JoinTurns(database, LATEST_COPY, clock),
                        sessions,
                        joinServers,
                        downlinks,
                        events,
                        clock);
        this.uplinks = new Uplinks(LATEST_COPY, sessions, joinServers, downlinks, events, clock);
        this.window = new ReceptionWindow(deduplication, LATEST_COPY, timer);
        this.nodes = new NodeBus(node, database, vault.sealer(), this::toldByOther);
        this.presence = new GatewayPresence(database, node, new Gateways(), clock, look);
    }

    public NetworkDevices devices() {
        return devices;
    }

    public Downlinks downlinks() {
        return downlinks;
    }

    public TrafficEvents events() {
        return events;
    }

    // Gateways

    /**
     * A gateway has connected. If it was connected already, here or to another node, that
     * connection is dead, whether it knows or not: it is ended.
     *
     * @param station what runs on it
     */
    public void connected(GatewayLink link, String station) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        Connected before = connected.put(link.gateway(), new Connected(link, now));
        if (before != null) {
            before.link().close("the gateway has connected anew");
        }
        presence.connected(link.gateway(), now);
        events.publish(new TrafficEvent.GatewayConnected(now, link.gateway(), station));
    }

    /** The connection of a gateway has ended. */
    public void disconnected(GatewayLink link) {
        Connected now = connected.get(link.gateway());
        if (now != null && now.link().equals(link) && connected.remove(link.gateway(), now)) {
            Instant at = Instant.ofEpochMilli(clock.millis());
            presence.disconnected(link.gateway(), now.since(), at);
            events.publish(new TrafficEvent.GatewayDisconnected(at, link.gateway()));
        }
    }

    /** Tells whoever may know of a gateway that somebody should look at it, in one sentence. */
    public void alert(Eui64 gateway, String why) {
        events.publish(
                new TrafficEvent.GatewayAlert(Instant.ofEpochMilli(clock.millis()), gateway, why));
    }

    /** The gateways that are connected to this node. */
    public Collection<GatewayLink> connected() {
        return connected.values().stream().map(Connected::link).toList();
    }

    public Optional<GatewayLink> connected(Eui64 gateway) {
        return Optional.ofNullable(connected.get(gateway)).map(Connected::link);
    }

    /** Whether a gateway is connected, to this node or another. */
    public GatewayStatus status(Eui64 gateway) {
        Connected here = connected.get(gateway);
        return here != null ? new GatewayStatus.Connected(here.since()) : presence.status(gateway);
    }

    /**
     * Has a gateway run something, wherever it is connected. Whether it does, it does not tell.
     *
     * @throws Conflict if the gateway is not connected
     */
    public void run(Eui64 gateway, LnsDownlink.RunCommand command) {
        Optional<GatewayLink> here = connected(gateway);
        if (here.isPresent()) {
            here.get().send(command);
        } else if (status(gateway) instanceof GatewayStatus.Connected) {
            nodes.tell(new NodeMessage.Run(gateway, command));
        } else {
            throw new Conflict("gateway " + gateway + " is not connected");
        }
    }

    private final class Gateways implements GatewayPresence.Observer {

        @Override
        public void connectedElsewhere(Eui64 gateway, Instant at) {
            Connected here = connected.get(gateway);
            if (here != null && !here.since().isAfter(at) && connected.remove(gateway, here)) {
                here.link().close("the gateway has connected to another node");
            }
        }

        @Override
        public void lost(Eui64 gateway, Instant lastSeen) {
            events.publish(new TrafficEvent.GatewayDisconnected(lastSeen, gateway));
        }

        @Override
        public Map<Eui64, Instant> here() {
            return connected.entrySet().stream()
                    .collect(
                            Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().since()));
        }
    }

    // Frames

    /**
     * A gateway has something to say about a frame; everything else is the link's own matter. What
     * it cannot have heard with its plan is dropped.
     */
    public void received(GatewayLink link, LnsUplink message) {
        if (closed) {
            return;
        }
        switch (message) {
            case LnsUplink.Join(_, var reception) when !isPossible(link, reception) ->
                    LOG.debug("gateway {} reports {}", link.gateway(), reception);
            case LnsUplink.Data(_, var reception) when !isPossible(link, reception) ->
                    LOG.debug("gateway {} reports {}", link.gateway(), reception);
            case LnsUplink.Join(var request, var reception) ->
                    heard(request.phyPayload(), new Heard(link, reception), whole(request));
            case LnsUplink.Data(var frame, var reception) ->
                    heard(frame.phyPayload(), new Heard(link, reception), whole(frame));
            case LnsUplink.Transmitted transmitted -> downlinks.transmitted(link, transmitted);
            default -> {
                // not about a frame of a device
            }
        }
    }

    /** Whether it can be answered: in a window of the plan, and at a time. */
    private static boolean isPossible(GatewayLink link, Reception reception) {
        try {
            link.plan().rx1(reception.frequency(), reception.dataRate(), 0);
            return reception.xtime() != 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void heard(byte[] phyPayload, Heard heard, Consumer<List<Heard>> whole) {
        if (window.heard(phyPayload, heard, whole)) {
            nodes.tell(
                    new NodeMessage.Copy(
                            heard.link().gateway(),
                            heard.link().plan(),
                            heard.reception(),
                            phyPayload));
        }
    }

    private Consumer<List<Heard>> whole(JoinRequest request) {
        return copies ->
                answer(
                        copies,
                        all -> joins.received(request, all),
                        own -> joins.handedOver(request, own));
    }

    private Consumer<List<Heard>> whole(DataFrame frame) {
        Consumer<List<Heard>> received = copies -> uplinks.received(frame, copies);
        return copies -> answer(copies, received, received);
    }

    /**
     * Answers what this node heard best, and leaves the rest to the node that did. Should that node
     * be gone, this one comes back to it, and finds in the database whether it was answered.
     *
     * @param copies the best first
     */
    private void answer(
            List<Heard> copies, Consumer<List<Heard>> now, Consumer<List<Heard>> later) {
        if (copies.getFirst().isHere()) {
            now.accept(copies);
            return;
        }
        List<Heard> own = copies.stream().filter(Heard::isHere).toList();
        if (!own.isEmpty()) {
            var _ =
                    timer.schedule(
                            () -> Thread.startVirtualThread(() -> later.accept(own)),
                            handOver.toNanos(),
                            NANOSECONDS);
        }
    }

    // Other nodes

    private void tellOthers(TrafficEvent event) {
        nodes.tell(new NodeMessage.Happened(event));
    }

    private void toldByOther(NodeMessage message) {
        switch (message) {
            case NodeMessage.Copy copy -> heardElsewhere(copy);
            case NodeMessage.Happened(var event) -> {
                if (event instanceof TrafficEvent.GatewayConnected(var at, var gateway, _)) {
                    new Gateways().connectedElsewhere(gateway, at);
                }
                events.publishedElsewhere(event);
            }
            case NodeMessage.Run(var gateway, var command) ->
                    connected(gateway).ifPresent(link -> link.send(command));
        }
    }

    private void heardElsewhere(NodeMessage.Copy copy) {
        Heard heard = new Heard(new Elsewhere(copy.gateway(), copy.plan()), copy.reception());
        byte[] frame = copy.phyPayload();
        boolean isJoin = frame[0] == 0; // MHDR: MType 000, Major 00
        boolean _ =
                window.heard(
                        frame,
                        heard,
                        isJoin ? whole(JoinRequest.parse(frame)) : whole(DataFrame.parse(frame)));
    }

    /**
     * Waits until this node hears what the others say.
     *
     * @return false if it does not yet
     */
    boolean awaitOthers(Duration longest) throws InterruptedException {
        return nodes.awaitListening(longest);
    }

    /** From now on this node neither tells nor hears anything, as when no message arrives. */
    void stopTelling() {
        nodes.close();
    }

    /** The gateways are taken to be disconnected: their connections are closed next. */
    @Override
    public void close() {
        closed = true;
        connected().forEach(this::disconnected);
        nodes.close();
        presence.close();
        timer.shutdownNow();
    }
}
