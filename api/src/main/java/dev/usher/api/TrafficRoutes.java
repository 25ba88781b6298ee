package dev.usher.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Access;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Entity;
import dev.usher.accounts.Principal;
import dev.usher.accounts.Right;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.lorawan.Eui64;
import dev.usher.network.outlets.Audience;
import dev.usher.network.outlets.EventJson;
import dev.usher.network.outlets.Outlets;
import dev.usher.network.outlets.RecentEvents;
import dev.usher.network.registry.NetworkGateway;
import dev.usher.network.traffic.TrafficEvent;
import dev.usher.store.Database;
import dev.usher.store.StoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/**
 * What happens on the air, as server-sent events: all of it for administrators; for others what
 * concerns their devices, and of the gateways they may watch what these did.
 */
final class TrafficRoutes implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(500);

    /** How often it is looked whether who asked may still ask. */
    private static final Duration RECHECK = Duration.ofSeconds(1);

    private static final int MOST_FOLLOWERS = 100;
    private static final int EVENTS_AT_ONCE = 256;

    /** Some seconds at the rates a node is made for, an hour at most people's. */
    private static final int EVENTS_KEPT = 10_000;

    private final Database database;
    private final RecentEvents recent;
    private final NetworkGatewayRoutes gateways;
    private final Outlets outlets;
    private final Function<Request, Optional<Caller>> asking;
    private final Duration heartbeat;
    private final Duration longest;
    private final Semaphore followers = new Semaphore(MOST_FOLLOWERS);
    private volatile boolean closing;

    /**
     * @param asking who asks, as far as that holds now
     */
    TrafficRoutes(
            Database database,
            NetworkServices network,
            NetworkGatewayRoutes gateways,
            Function<Request, Optional<Caller>> asking) {
        this(database, network, gateways, asking, Duration.ofSeconds(15), Duration.ofHours(1));
    }

    /**
     * @param asking who asks, as far as that holds now
     * @param heartbeat after how long a silent stream shows that it is alive, and notices that
     *     nobody reads it
     * @param longest when a stream ends
     */
    TrafficRoutes(
            Database database,
            NetworkServices network,
            NetworkGatewayRoutes gateways,
            Function<Request, Optional<Caller>> asking,
            Duration heartbeat,
            Duration longest) {
        this.database = requireNonNull(database, "database");
        this.recent = new RecentEvents(network.traffic().events(), EVENTS_KEPT);
        this.gateways = requireNonNull(gateways, "gateways");
        this.outlets = network.outlets();
        this.asking = requireNonNull(asking, "asking");
        this.heartbeat = requireNonNull(heartbeat, "heartbeat");
        this.longest = requireNonNull(longest, "longest");
    }

    void addTo(Routes<Caller> routes) {
        routes.add("GET", "/api/v1/network/events", this::follow);
    }

    /**
     * What of the traffic a caller asks for.
     *
     * @param gateway only what concerns it
     * @param audience what they may know
     */
    private record View(
            Optional<Eui64> gateway,
            Optional<Eui64> device,
            Optional<String> type,
            Audience audience) {

        private boolean asksFor(TrafficEvent event) {
            return gateway.map(EventJson.gateways(event)::contains).orElse(true)
                    && device.map(eui -> concerns(event, eui)).orElse(true)
                    && type.map(EventJson.type(event)::equals).orElse(true);
        }

        private static boolean concerns(TrafficEvent event, Eui64 device) {
            return event instanceof TrafficEvent.OfDevice of && of.devEui().equals(device);
        }

        /** As it is told; empty if it is not. */
        Optional<String> text(TrafficEvent event) {
            return Optional.of(event)
                    .filter(this::asksFor)
                    .flatMap(audience::share)
                    .map(EventJson::of)
                    .map(Object::toString);
        }
    }

    private View view(Caller caller, Request request) {
        Optional<String> named = request.query("gateway");
        Optional<Eui64> device = request.query("device").map(Eui64::parse);
        Optional<String> type = request.query("type").map(EventJson::checkedType);
        if (caller instanceof Principal.Administrator) {
            return new View(
                    named.map(name -> eui(caller, name)), device, type, Audience.EVERYTHING);
        }
        Optional<NetworkGateway> gateway = named.map(name -> gateways.named(caller, name));
        if (gateway.isPresent()) {
            require(
                    caller,
                    gateway.get().id().entity(),
                    Right.GATEWAY_TRAFFIC_READ,
                    Right.GATEWAY_STATUS_READ);
        } else if (device.isPresent()) {
            require(caller, Entity.device(device.get()), Right.APPLICATION_TRAFFIC_READ);
        }
        return new View(
                gateway.map(NetworkGateway::eui),
                device,
                type,
                outlets.audience(_ -> Optional.of(caller)));
    }

    private void require(Caller caller, Entity entity, Right... rights) {
        database.read(handle -> Access.require(handle, caller, entity, rights));
    }

    /** An administrator may also follow a gateway that is not registered. */
    private Eui64 eui(Caller administrator, String idOrEui) {
        return NetworkGatewayJson.isEui(idOrEui)
                ? Eui64.parse(idOrEui)
                : gateways.named(administrator, idOrEui).eui();
    }

    private Response follow(Caller caller, Request request, Routes.Variables path) {
        View view = view(caller, request);
        Optional<String> lastSeen = request.header("Last-Event-ID");
        if (!followers.tryAcquire()) {
            return Answers.problem(
                            503,
                            "busy",
                            "Too many follow the traffic",
                            new IllegalStateException(
                                    "the traffic is followed by " + MOST_FOLLOWERS + " already"))
                    .withHeader("Retry-After", "10");
        }
        return Response.stream(
                        200,
                        "text/event-stream",
                        out -> follow(view, lastSeen, () -> isStill(caller, request), out))
                .withHeader("Cache-Control", "no-cache");
    }

    /** A key, a session or what an administrator may ends the streams that came of it, too. */
    private boolean isStill(Caller caller, Request request) {
        try {
            return asking.apply(request).filter(caller::equals).isPresent();
        } catch (StoreException e) {
            return true; // nobody can say now
        }
    }

    private void follow(
            View view, Optional<String> lastSeen, BooleanSupplier isAllowed, OutputStream out)
            throws IOException {
        try {
            long began = System.nanoTime();
            long wrote = began;
            long checked = began;
            OptionalLong known = lastSeen.map(recent::number).orElse(OptionalLong.empty());
            long last = known.orElseGet(recent::last);
            write(out, known.isPresent() ? ": from then on\n\n" : ": from now on\n\n");
            if (lastSeen.isPresent() && known.isEmpty()) {
                write(out, "data: " + missed() + "\n\n");
            }
            while (!closing && System.nanoTime() - began < longest.toNanos()) {
                RecentEvents.Page page = recent.after(last, EVENTS_AT_ONCE, POLL.toMillis());
                last = page.last();
                if (System.nanoTime() - checked > RECHECK.toNanos()) {
                    if (!isAllowed.getAsBoolean()) {
                        return;
                    }
                    checked = System.nanoTime();
                }
                if (page.missed() > 0) {
                    write(out, "data: " + missed().put("count", page.missed()) + "\n\n");
                    wrote = System.nanoTime();
                }
                for (RecentEvents.Numbered numbered : page.events()) {
                    Optional<String> text = view.text(numbered.event());
                    if (text.isPresent()) {
                        String id = recent.id(numbered.number());
                        write(out, "id: " + id + "\ndata: " + text.get() + "\n\n");
                        wrote = System.nanoTime();
                    }
                }
                if (System.nanoTime() - wrote > heartbeat.toNanos()) {
                    write(out, ":\n\n");
                    wrote = System.nanoTime();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            followers.release();
        }
    }

    /** Without a count, nobody knows how many: another node, or a former run, told those before. */
    private static ObjectNode missed() {
        return Fields.JSON.createObjectNode().put("type", "missed");
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(UTF_8));
        out.flush();
    }

    /** Ends the streams. */
    @Override
    public void close() {
        closing = true;
        recent.close();
    }
}
