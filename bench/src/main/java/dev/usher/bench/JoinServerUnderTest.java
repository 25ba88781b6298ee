package dev.usher.bench;

import dev.usher.accounts.ApiKeys;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.OwnerCertificates;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Principal;
import dev.usher.api.AsyncAnswers;
import dev.usher.api.Authenticator;
import dev.usher.api.BackendFace;
import dev.usher.api.DeviceClaimApi;
import dev.usher.api.TrustedProxies;
import dev.usher.devices.JoinServer;
import dev.usher.devices.PeerCredential;
import dev.usher.devices.PeerRole;
import dev.usher.devices.PeerSettings;
import dev.usher.devices.ProvisionResult;
import dev.usher.keys.FileVault;
import dev.usher.keys.MasterKey;
import dev.usher.keys.Vault;
import dev.usher.lorawan.EuiRange;
import dev.usher.store.Database;
import dev.usher.store.DatabaseUrl;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Usher's Join Server, wired as {@code usher serve} does it, with a fleet and its peers. It also
 * listens without TLS, which a node never does, and answers each line on stdin with its {@link
 * Figures}.
 */
final class JoinServerUnderTest {

    private static final Principal ADMIN = new Principal.Administrator("bench");
    private static final OwnerId MAKER = OwnerId.parse("::1");

    /** Of the embedded database one writes all; of PostgreSQL each kind of change has its own. */
    private static final Set<String> WRITERS =
            Set.of("usher-changes", "usher-changes-soon", "joins", "usher-backend-log");

    private JoinServerUnderTest() {}

    /**
     * What its database work came to since it started.
     *
     * @param joins that became durable
     * @param commits it took
     * @param writerNanos CPU time of the threads that commit joins and the log
     */
    record Figures(long joins, long commits, long writerNanos) {

        static Figures parse(String line) {
            String[] parts = line.split(" ", -1);
            return new Figures(
                    Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
        }

        String line() {
            return "figures " + joins + " " + commits + " " + writerNanos;
        }

        Figures since(Figures before) {
            return new Figures(
                    joins - before.joins,
                    commits - before.commits,
                    writerNanos - before.writerNanos);
        }
    }

    /**
     * Starts it.
     *
     * @param arguments the data directory, how many devices, and the database's URL if it is not
     *     the embedded one
     */
    public static void main(String[] arguments) throws IOException {
        Path data = Path.of(arguments[0]);
        Fleet fleet = new Fleet(Integer.parseInt(arguments[1]));
        DatabaseUrl url =
                arguments.length > 2
                        ? DatabaseUrl.parse(arguments[2])
                        : DatabaseUrl.sqlite(data.resolve("usher.db"));
        InstantSource clock = InstantSource.system();
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Vault vault =
                FileVault.open(data.resolve("vault"), MasterKey.file(data.resolve("master.key")));
        Database database = Database.open(url);
        LongAdder joins = new LongAdder();
        LongAdder commits = new LongAdder();
        database.observe(
                (kind, size) -> {
                    if (kind.equals("joins")) {
                        joins.add(size);
                        commits.increment();
                    }
                });
        AuditLog audit = new AuditLog(database, clock);
        JoinServer joinServer = new JoinServer(database, vault, audit, clock, 10);
        furnish(database, joinServer, new Owners(database, audit, clock));
        provision(joinServer, fleet);

        AsyncAnswers asyncAnswers = new AsyncAnswers(List.of(), meters);
        JoinListeners listeners =
                JoinListeners.open(
                        new DeviceClaimApi(
                                database,
                                joinServer.claims(),
                                new Authenticator(
                                        new ApiKeys(database, audit, clock),
                                        new OwnerCertificates(database, audit, clock)),
                                TrustedProxies.NONE,
                                new BackendFace(
                                        joinServer, TrustedProxies.NONE, asyncAnswers, meters)),
                        meters);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    listeners.close();
                                    asyncAnswers.close();
                                    joinServer.close();
                                    database.close();
                                }));
        listeners.announce();
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (in.readLine() != null) {
            System.out.println(new Figures(joins.sum(), commits.sum(), cpuNanos(WRITERS)).line());
        }
        System.exit(0); // the benchmark is over, however it ended
    }

    private static void furnish(Database database, JoinServer joinServer, Owners owners) {
        database.write(owners.create(ADMIN, MAKER, "maker", 0));
        database.write(
                joinServer
                        .joinEuis()
                        .assign(ADMIN, new EuiRange(Fleet.JOIN_EUI, Fleet.JOIN_EUI), MAKER));
        joinServer.joinEuis().refresh();
        peer(database, joinServer, "ns", new PeerRole.NetworkServer(Fleet.NET_ID), Fleet.TOKEN);
        peer(
                database,
                joinServer,
                "as",
                new PeerRole.ApplicationServer(Fleet.AS_ID),
                "token-of-the-application-server");
        joinServer.peers().refresh();
    }

    /** A peer whose keys travel wrapped. */
    private static void peer(
            Database database, JoinServer joinServer, String name, PeerRole role, String token) {
        byte[] kek = new byte[16];
        new SecureRandom().nextBytes(kek);
        database.write(
                joinServer
                        .peers()
                        .create(
                                ADMIN,
                                name,
                                PeerSettings.of(role),
                                List.of(new PeerCredential.BearerToken(token))));
        database.write(
                joinServer.peers().rotateKek(ADMIN, name, name + "-2026", kek, Instant.EPOCH));
    }

    private static void provision(JoinServer joinServer, Fleet fleet) {
        long began = System.nanoTime();
        AtomicLong created = new AtomicLong();
        joinServer
                .provisioning()
                .provisionAll(
                        ADMIN,
                        fleet.asProvisioned(),
                        false,
                        results ->
                                created.addAndGet(
                                        results.stream()
                                                .filter(ProvisionResult.Created.class::isInstance)
                                                .count()));
        if (created.get() != fleet.devices()) {
            throw new IllegalStateException(
                    "only "
                            + created.get()
                            + " of "
                            + fleet.devices()
                            + " devices could be provisioned: the database must be empty");
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(
                "%,d devices provisioned in %.1f s (%,.0f/s)%n",
                fleet.devices(), seconds, fleet.devices() / seconds);
    }

    private static long cpuNanos(Set<String> names) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long nanos = 0;
        for (ThreadInfo info : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (info != null && names.contains(info.getThreadName())) {
                nanos += Math.max(0, threads.getThreadCpuTime(info.getThreadId()));
            }
        }
        return nanos;
    }
}
