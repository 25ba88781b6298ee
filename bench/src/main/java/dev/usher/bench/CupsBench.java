package dev.usher.bench;

import dev.usher.lorawan.Eui64;
import dev.usher.station.PrivateKeyDer;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What a check-in costs: full handshake and one request for each connection, by token and by client
 * certificate, with a fleet in the database, against the floor (the same listener without any
 * logic) in alternating rounds.
 *
 * <p>The load comes from this process over loopback and shares the machine with the server, so
 * rates are lower than on a machine of its own; the ratio and the server's CPU time hold.
 */
public final class CupsBench {

    private static final long FIRST_EUI = 0x58A0CB_FFFE_800000L;
    private static final String LNS_URI = "ws://lns.example.com:1887";
    private static final int PER_REQUEST = 1000;
    private static final int REQUESTS_AT_ONCE = 4;
    private static final int VISITORS = 500;
    private static final int AT_ONCE = 16;

    /** Until a server has answered so many, the better part of its CPU time is the compiler's. */
    private static final int WARM = 30_000;

    /**
     * How much of it.
     *
     * @param gateways in the database, at most 1,048,576
     * @param rounds of each, alternating
     * @param round how long each lasts
     */
    public record Options(int gateways, int rounds, Duration round) {
        public Options {
            if (gateways < VISITORS || gateways > 1 << 20) {
                throw new IllegalArgumentException(
                        "the number of gateways is "
                                + gateways
                                + ": use "
                                + VISITORS
                                + " to "
                                + (1 << 20));
            }
        }
    }

    private final Options options;
    private final PrintStream out;

    public CupsBench(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /** A gateway as the factory made it. */
    private record Made(String eui, String pin, String token) {}

    /** Runs the whole and prints it. */
    public void run()
            throws IOException, InterruptedException, GeneralSecurityException, ExecutionException {
        try (TemporaryDirectory directory = TemporaryDirectory.make()) {
            run(directory.path());
        }
    }

    private void run(Path data)
            throws IOException, InterruptedException, GeneralSecurityException, ExecutionException {
        try (ServerProcess usher = ServerProcess.start(UsherUnderTest.class, data.toString());
                Client client = new Client(data.resolve("ca.pem"))) {
            String administrator = Files.readString(data.resolve("admin.key")).strip();
            List<Made> visitors = prepareFleet(usher, client, administrator);
            long idle = usher.residentBytes();
            try (ServerProcess floor = ServerProcess.start(FloorUnderTest.class, data.toString())) {
                compare("token", usher, floor, byToken(visitors));
                compare(
                        "mutual TLS",
                        usher,
                        floor,
                        byCertificate(usher, client, administrator, visitors));
            }
            out.printf(
                    "memory (RSS): %,d MB after preparing, %,d MB at the end%n",
                    idle >> 20, usher.residentBytes() >> 20);
        }
    }

    private List<Made> prepareFleet(ServerProcess usher, Client client, String administrator)
            throws IOException, InterruptedException, ExecutionException {
        String rest = "https://localhost:" + usher.port(2) + "/api/v1/";
        String owner = "https://localhost:" + usher.port(1) + "/api/v1/gateway/";
        client.post(
                rest + "batches",
                administrator,
                "{\"name\":\"bench\",\"range\":\"" + new Eui64(FIRST_EUI) + "/44\"}");
        client.post(rest + "owners", administrator, "{\"ownerid\":\"::1\"}");
        String key =
                client.post(rest + "owners/::1/api-keys", administrator, "{}")
                        .get("key")
                        .stringValue();

        long start = System.nanoTime();
        List<Made> visitors = new ArrayList<>();
        String range = new Eui64(FIRST_EUI) + "-" + new Eui64(FIRST_EUI + options.gateways() - 1);
        try (Stream<String> lines =
                        client.lines(
                                rest + "batches/bench/provision",
                                administrator,
                                "{\"range\":\"" + range + "\"}");
                ExecutorService requests = Executors.newFixedThreadPool(REQUESTS_AT_ONCE)) {
            List<Future<Integer>> claims = new ArrayList<>();
            Iterator<String> each = lines.skip(1).iterator();
            while (each.hasNext()) {
                List<Made> part = new ArrayList<>(PER_REQUEST);
                while (part.size() < PER_REQUEST && each.hasNext()) {
                    JsonNode line = Client.JSON.readTree(each.next());
                    part.add(
                            new Made(
                                    line.get("eui").stringValue(),
                                    line.get("pin").stringValue(),
                                    line.get("token").stringValue()));
                }
                if (visitors.size() < VISITORS) {
                    visitors.addAll(
                            part.subList(0, Math.min(part.size(), VISITORS - visitors.size())));
                }
                claims.add(requests.submit(() -> claim(client, owner, key, part)));
                if (claims.size() > 2 * REQUESTS_AT_ONCE) {
                    claims.removeFirst().get();
                }
            }
            for (Future<Integer> claim : claims) {
                claim.get();
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        out.printf(
                "%,d gateways provisioned and claimed in bulk in %.1f s (%,.0f/s)%n",
                options.gateways(), seconds, options.gateways() / seconds);
        setUp(client, owner, key, visitors);
        return visitors;
    }

    private static int claim(Client client, String owner, String key, List<Made> part)
            throws IOException, InterruptedException {
        StringBuilder body = new StringBuilder("{\"ownerid\":\"::1\",\"gateways\":[");
        for (Made made : part) {
            body.append(body.charAt(body.length() - 1) == '[' ? "" : ",")
                    .append("{\"gateway\":\"")
                    .append(made.eui())
                    .append("\",\"claim\":\"")
                    .append(made.pin())
                    .append("\"}");
        }
        for (JsonNode result : client.post(owner + "claim", key, body.append("]}").toString())) {
            if (result.has("error")) {
                throw new IOException("a claim failed: " + result);
            }
        }
        return part.size();
    }

    private static void setUp(Client client, String owner, String key, List<Made> visitors)
            throws IOException, InterruptedException {
        StringBuilder body =
                new StringBuilder(
                        "{\"ownerid\":\"::1\",\"lnsUri\":\"" + LNS_URI + "\",\"gateways\":[");
        for (Made made : visitors) {
            body.append(body.charAt(body.length() - 1) == '[' ? "" : ",")
                    .append('"')
                    .append(made.eui())
                    .append('"');
        }
        client.post(owner + "setup", key, body.append("]}").toString());
    }

    private static List<Load.Visitor> byToken(List<Made> made) throws IOException {
        SslContext anonymous = tls().build();
        List<Load.Visitor> visitors = new ArrayList<>();
        for (Made one : made) {
            visitors.add(
                    new Load.Visitor(
                            anonymous,
                            Load.Visitor.request(
                                    Eui64.parse(one.eui()).id6(),
                                    "Authorization: " + one.token() + "\r\n",
                                    LNS_URI)));
        }
        return visitors;
    }

    /**
     * TLS of a gateway that would believe any server: what the load costs itself is not what is
     * measured.
     */
    private static SslContextBuilder tls() {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL)
                .protocols("TLSv1.2")
                .endpointIdentificationAlgorithm(null)
                .trustManager(InsecureTrustManagerFactory.INSTANCE);
    }

    private static List<Load.Visitor> byCertificate(
            ServerProcess usher, Client client, String administrator, List<Made> made)
            throws GeneralSecurityException, IOException, InterruptedException {
        List<Load.Visitor> visitors = new ArrayList<>();
        for (Made one : made) {
            JsonNode issued =
                    client.post(
                            "https://localhost:"
                                    + usher.port(2)
                                    + "/api/v1/gateways/"
                                    + one.eui()
                                    + "/certificates",
                            administrator,
                            "{}");
            X509Certificate certificate =
                    (X509Certificate) Client.certificate(issued.get("certificate").stringValue());
            PrivateKey key =
                    PrivateKeyDer.of(
                                    issued.get("key")
                                            .stringValue()
                                            .getBytes(StandardCharsets.US_ASCII))
                            .toPrivateKey();
            visitors.add(
                    new Load.Visitor(
                            tls().keyManager(key, certificate).build(),
                            Load.Visitor.request(Eui64.parse(one.eui()).id6(), "", LNS_URI)));
        }
        return visitors;
    }

    /** One round of one server. */
    private record Round(Load.Result result, double cpuMicros) {}

    private void compare(
            String how, ServerProcess usher, ServerProcess floor, List<Load.Visitor> visitors)
            throws InterruptedException {
        warmUp(usher, visitors);
        warmUp(floor, visitors);
        List<Round> ours = new ArrayList<>();
        List<Round> theirs = new ArrayList<>();
        for (int i = 0; i < options.rounds(); i++) {
            ours.add(round(usher, visitors));
            theirs.add(round(floor, visitors));
        }
        out.printf(
                "%n%s: a new connection with a full handshake for each request, %d at once%n",
                how, AT_ONCE);
        print("usher", ours);
        print("floor", theirs);
        out.printf(
                "  ratio  requests/s %.2f (goal 0.80 or more)   server CPU per request %.2f (goal"
                        + " 1.30 or less)%n",
                median(ours, round -> round.result().perSecond())
                        / median(theirs, round -> round.result().perSecond()),
                median(ours, Round::cpuMicros) / median(theirs, Round::cpuMicros));
    }

    /** Rounds that do not count, so that what counts is compiled. */
    private void warmUp(ServerProcess server, List<Load.Visitor> visitors)
            throws InterruptedException {
        int answered = 0;
        while (answered < WARM) {
            answered += round(server, visitors).result().latencies().length;
        }
    }

    private Round round(ServerProcess server, List<Load.Visitor> visitors)
            throws InterruptedException {
        Duration before = server.cpu();
        Load.Result result = new Load(server.port(0), visitors, AT_ONCE).run(options.round());
        double cpu =
                server.cpu().minus(before).toNanos() / 1e3 / Math.max(1, result.latencies().length);
        return new Round(result, cpu);
    }

    private void print(String name, List<Round> rounds) {
        out.printf(
                "  %-6s %,8.0f requests/s   server CPU %,6.0f us/request   p50 %.1f ms   p99 %.1f"
                        + " ms   failed %d%n",
                name,
                median(rounds, round -> round.result().perSecond()),
                median(rounds, Round::cpuMicros),
                median(rounds, round -> round.result().millis(0.5)),
                median(rounds, round -> round.result().millis(0.99)),
                rounds.stream().mapToInt(round -> round.result().failures()).sum());
    }

    private static double median(List<Round> rounds, ToDoubleFunction<Round> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        return Arrays.stream(sorted).skip(sorted.length / 2).findFirst().orElse(Double.NaN);
    }
}
