package dev.usher.bench;

import static java.util.Objects.requireNonNull;

import dev.usher.store.DatabaseUrl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;

/**
 * What a join costs: distinct devices with fresh DevNonces, durable, over HTTP and HTTPS
 * connections that stay open, against the floor (the same listeners, that only parse the request)
 * in alternating rounds.
 *
 * <p>The load comes from this process over loopback and shares the machine with the server, so
 * rates are lower than on a machine of its own; the ratio and the server's CPU time hold.
 */
public final class JoinsBench {

    private static final int FEWEST_DEVICES = 10_000;
    private static final int MOST_DEVICES = 10_000_000;

    /** Until a server has answered so many, the better part of its CPU time is the compiler's. */
    private static final int WARM = 300_000;

    private static final int MOST_WARM_UPS = 10;

    /**
     * How much of it.
     *
     * @param devices provisioned
     * @param rounds of each, alternating
     * @param round how long each lasts
     * @param connections over which the Network Server asks, one join at a time over each
     * @param databaseUrl an empty PostgreSQL database; empty: the embedded one
     */
    public record Options(
            int devices,
            int rounds,
            Duration round,
            int connections,
            Optional<String> databaseUrl) {
        public Options {
            if (devices < FEWEST_DEVICES || devices > MOST_DEVICES) {
                throw new IllegalArgumentException(
                        "the number of devices is "
                                + devices
                                + ": use "
                                + FEWEST_DEVICES
                                + " to "
                                + MOST_DEVICES);
            }
            if (rounds < 1 || round.isZero() || round.isNegative() || connections < 1) {
                throw new IllegalArgumentException(
                        "rounds, seconds and connections are at least 1: these are %d, %d and %d"
                                .formatted(rounds, round.toSeconds(), connections));
            }
            databaseUrl.ifPresent(DatabaseUrl::parse);
        }
    }

    private final Options options;
    private final PrintStream out;
    private final Fleet fleet;
    private final AtomicLong next = new AtomicLong();

    public JoinsBench(Options options, PrintStream out) {
        this.options = requireNonNull(options, "options");
        this.out = requireNonNull(out, "out");
        this.fleet = new Fleet(options.devices());
    }

    /** Runs the whole and prints it. */
    public void run() throws IOException, InterruptedException {
        try (TemporaryDirectory directory = TemporaryDirectory.make()) {
            run(directory.path());
        }
    }

    private void run(Path data) throws IOException, InterruptedException {
        List<String> arguments =
                new ArrayList<>(List.of(data.toString(), Integer.toString(fleet.devices())));
        options.databaseUrl().ifPresent(arguments::add);
        try (ServerProcess usher =
                        ServerProcess.start(
                                JoinServerUnderTest.class, arguments.toArray(String[]::new));
                ServerProcess floor = ServerProcess.start(JoinFloorUnderTest.class)) {
            usher.remarks().forEach(out::println);
            out.flush();
            long idle = usher.residentBytes();
            compare("HTTP", usher, floor, 0, Optional.empty());
            compare("HTTPS", usher, floor, 1, Optional.of(tls()));
            out.printf(
                    "%nmemory (RSS): %,d MB after provisioning, %,d MB at the end; the floor has"
                            + " %,d MB%n",
                    idle >> 20, usher.residentBytes() >> 20, floor.residentBytes() >> 20);
        }
    }

    /** What the load's own TLS costs is not what is measured. */
    private static SslContext tls() throws IOException {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL)
                .endpointIdentificationAlgorithm(null)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .build();
    }

    /**
     * One round of one server.
     *
     * @param database CPU time of PostgreSQL's processes
     */
    private record Round(
            Load.Result result,
            Duration cpu,
            Duration database,
            JoinServerUnderTest.Figures figures,
            long written) {

        double micros(Duration time) {
            return time.toNanos() / 1e3 / Math.max(1, result.latencies().length);
        }

        double cpuMicros() {
            return micros(cpu);
        }

        double perJoin(double figure) {
            return figure / Math.max(1, figures.joins());
        }
    }

    @FunctionalInterface
    private interface Running {
        Load.Result run() throws IOException, InterruptedException;
    }

    private void compare(
            String how,
            ServerProcess usher,
            ServerProcess floor,
            int port,
            Optional<SslContext> tls)
            throws IOException, InterruptedException {
        JoinLoad ours = load(usher.port(port), tls);
        JoinLoad theirs = load(floor.port(port), tls);
        warmUp(ours);
        warmUp(theirs);
        List<Round> usherRounds = new ArrayList<>();
        List<Round> floorRounds = new ArrayList<>();
        for (int i = 0; i < options.rounds(); i++) {
            usherRounds.add(round(usher, () -> ours.asFastAsItGoes(options.round())));
            floorRounds.add(floorRound(floor, () -> theirs.asFastAsItGoes(options.round())));
        }
        double half = median(usherRounds, round -> round.result().perSecond()) / 2;
        ours.atRate(half, options.round()); // small commits are compiled anew
        List<Round> relaxed = new ArrayList<>();
        for (int i = 0; i < options.rounds(); i++) {
            relaxed.add(round(usher, () -> ours.atRate(half, options.round())));
        }

        out.printf("%n%s: %d connections that stay open%n", how, options.connections());
        print("usher", usherRounds);
        print("floor", floorRounds);
        out.printf(
                "  ratio  joins/s %.2f (goal %s or more)   server CPU per join %.2f%n",
                median(usherRounds, round -> round.result().perSecond())
                        / median(floorRounds, round -> round.result().perSecond()),
                options.databaseUrl().isPresent() ? "0.40" : "0.50",
                median(usherRounds, Round::cpuMicros) / median(floorRounds, Round::cpuMicros));
        out.printf(
                "  half   %,8.0f joins/s   server CPU %,6.1f us/join   p50 %.1f ms   p99 %.1f ms"
                        + " (goal under 20)   failed %d%n",
                median(relaxed, round -> round.result().perSecond()),
                median(relaxed, Round::cpuMicros),
                median(relaxed, round -> round.result().millis(0.5)),
                median(relaxed, round -> round.result().millis(0.99)),
                relaxed.stream().mapToInt(round -> round.result().failures()).sum());
        printDatabase("full load", usherRounds);
        printDatabase("half load", relaxed);
    }

    /** Rounds that do not count, so that what counts is compiled. */
    private void warmUp(JoinLoad load) throws IOException, InterruptedException {
        long answered = 0;
        for (int i = 0; i < MOST_WARM_UPS && answered < WARM; i++) {
            answered += load.asFastAsItGoes(options.round()).latencies().length;
        }
    }

    private JoinLoad load(int port, Optional<SslContext> tls) {
        return new JoinLoad(port, tls, fleet, next, options.connections());
    }

    private Round round(ServerProcess server, Running load)
            throws IOException, InterruptedException {
        var figures = JoinServerUnderTest.Figures.parse(server.figures());
        long written = server.writtenBytes();
        Duration database = databaseCpu();
        Duration cpu = server.cpu();
        Load.Result result = load.run();
        return new Round(
                result,
                server.cpu().minus(cpu),
                databaseCpu().minus(database),
                JoinServerUnderTest.Figures.parse(server.figures()).since(figures),
                server.writtenBytes() - written);
    }

    private static Round floorRound(ServerProcess server, Running load)
            throws IOException, InterruptedException {
        Duration cpu = server.cpu();
        Load.Result result = load.run();
        return new Round(
                result,
                server.cpu().minus(cpu),
                Duration.ZERO,
                new JoinServerUnderTest.Figures(0, 0, 0),
                0);
    }

    /** Of the database's processes on this machine; none if the database is the embedded one. */
    private Duration databaseCpu() {
        if (options.databaseUrl().isEmpty()) {
            return Duration.ZERO;
        }
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::info)
                .filter(info -> info.command().orElse("").endsWith("/postgres"))
                .flatMap(info -> info.totalCpuDuration().stream())
                .reduce(Duration.ZERO, Duration::plus);
    }

    private void print(String name, List<Round> rounds) {
        out.printf(
                "  %-6s %,8.0f joins/s   server CPU %,6.1f us/join   p50 %.1f ms   p99 %.1f ms  "
                        + " failed %d%n",
                name,
                median(rounds, round -> round.result().perSecond()),
                median(rounds, Round::cpuMicros),
                median(rounds, round -> round.result().millis(0.5)),
                median(rounds, round -> round.result().millis(0.99)),
                rounds.stream().mapToInt(round -> round.result().failures()).sum());
    }

    private void printDatabase(String when, List<Round> rounds) {
        out.printf(
                "  database at %s: %.1f joins a commit, %,.0f commits/s; of the server CPU per join"
                        + " %.1f us to commit them and the log",
                when,
                median(
                        rounds,
                        round ->
                                (double) round.figures().joins()
                                        / Math.max(1L, round.figures().commits())),
                median(
                        rounds,
                        round ->
                                round.figures().commits()
                                        / (round.result().took().toNanos() / 1e9)),
                median(rounds, round -> round.perJoin(round.figures().writerNanos() / 1e3)));
        if (options.databaseUrl().isPresent()) {
            out.printf(
                    "; its own CPU %.1f us/join%n",
                    median(rounds, round -> round.micros(round.database())));
        } else {
            out.printf(
                    "; %,.0f bytes/join written%n",
                    median(rounds, round -> round.perJoin((double) round.written())));
        }
    }

    private static double median(List<Round> rounds, ToDoubleFunction<Round> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        return Arrays.stream(sorted).skip(sorted.length / 2).findFirst().orElse(Double.NaN);
    }
}
