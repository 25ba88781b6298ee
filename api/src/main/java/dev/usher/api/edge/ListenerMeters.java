package dev.usher.api.edge;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The meters of one listener. Labelled by listener and status alone, never by peer. */
final class ListenerMeters {

    private static final String LISTENER = "listener";

    private final MeterRegistry registry;
    private final String listener;
    private final List<Meter> meters;
    private final Map<String, Timer> requests = new ConcurrentHashMap<>();

    ListenerMeters(MeterRegistry registry, String listener, AcceptGate gate) {
        this.registry = registry;
        this.listener = listener;
        this.meters =
                List.of(
                        Gauge.builder("usher.edge.connections", gate, AcceptGate::connections)
                                .description("Open connections, handshaking ones included")
                                .tag(LISTENER, listener)
                                .register(registry),
                        Gauge.builder("usher.edge.requests.in.flight", gate, AcceptGate::inFlight)
                                .description("Requests that wait for or are in their handler")
                                .tag(LISTENER, listener)
                                .register(registry),
                        FunctionCounter.builder(
                                        "usher.edge.connections.accepted",
                                        gate,
                                        AcceptGate::acceptedInAll)
                                .description("Connections taken from the kernel's backlog")
                                .tag(LISTENER, listener)
                                .register(registry),
                        FunctionCounter.builder(
                                        "usher.edge.handshakes.failed",
                                        gate,
                                        AcceptGate::brokenInAll)
                                .description("Connections that ended before TLS was established")
                                .tag(LISTENER, listener)
                                .register(registry),
                        FunctionCounter.builder(
                                        "usher.edge.accept.pauses", gate, AcceptGate::pausesInAll)
                                .description("Times the listener was full and stopped accepting")
                                .tag(LISTENER, listener)
                                .register(registry));
    }

    /** A request was answered; started as {@link System#nanoTime} when its header was there. */
    void answered(int status, long started) {
        record(Integer.toString(status), started);
    }

    /** A connection was closed instead of an answer, or in the middle of one. */
    void closed(long started) {
        record("closed", started);
    }

    /**
     * Takes the meters off that look at the gate, so that a later listener's can take their place.
     */
    void remove() {
        meters.forEach(registry::remove);
    }

    private void record(String status, long started) {
        requests.computeIfAbsent(
                        status,
                        _ ->
                                Timer.builder("usher.edge.requests")
                                        .description("Requests from their header to their answer")
                                        .tag(LISTENER, listener)
                                        .tag("status", status)
                                        .register(registry))
                .record(System.nanoTime() - started, TimeUnit.NANOSECONDS);
    }
}
