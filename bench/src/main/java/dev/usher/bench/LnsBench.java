package dev.usher.bench;

import static java.util.Objects.requireNonNull;

import dev.usher.network.traffic.Traffic;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What gateways cost that are connected to the LNS of one node, over ws and over wss: to connect,
 * and in memory; how fast uplinks and joins go through beside them; and how long the whole fleet
 * needs to come back after the node was restarted.
 *
 * <p>The load comes from this process over loopback and shares the machine with the node.
 */
public final class LnsBench {

    private static final int MOST_STATIONS = 95_000;
    private static final int WARM_UP = 200;
    private static final int JOINING_DEVICES = 5_000;

    /** So that nothing overtakes the uplink before it of the same device. */
    private static final int SECONDS_BETWEEN_UPLINKS = 4;

    private static final String HEAP = "4g";

    /** A station that comes back after more than this is taken for lost. */
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    /** What the wires are. */
    public enum Scheme {
        WS,
        WSS
    }

    /**
     * How much of it.
     *
     * @param stations connected to one node
     * @param schemes what is measured, each with a node of its own
     * @param uplinks a second; each device sends one every few seconds
     * @param joins a second, beside the uplinks
     * @param round how long uplinks, and uplinks with joins, last
     * @param reconnect whether the node is restarted under them
     */
    public record Options(
            int stations,
            List<Scheme> schemes,
            int uplinks,
            int joins,
            Duration round,
            boolean reconnect) {
        public Options {
            schemes = List.copyOf(schemes);
            if (stations < 2 * WARM_UP || stations > MOST_STATIONS) {
                throw new IllegalArgumentException(
                        "the number of stations is %d: use %d to %d"
                                .formatted(stations, 2 * WARM_UP, MOST_STATIONS));
            }
            if (uplinks < 1 || joins < 1 || round.toSeconds() < 1) {
                throw new IllegalArgumentException(
                        "uplinks, joins and seconds are at least 1: these are %d, %d and %d"
                                .formatted(uplinks, joins, round.toSeconds()));
            }
        }

        int senders() {
            return uplinks * SECONDS_BETWEEN_UPLINKS;
        }

        Fleet fleet() {
            return new Fleet(senders() + JOINING_DEVICES);
        }
    }

    private final Options options;
    private final PrintStream out;

    public LnsBench(Options options, PrintStream out) {
        this.options = requireNonNull(options, "options");
        this.out = requireNonNull(out, "out");
    }

    /** Runs the whole and prints it. */
    public void run() throws IOException, InterruptedException {
        requireFiles();
        for (Scheme scheme : options.schemes()) {
            out.printf("%n%s: %,d stations on one node%n", scheme, options.stations());
            out.flush();
            runFloor(scheme);
            try (TemporaryDirectory directory = TemporaryDirectory.make()) {
                run(scheme, directory.path());
            }
        }
    }

    /** Each connection is an open file, here and in the server. */
    private void requireFiles() throws IOException {
        Path limits = Path.of("/proc/self/limits");
        if (!Files.exists(limits)) {
            return;
        }
        for (String line : Files.readAllLines(limits)) {
            if (line.startsWith("Max open files")) {
                String hard = line.replaceAll(" +", " ").split(" ", -1)[4];
                int needed = options.stations() + 2_000;
                if (!hard.equals("unlimited") && Long.parseLong(hard) < needed) {
                    throw new IOException(
                            ("%,d stations need %,d open files, and %s are allowed: run it after"
                                            + " 'ulimit -n %d' in a shell that may, or with fewer"
                                            + " --stations")
                                    .formatted(options.stations(), needed, hard, needed));
                }
            }
        }
    }

    private void runFloor(Scheme scheme) throws IOException, InterruptedException {
        try (ServerProcess floor = ServerProcess.startWithHeap(HEAP, LnsFloorUnderTest.class);
                StationFleet fleet =
                        new StationFleet(
                                new Stations(options.stations()),
                                target(scheme, floor, List.of()),
                                (_, _) -> {})) {
            connect("floor", fleet, floor);
        }
    }

    private StationFleet.Target target(Scheme scheme, ServerProcess server, List<String> keys)
            throws IOException {
        List<String> shown =
                keys.isEmpty() ? Collections.nCopies(options.stations(), "none") : keys;
        return switch (scheme) {
            case WS -> new StationFleet.Target(server.port(0), Optional.empty(), shown);
            case WSS -> new StationFleet.Target(server.port(1), Optional.of(tls()), shown);
        };
    }

    /** What the load's own TLS costs is not what is measured. */
    private static SslContext tls() throws IOException {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL)
                .protocols("TLSv1.2")
                .endpointIdentificationAlgorithm(null)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .build();
    }

    private void run(Scheme scheme, Path data) throws IOException, InterruptedException {
        Fleet devices = options.fleet();
        ServerProcess usher = start(data);
        try {
            usher.remarks().forEach(line -> out.println("  " + line));
            RadioLoad radio = new RadioLoad(devices, options.senders());
            List<String> keys = Files.readAllLines(data.resolve(Stations.KEYS));
            try (StationFleet fleet =
                    new StationFleet(
                            new Stations(options.stations()),
                            target(scheme, usher, keys),
                            radio::downlink)) {
                connect("usher", fleet, usher);
                radio.over(fleet);
                measureTraffic(radio, usher, data);
                if (options.reconnect()) {
                    usher = restart(fleet, usher, data);
                }
            }
        } finally {
            usher.close();
        }
    }

    private ServerProcess start(Path data, String... ports) throws IOException {
        String[] arguments = new String[3 + ports.length];
        arguments[0] = data.toString();
        arguments[1] = Integer.toString(options.stations());
        arguments[2] = Integer.toString(options.fleet().devices());
        System.arraycopy(ports, 0, arguments, 3, ports.length);
        return ServerProcess.startWithHeap(HEAP, NetworkUnderTest.class, arguments);
    }

    /** Connects all; the first few before anything is measured. */
    private void connect(String name, StationFleet fleet, ServerProcess server)
            throws IOException, InterruptedException {
        requireAll(fleet.connect(WARM_UP, PATIENCE), WARM_UP);
        long heap = Long.parseLong(server.figures());
        long resident = server.residentBytes();
        Duration cpu = server.cpu();
        long began = System.nanoTime();
        requireAll(fleet.connect(options.stations(), PATIENCE), options.stations());
        double seconds = (System.nanoTime() - began) / 1e9;
        int measured = options.stations() - WARM_UP;
        double cpuMicros = server.cpu().minus(cpu).toNanos() / 1e3 / measured;
        long heapAfter = Long.parseLong(server.figures());
        out.printf(
                "  %-6s %,8.0f connected/s   server CPU %,6.0f us each   memory a connection: RSS"
                        + " %.1f KB, heap %.1f KB%s%n",
                name,
                measured / seconds,
                cpuMicros,
                (server.residentBytes() - resident) / 1024.0 / measured,
                (heapAfter - heap) / 1024.0 / measured,
                name.equals("usher") ? " (goal on ws: under 25 KB)" : "");
        out.flush();
    }

    private static void requireAll(int connected, int wanted) throws IOException {
        if (connected < wanted) {
            throw new IOException(
                    "only %d of %d stations have connected in %s"
                            .formatted(connected, wanted, PATIENCE));
        }
    }

    private void measureTraffic(RadioLoad radio, ServerProcess usher, Path data)
            throws IOException, InterruptedException {
        int joined = radio.joinSenders(options.joins());
        out.printf("  %,d of %,d devices joined%n", joined, options.senders());
        try (EventFollower events = EventFollower.open(data, usher.port(2))) {
            // What is compiled before does not count.
            RadioLoad.Result first = radio.run(options.uplinks(), options.joins(), options.round());
            events.take(first.uplinks());
            round("uplinks", radio, usher, events, 0);
            round("both", radio, usher, events, options.joins());
        }
    }

    private void round(
            String name, RadioLoad radio, ServerProcess usher, EventFollower events, int joins)
            throws InterruptedException {
        long missedBefore = events.missed();
        Duration cpu = usher.cpu();
        RadioLoad.Result result = radio.run(options.uplinks(), joins, options.round());
        double cpuMicros =
                usher.cpu().minus(cpu).toNanos()
                        / 1e3
                        / Math.max(1, result.uplinks() + result.joins());
        long[] seen = events.take(result.uplinks());
        out.printf(
                "  %-8s %,d uplinks/s, frame to event p50 %.1f ms, p99 %.1f ms (without the %d ms"
                        + " for copies)   lost %d   server CPU %.0f us/frame%n",
                name,
                result.uplinks() / Math.max(1, options.round().toSeconds()),
                millisBeyond(seen, 0.5),
                millisBeyond(seen, 0.99),
                Traffic.DEDUPLICATION.toMillis(),
                result.uplinks() - seen.length,
                cpuMicros);
        if (events.missed() > missedBefore) {
            out.printf(
                    "           of them %d that the event stream left out%n",
                    events.missed() - missedBefore);
        }
        if (joins > 0) {
            out.printf(
                    "           %,d joins/s beside them, jreq to dnmsg p50 %.1f ms, p99 %.1f ms"
                            + " (likewise; goal under 50)   unanswered %d%n",
                    result.joins() / Math.max(1, options.round().toSeconds()),
                    millisBeyond(result.joinLatencies(), 0.5),
                    millisBeyond(result.joinLatencies(), 0.99),
                    result.joins() - result.joinLatencies().length);
        }
        out.flush();
    }

    /** A quantile beyond the time in which copies of a frame are waited for. */
    private static double millisBeyond(long[] sorted, double quantile) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        long nanos = sorted[Math.min(sorted.length - 1, (int) (sorted.length * quantile))];
        return (nanos - Traffic.DEDUPLICATION.toNanos()) / 1e6;
    }

    /** Ends the node under its stations and starts it again. */
    private ServerProcess restart(StationFleet fleet, ServerProcess usher, Path data)
            throws IOException, InterruptedException {
        String[] ports = {
            Integer.toString(usher.port(0)),
            Integer.toString(usher.port(1)),
            Integer.toString(usher.port(2))
        };
        long began = System.nanoTime();
        usher.close();
        CountDownLatch back = fleet.allBack();
        ServerProcess again = start(data, ports);
        double down = (System.nanoTime() - began) / 1e9;
        boolean all = back.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        double seconds = (System.nanoTime() - began) / 1e9;
        StationFleet.Fallbacks fallbacks = fleet.fallbacks();
        out.printf(
                "  restart  the node was away for %.1f s; %s after %.1f s; %d asked CUPS, %d fell"
                        + " back to another credential set (goal 0)%n",
                down,
                all
                        ? "all " + options.stations() + " stations were back"
                        : "only %d stations were back".formatted(fallbacks.connected()),
                seconds,
                fallbacks.askedCups(),
                fallbacks.fellBack());
        out.flush();
        return again;
    }
}
