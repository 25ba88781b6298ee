package dev.usher.server;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.ApiKey;
import dev.usher.accounts.ApiKeys;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.IdempotentAnswers;
import dev.usher.accounts.OwnerCertificates;
import dev.usher.accounts.Owners;
import dev.usher.api.AddressWatch;
import dev.usher.api.AsyncAnswers;
import dev.usher.api.Authenticator;
import dev.usher.api.BackendFace;
import dev.usher.api.CupsFace;
import dev.usher.api.DeviceClaimApi;
import dev.usher.api.OwnerApi;
import dev.usher.api.RestApi;
import dev.usher.api.edge.ClientTrust;
import dev.usher.api.edge.Edge;
import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Limits;
import dev.usher.api.edge.Listener;
import dev.usher.api.edge.ListenerOptions;
import dev.usher.api.edge.ServerCertificate;
import dev.usher.api.edge.Timeouts;
import dev.usher.api.edge.TlsOptions;
import dev.usher.backend.BackendCodec;
import dev.usher.devices.JoinServer;
import dev.usher.gateways.GatewayJoinServer;
import dev.usher.interop.ClientIdentity;
import dev.usher.interop.InteropClient;
import dev.usher.interop.InteropConfigException;
import dev.usher.interop.InteropSettings;
import dev.usher.interop.Reload;
import dev.usher.interop.Sender;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.FileVault;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.MasterKey;
import dev.usher.keys.Pkcs11Vault;
import dev.usher.keys.TokenPin;
import dev.usher.keys.Vault;
import dev.usher.keys.VaultException;
import dev.usher.lorawan.Eui64;
import dev.usher.network.traffic.JoinServers;
import dev.usher.server.config.UsherConfig;
import dev.usher.station.StationUri;
import dev.usher.store.Database;
import dev.usher.store.DatabaseUrl;
import dev.usher.store.StoreException;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running node of Usher: everything wired together and listening. */
public final class UsherServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UsherServer.class);
    private static final Duration CERTIFICATE_CHECK = Duration.ofHours(1);

    /** A gateway asks its root CUPS seldom, so one that is in two places is seen after a while. */
    private static final Duration SEEN_WITHIN = Duration.ofHours(1);

    private static final Duration INTEROP_CHECK = Duration.ofSeconds(5);

    /** Each keeps its connection; a few hundred bytes of memory for those that never connect. */
    private static final int MOST_GATEWAYS = 100_000;

    /**
     * Proof of possession is all TLS asks of a client certificate: whose it is, and whether it
     * counts, the handlers decide.
     */
    private static final ClientTrust ANYBODY = chain -> chain.getFirst().getNotAfter().toInstant();

    private final DataDirectory directory;
    private final UsherConfig config;
    private final GatewayJoinServer gateways;
    private final Listeners listeners;
    private final Runnable renewal;
    private final Deque<AutoCloseable> opened;

    /** What answers on each port. */
    private record Faces(
            Handler gatewayApi,
            Handler ownerApi,
            Handler backend,
            Handler web,
            Handler lns,
            Handler lnsTls) {}

    private record Listeners(
            Listener gatewayApi,
            Listener ownerApi,
            Listener backend,
            Listener web,
            Listener lns,
            Listener lnsTls) {

        static Listeners open(Edge edge, UsherConfig config, TlsOptions tls, Faces faces)
                throws IOException {
            Limits manyGateways = Limits.DEFAULT.withConnections(MOST_GATEWAYS);
            int largestBody = config.ownerApi().maxBodyBytes();
            return new Listeners(
                    listen(
                            edge,
                            options("gateway-api", config, config.gatewayApiPort(), tls)
                                    .withSilent(true)
                                    // A station asks once and hangs up; a connection that idles
                                    // belongs to nobody.
                                    .withTimeouts(Timeouts.DEFAULT.withIdle(Duration.ofSeconds(5))),
                            faces.gatewayApi()),
                    listen(
                            edge,
                            withBody(
                                    options("owner-api", config, config.ownerApiPort(), tls),
                                    largestBody),
                            faces.ownerApi()),
                    listen(
                            edge,
                            withBody(
                                    options("backend", config, config.backendPort(), tls),
                                    BackendCodec.LARGEST),
                            faces.backend()),
                    listen(
                            edge,
                            withBody(options("web", config, config.webPort(), tls), largestBody),
                            faces.web()),
                    listen(
                            edge,
                            ListenerOptions.of("lns", config.bindAddress(), config.lnsPort())
                                    .withLimits(manyGateways),
                            faces.lns()),
                    listen(
                            edge,
                            options("lns-tls", config, config.lnsTlsPort(), tls)
                                    .withLimits(manyGateways),
                            faces.lnsTls()));
        }

        private static Listener listen(Edge edge, ListenerOptions options, Handler face)
                throws IOException {
            try {
                return edge.listen(options, face);
            } catch (UnknownHostException e) {
                throw new IOException(
                        "there is no address '%s': correct bind-address (USHER_BIND_ADDRESS)"
                                .formatted(options.bindAddress()),
                        e);
            } catch (IOException e) {
                // The listeners are called as the configuration calls their ports.
                String variable = options.name().toUpperCase(Locale.ROOT).replace('-', '_');
                throw new IOException(
                        "%s; stop what listens there, choose another %s-port (USHER_%s_PORT), or correct bind-address (USHER_BIND_ADDRESS)"
                                .formatted(e.getMessage(), options.name(), variable),
                        e);
            }
        }

        private static ListenerOptions options(
                String name, UsherConfig config, int port, TlsOptions tls) {
            return ListenerOptions.of(name, config.bindAddress(), port).withTls(tls);
        }

        private static ListenerOptions withBody(ListenerOptions options, int maxBodyBytes) {
            return options.withLimits(options.limits().withBodyBytes(maxBodyBytes));
        }

        void reload(ServerCertificate certificate) {
            List.of(gatewayApi, ownerApi, backend, web, lnsTls)
                    .forEach(listener -> listener.reload(certificate));
        }
    }

    /** What the faces stand on. */
    private record House(
            Database database,
            Vault vault,
            AuditLog audit,
            Owners owners,
            ApiKeys apiKeys,
            OwnerCertificates ownerCertificates,
            IdempotentAnswers idempotentAnswers,
            Authenticator authenticator,
            CertificateAuthority authority,
            NodeCertificate certificate,
            GatewayJoinServer gateways,
            JoinServer joinServer,
            InstantSource clock,
            PrometheusMeterRegistry meters) {}

    private UsherServer(
            DataDirectory directory,
            UsherConfig config,
            GatewayJoinServer gateways,
            Listeners listeners,
            Runnable renewal,
            Deque<AutoCloseable> opened) {
        this.directory = directory;
        this.config = config;
        this.gateways = gateways;
        this.listeners = listeners;
        this.renewal = renewal;
        this.opened = opened;
    }

    /**
     * Starts a node: it listens when this returns.
     *
     * @param dataDirectory made if there is none
     * @throws StartupException if it cannot start; nothing is left running
     */
    public static UsherServer start(Path dataDirectory, UsherConfig config, InstantSource clock) {
        requireNonNull(config, "config");
        requireNonNull(clock, "clock");
        // Closed from the last to the first: what was opened later stands on what was opened
        // before.
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            return start(dataDirectory, config, clock, opened);
        } catch (StoreException | VaultException | IllegalArgumentException | IOException e) {
            closeAll(opened);
            throw new StartupException(String.valueOf(e.getMessage()), e);
        } catch (RuntimeException | Error e) {
            closeAll(opened);
            throw e;
        }
    }

    private static UsherServer start(
            Path dataDirectory,
            UsherConfig config,
            InstantSource clock,
            Deque<AutoCloseable> opened)
            throws IOException {
        Thread.ofPlatform().name("usher-prepare").daemon().start(Edge::prepare);
        DataDirectory directory = keep(opened, DataDirectory.open(dataDirectory));
        House house = house(directory, config, clock, opened);
        // All files that the configuration names are read before the first port is open.
        Optional<InteropClient> interop = interopClient(config, opened);
        JoinServers joinServers = joinServers(config, house.joinServer(), interop);
        NetworkFiles files = NetworkFiles.read(config.network());
        AsyncAnswers asyncAnswers =
                keep(
                        opened,
                        new AsyncAnswers(
                                answerAuthorities(config.backend().answerCa()), house.meters()));

        // The network is there later: what happens before is told by the gateway's own page alone.
        AtomicReference<BiConsumer<Eui64, String>> followers = new AtomicReference<>((_, _) -> {});
        LateHandler web = new LateHandler();
        LateHandler lns = new LateHandler();
        LateHandler lnsTls = new LateHandler();
        Edge edge = keep(opened, Edge.create(house.meters()));
        ServerCertificate shown = house.certificate().current();
        Listeners listeners =
                Listeners.open(
                        edge,
                        config,
                        TlsOptions.of(shown, ANYBODY),
                        new Faces(
                                cupsFace(house, config, followers),
                                new OwnerApi(
                                        house.database(),
                                        house.gateways(),
                                        house.authenticator(),
                                        house.idempotentAnswers()),
                                backendFace(house, config, asyncAnswers, interop),
                                web,
                                lns,
                                lnsTls));

        String host = config.hostname();
        StationUri lnsUri = new StationUri(StationUri.Scheme.WS, host, listeners.lns().port());
        StationUri lnsTlsUri =
                new StationUri(StationUri.Scheme.WSS, host, listeners.lnsTls().port());
        Network network =
                keep(
                        opened,
                        new Network(
                                new Network.Base(
                                        config,
                                        files,
                                        house.database(),
                                        house.vault(),
                                        house.audit(),
                                        house.authority(),
                                        house.certificate().trust(),
                                        house.owners(),
                                        house.gateways(),
                                        joinServers,
                                        clock,
                                        house.meters()),
                                new StationUri(
                                        StationUri.Scheme.HTTPS, host, listeners.web().port()),
                                lnsTlsUri));
        followers.set(network::alert);
        lns.set(network.lns(lnsUri));
        lnsTls.set(network.lns(lnsTlsUri));
        RestApi rest = keep(opened, restApi(house, config, listeners.gatewayApi(), network));
        web.set(network.cups(rest));
        Runnable renewal = renewal(house.certificate(), shown, listeners, network);
        keep(opened, renewing(renewal));
        return new UsherServer(directory, config, house.gateways(), listeners, renewal, opened);
    }

    private static House house(
            DataDirectory directory,
            UsherConfig config,
            InstantSource clock,
            Deque<AutoCloseable> opened)
            throws IOException {
        Vault vault = keep(opened, openVault(config, directory));
        Database database = keep(opened, Database.open(databaseUrl(config, directory)));
        PrometheusMeterRegistry meters = meters();
        measureCommits(database, meters);

        AuditLog audit = new AuditLog(database, clock);
        ApiKeys apiKeys = new ApiKeys(database, audit, clock);
        OwnerCertificates ownerCertificates = new OwnerCertificates(database, audit, clock);
        CertificateAuthority authority =
                BuiltInAuthority.loadOrCreate(database, vault.sealer(), clock);
        DataDirectory.write(directory.authorityCertificate(), authority.certificatePem());
        NodeCertificate certificate =
                new NodeCertificate(
                        authority, directory, config.hostname(), tlsFiles(config), clock);
        requireAdministratorKey(database, apiKeys, directory, config.hostname());

        int guesses = config.ownerApi().guessesPerDay();
        GatewayJoinServer gateways =
                keep(
                        opened,
                        new GatewayJoinServer(
                                database,
                                vault,
                                authority.certificate(),
                                audit,
                                ownerCertificates,
                                clock,
                                guesses));
        JoinServer joinServer =
                keep(
                        opened,
                        new JoinServer(
                                database,
                                vault,
                                audit,
                                clock,
                                guesses,
                                wrappingKey(config, vault)));
        return new House(
                database,
                vault,
                audit,
                new Owners(database, audit, clock),
                apiKeys,
                ownerCertificates,
                new IdempotentAnswers(vault.sealer(), clock),
                new Authenticator(apiKeys, ownerCertificates),
                authority,
                certificate,
                gateways,
                joinServer,
                clock,
                meters);
    }

    private static Handler cupsFace(
            House house, UsherConfig config, AtomicReference<BiConsumer<Eui64, String>> followers) {
        AddressWatch watch =
                new AddressWatch(
                        "cups",
                        SEEN_WITHIN,
                        config.backend().proxies(),
                        house.clock(),
                        house.meters(),
                        (gateway, why) -> {
                            house.gateways().checkIns().alert(gateway, why);
                            followers.get().accept(gateway, why);
                        });
        return new CupsFace(house.gateways().checkIns(), watch, house.meters());
    }

    /** Backend Interfaces, and the claims that share their port. */
    private static Handler backendFace(
            House house,
            UsherConfig config,
            AsyncAnswers asyncAnswers,
            Optional<InteropClient> interop) {
        return new DeviceClaimApi(
                house.database(),
                house.joinServer().claims(),
                house.authenticator(),
                config.backend().proxies(),
                new BackendFace(
                        house.joinServer(),
                        config.backend().proxies(),
                        asyncAnswers,
                        (answer, chain) ->
                                interop.filter(client -> client.asyncReplies().offer(answer, chain))
                                        .isPresent(),
                        house.meters()));
    }

    private static RestApi restApi(
            House house, UsherConfig config, Listener gatewayApi, Network network) {
        return new RestApi(
                new RestApi.Services(
                        house.database(),
                        house.gateways(),
                        house.joinServer(),
                        house.vault(),
                        house.authority(),
                        house.owners(),
                        house.apiKeys(),
                        house.ownerCertificates(),
                        house.audit(),
                        house.idempotentAnswers(),
                        house.authenticator(),
                        house.clock(),
                        "https://" + config.hostname() + ":" + gatewayApi.port(),
                        house.certificate()::trust,
                        config.vault().type(),
                        house.meters()::scrape,
                        house.database()::trouble),
                Optional.of(network.services()));
    }

    private static Optional<InteropClient> interopClient(
            UsherConfig config, Deque<AutoCloseable> opened) throws IOException {
        UsherConfig.Network network = config.network();
        if (network.interop().isEmpty()) {
            return Optional.empty();
        }
        Sender sender =
                new Sender(
                        network.netId(), Optional.of(network.nsId()), Optional.of(network.asId()));
        Optional<ClientIdentity> identity =
                network.interopIdentity().isPresent()
                        ? Optional.of(
                                ClientTls.identity(
                                        "network.interop-", network.interopIdentity().get()))
                        : Optional.empty();
        InteropSettings settings =
                InteropSettings.of(network.interop().get(), sender, _ -> identity);
        try {
            InteropClient client =
                    keep(opened, InteropClient.open(settings, UsherServer::reloaded));
            client.watch(INTEROP_CHECK);
            return Optional.of(client);
        } catch (InteropConfigException e) {
            throw new IllegalArgumentException("network.interop: " + e.getMessage(), e);
        }
    }

    private static void reloaded(Reload reload) {
        switch (reload) {
            case Reload.Replaced _ -> LOG.info("the interoperability configuration was reloaded");
            case Reload.Kept kept ->
                    kept.problems()
                            .forEach(
                                    problem ->
                                            LOG.error(
                                                    "the interoperability configuration stays as"
                                                            + " it was: {}",
                                                    problem));
        }
    }

    /** The one in this process first; unless it accepts, those of the configuration. */
    private static JoinServers joinServers(
            UsherConfig config, JoinServer joinServer, Optional<InteropClient> interop)
            throws IOException {
        SharedKeks keks = SharedKeks.of(config.network().keks());
        JoinServers own =
                new OwnJoinServer(
                        joinServer,
                        config.network().netId(),
                        config.network().nsId(),
                        config.network().asId());
        return interop.map(client -> JoinServers.inOrder(own, new OtherJoinServers(client, keks)))
                .orElse(own);
    }

    private static <T extends AutoCloseable> T keep(Deque<AutoCloseable> opened, T resource) {
        opened.push(resource);
        return resource;
    }

    private static Optional<KeyLabel> wrappingKey(UsherConfig config, Vault vault) {
        Optional<KeyLabel> label = config.vault().wrappingKey();
        if (label.isPresent() && !vault.wrappingKeys().contains(label.get())) {
            throw new VaultException(
                    ("vault.wrapping-key is '%s', and there is no such wrapping key in %s: make it"
                         + " with 'usher vault create %s --wrapping' and --vault or --library")
                            .formatted(label.get(), vault, label.get()));
        }
        return label;
    }

    private static Vault openVault(UsherConfig config, DataDirectory directory) {
        UsherConfig.VaultConfig vault = config.vault();
        if (vault.type().equals("file")) {
            MasterKey masterKey =
                    vault.masterKeyVariable()
                            ? MasterKey.environment("USHER_VAULT_MASTER_KEY")
                            : MasterKey.file(vault.masterKeyFile().orElse(directory.masterKey()));
            return FileVault.open(vault.directory().orElse(directory.vault()), masterKey);
        }
        TokenPin pin =
                vault.pinFile()
                        .map(TokenPin::file)
                        .orElseGet(() -> TokenPin.environment("USHER_VAULT_PIN"));
        return Pkcs11Vault.open(vault.library().orElseThrow(), vault.token().orElseThrow(), pin);
    }

    private static DatabaseUrl databaseUrl(UsherConfig config, DataDirectory directory) {
        return config.databaseUrl().map(DatabaseUrl::parse).orElseGet(directory::embeddedDatabase);
    }

    private static Optional<NodeCertificate.Files> tlsFiles(UsherConfig config) {
        return config.tls().map(tls -> new NodeCertificate.Files(tls.certificate(), tls.key()));
    }

    private static List<X509Certificate> answerAuthorities(Optional<Path> file) throws IOException {
        return file.isPresent()
                ? ClientTls.authorities("backend.answer-ca", file.get())
                : List.of();
    }

    private static PrometheusMeterRegistry meters() {
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(meters);
        new JvmThreadMetrics().bindTo(meters);
        new ProcessorMetrics().bindTo(meters);
        new UptimeMetrics().bindTo(meters);
        return meters;
    }

    /** How many changes share a commit: the higher the load, the more. */
    private static void measureCommits(Database database, MeterRegistry meters) {
        Map<String, DistributionSummary> sizes = new ConcurrentHashMap<>();
        database.observe(
                (kind, size) ->
                        sizes.computeIfAbsent(kind, _ -> commitSizes(kind, meters)).record(size));
    }

    private static DistributionSummary commitSizes(String kind, MeterRegistry meters) {
        return DistributionSummary.builder("usher.store.commit.size")
                .description("Changes that became durable with one commit")
                .tag("kind", kind)
                .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128, 256)
                .register(meters);
    }

    /**
     * Sees to it that this node has an administrator's key that works, in a file that only its
     * owner may read. A new one ends the one before: who deletes or loses the file means that.
     */
    private static void requireAdministratorKey(
            Database database, ApiKeys apiKeys, DataDirectory directory, String hostname) {
        Optional<ApiKey> current =
                DataDirectory.read(directory.administratorKey())
                        .map(String::strip)
                        .flatMap(apiKeys::administrator);
        ApiKey key =
                current.orElseGet(
                        () -> {
                            ApiKey.Created created =
                                    database.write(
                                            apiKeys.createAdministratorOfNode(
                                                    "admin.key of " + hostname,
                                                    DataDirectory.read(
                                                                    directory.administratorKeyId())
                                                            .map(String::strip)));
                            DataDirectory.write(
                                    directory.administratorKey(), created.text() + "\n");
                            return created.key();
                        });
        DataDirectory.write(directory.administratorKeyId(), key.id() + "\n");
    }

    /**
     * Shows the certificate there is now, if it is another than before, and has gateways told to
     * trust it. What fails is tried again the next time.
     */
    private static Runnable renewal(
            NodeCertificate certificate,
            ServerCertificate atStart,
            Listeners listeners,
            Network network) {
        AtomicReference<ServerCertificate> shown = new AtomicReference<>(atStart);
        return () -> {
            try {
                ServerCertificate current = certificate.current();
                if (!current.chain().equals(shown.get().chain())) {
                    listeners.reload(current);
                    network.isTrustedBy(certificate.trust());
                    shown.set(current);
                    LOG.info(
                            "shows a new certificate, valid until {}",
                            current.chain().getFirst().getNotAfter().toInstant());
                }
            } catch (RuntimeException e) {
                LOG.error("the certificate could not be renewed: {}", e.getMessage());
            }
        };
    }

    private static AutoCloseable renewing(Runnable renewal) {
        ScheduledExecutorService timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("usher-certificate").factory());
        ScheduledFuture<?> check =
                timer.scheduleWithFixedDelay(
                        renewal,
                        CERTIFICATE_CHECK.toSeconds(),
                        CERTIFICATE_CHECK.toSeconds(),
                        TimeUnit.SECONDS);
        return () -> {
            check.cancel(false);
            timer.shutdownNow();
        };
    }

    /** Looks for a certificate to show that is newer, as it does every hour. */
    void renewCertificate() {
        renewal.run();
    }

    public GatewayJoinServer gateways() {
        return gateways;
    }

    public String hostname() {
        return config.hostname();
    }

    public int gatewayApiPort() {
        return listeners.gatewayApi().port();
    }

    public int ownerApiPort() {
        return listeners.ownerApi().port();
    }

    public int backendPort() {
        return listeners.backend().port();
    }

    public int webPort() {
        return listeners.web().port();
    }

    public int lnsPort() {
        return listeners.lns().port();
    }

    public int lnsTlsPort() {
        return listeners.lnsTls().port();
    }

    /** The file that holds an administrator's API key. */
    public Path administratorKey() {
        return directory.administratorKey();
    }

    /** The certificate of the built-in authority, for clients. */
    public Path authorityCertificate() {
        return directory.authorityCertificate();
    }

    /** Stops accepting, finishes what is being answered and written, and stops. */
    @Override
    public void close() {
        closeAll(opened);
    }

    private static void closeAll(Deque<AutoCloseable> opened) {
        while (!opened.isEmpty()) {
            AutoCloseable resource = opened.pop();
            try {
                resource.close();
            } catch (Exception e) {
                LOG.warn(
                        "stopping {} failed: {}",
                        resource.getClass().getSimpleName(),
                        e.getMessage());
            }
        }
    }
}
