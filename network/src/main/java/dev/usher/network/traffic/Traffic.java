package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditLog;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.NetId;
import dev.usher.station.LnsUplink;
import dev.usher.station.Reception;
import dev.usher.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The radio traffic of the network: what connected gateways hear goes in, what they are to send
 * comes out through their {@link GatewayLink}.
 */
public final class Traffic implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Traffic.class);

    /** How long copies of a frame from other gateways are waited for. */
    public static final Duration DEDUPLICATION = Duration.ofMillis(200);

    /** A device waits longer than this before it sends the same frame again. */
    private static final Duration LATEST_COPY = Duration.ofSeconds(1);

    private record Connected(GatewayLink link, Instant since) {}

    private final TrafficEvents events = new TrafficEvents();
    private final Map<Eui64, Connected> connected = new ConcurrentHashMap<>();
    private final InstantSource clock;
    private final NetworkDevices devices;
    private final Downlinks downlinks;
    private final JoinRouter joins;
    private final Uplinks uplinks;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("usher-receptions").daemon().factory());
    private final ReceptionWindow window;

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
        this.clock = requireNonNull(clock, "clock");
        this.devices = new NetworkDevices(database, audit, clock);
        this.downlinks = new Downlinks(database, events, clock);
        Sessions sessions = new Sessions(database, vault.sealer(), clock);
        this.joins =
                new JoinRouter(netId, devices, sessions, joinServers, downlinks, events, clock);
        this.uplinks = new Uplinks(sessions, joinServers, downlinks, events, clock);
        this.window = new ReceptionWindow(deduplication, LATEST_COPY, timer);
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

    /**
     * A gateway has connected. If it was connected already, that connection is dead, whether it
     * knows or not: it is ended.
     *
     * @param station what runs on it
     */
    public void connected(GatewayLink link, String station) {
        Connected before = connected.put(link.gateway(), new Connected(link, clock.instant()));
        if (before != null) {
            before.link().close("the gateway has connected anew");
        }
        events.publish(new TrafficEvent.GatewayConnected(clock.instant(), link.gateway(), station));
    }

    /** The connection of a gateway has ended. */
    public void disconnected(GatewayLink link) {
        Connected now = connected.get(link.gateway());
        if (now != null && now.link().equals(link) && connected.remove(link.gateway(), now)) {
            events.publish(new TrafficEvent.GatewayDisconnected(clock.instant(), link.gateway()));
        }
    }

    /** The gateways that are connected to this node. */
    public Collection<GatewayLink> connected() {
        return connected.values().stream().map(Connected::link).toList();
    }

    public Optional<GatewayLink> connected(Eui64 gateway) {
        return Optional.ofNullable(connected.get(gateway)).map(Connected::link);
    }

    /** Since when a gateway is connected to this node; empty if it is not. */
    public Optional<Instant> connectedSince(Eui64 gateway) {
        return Optional.ofNullable(connected.get(gateway)).map(Connected::since);
    }

    /**
     * A gateway has something to say about a frame; everything else is the link's own matter. What
     * it cannot have heard with its plan is dropped.
     */
    public void received(GatewayLink link, LnsUplink message) {
        switch (message) {
            case LnsUplink.Join(_, var reception) when !isPossible(link, reception) ->
                    LOG.debug("gateway {} reports {}", link.gateway(), reception);
            case LnsUplink.Data(_, var reception) when !isPossible(link, reception) ->
                    LOG.debug("gateway {} reports {}", link.gateway(), reception);
            case LnsUplink.Join(var request, var reception) ->
                    window.heard(
                            request.phyPayload(),
                            new Heard(link, reception),
                            copies -> joins.received(request, copies));
            case LnsUplink.Data(var frame, var reception) ->
                    window.heard(
                            frame.phyPayload(),
                            new Heard(link, reception),
                            copies -> uplinks.received(frame, copies));
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

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
