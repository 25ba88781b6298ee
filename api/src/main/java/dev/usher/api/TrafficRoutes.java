package dev.usher.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Access;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Principal;
import dev.usher.accounts.Right;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.lorawan.Eui64;
import dev.usher.network.registry.NetworkGateway;
import dev.usher.network.traffic.TrafficEvent;
import dev.usher.network.traffic.TrafficEvents;
import dev.usher.store.Database;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;

/**
 * What happens on the air, as server-sent events: all of it for administrators; for others what
 * concerns a gateway they may watch, without what devices say.
 */
final class TrafficRoutes implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(500);
    private static final int MOST_FOLLOWERS = 100;

    private final Database database;
    private final TrafficEvents events;
    private final NetworkGatewayRoutes gateways;
    private final Duration heartbeat;
    private final Duration longest;
    private final Semaphore followers = new Semaphore(MOST_FOLLOWERS);
    private volatile boolean closing;

    TrafficRoutes(Database database, NetworkServices network, NetworkGatewayRoutes gateways) {
        // Longer than an hour would outlive an API key too long; clients come back by themselves.
        this(database, network, gateways, Duration.ofSeconds(15), Duration.ofHours(1));
    }

    /**
     * @param heartbeat after how long a silent stream shows that it is alive, and notices that
     *     nobody reads it
     * @param longest when a stream ends
     */
    TrafficRoutes(
            Database database,
            NetworkServices network,
            NetworkGatewayRoutes gateways,
            Duration heartbeat,
            Duration longest) {
        this.database = requireNonNull(database, "database");
        this.events = network.traffic().events();
        this.gateways = requireNonNull(gateways, "gateways");
        this.heartbeat = requireNonNull(heartbeat, "heartbeat");
        this.longest = requireNonNull(longest, "longest");
    }

    void addTo(Routes<Caller> routes) {
        routes.add("GET", "/api/v1/network/events", this::follow);
    }

    /**
     * What of the traffic a caller sees.
     *
     * @param gateway only what concerns it
     * @param only the gateway whose share alone they may see; empty for those who see everything
     */
    private record View(
            Optional<Eui64> gateway,
            Optional<Eui64> device,
            Optional<String> type,
            Optional<Eui64> only)
            implements Predicate<TrafficEvent> {

        @Override
        public boolean test(TrafficEvent event) {
            return gateway.map(TrafficEventJson.gateways(event)::contains).orElse(true)
                    && device.map(eui -> concerns(event, eui)).orElse(true)
                    && type.map(TrafficEventJson.type(event)::equals).orElse(true);
        }

        private static boolean concerns(TrafficEvent event, Eui64 device) {
            return event instanceof TrafficEvent.OfDevice of && of.devEui().equals(device);
        }

        String text(TrafficEvent event) {
            return "data: " + TrafficEventJson.of(event, only) + "\n\n";
        }
    }

    private View view(Caller caller, Request request) {
        Optional<String> named = request.query("gateway");
        Optional<Eui64> device = request.query("device").map(Eui64::parse);
        Optional<String> type = request.query("type");
        if (caller instanceof Principal.Administrator) {
            return new View(named.map(name -> eui(caller, name)), device, type, Optional.empty());
        }
        NetworkGateway gateway =
                gateways.named(
                        caller,
                        named.orElseThrow(
                                () ->
                                        new Forbidden(
                                                "name a gateway that you may watch, with"
                                                        + " gateway=: only an administrator sees"
                                                        + " all traffic")));
        database.read(
                handle ->
                        Access.require(
                                handle,
                                caller,
                                gateway.id().entity(),
                                Right.GATEWAY_TRAFFIC_READ,
                                Right.GATEWAY_STATUS_READ));
        Optional<Eui64> own = Optional.of(gateway.eui());
        return new View(own, device, type, own);
    }

    /** An administrator may also follow a gateway that is not registered. */
    private Eui64 eui(Caller administrator, String idOrEui) {
        return NetworkGatewayJson.isEui(idOrEui)
                ? Eui64.parse(idOrEui)
                : gateways.named(administrator, idOrEui).eui();
    }

    private Response follow(Caller caller, Request request, Routes.Variables path) {
        View view = view(caller, request);
        if (!followers.tryAcquire()) {
            return RestApi.problem(
                            503,
                            "busy",
                            "Too many follow the traffic",
                            new IllegalStateException(
                                    "the traffic is followed by " + MOST_FOLLOWERS + " already"))
                    .withHeader("Retry-After", "10");
        }
        return Response.stream(200, "text/event-stream", out -> follow(view, out))
                .withHeader("Cache-Control", "no-cache");
    }

    private void follow(View view, OutputStream out) throws IOException {
        try (TrafficEvents.Subscription subscription = events.subscribeEverywhere(view)) {
            long began = System.nanoTime();
            long wrote = began;
            long missed = 0;
            write(out, ": from now on\n\n");
            while (!closing && System.nanoTime() - began < longest.toNanos()) {
                List<TrafficEvent> next = subscription.next(POLL.toMillis());
                for (TrafficEvent event : next) {
                    write(out, view.text(event));
                    wrote = System.nanoTime();
                }
                if (subscription.missed() > missed) {
                    write(out, missed(subscription.missed() - missed));
                    missed = subscription.missed();
                } else if (System.nanoTime() - wrote > heartbeat.toNanos()) {
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

    private static String missed(long count) {
        return "data: "
                + Fields.JSON.createObjectNode().put("type", "missed").put("count", count)
                + "\n\n";
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(UTF_8));
        out.flush();
    }

    /** Ends the streams. */
    @Override
    public void close() {
        closing = true;
    }
}
