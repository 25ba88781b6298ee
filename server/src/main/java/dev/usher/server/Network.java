package dev.usher.server;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AccountKeys;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Certificates;
import dev.usher.accounts.Collaborators;
import dev.usher.accounts.Logins;
import dev.usher.accounts.Owner;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Principal;
import dev.usher.api.AddressWatch;
import dev.usher.api.ClusterCupsFace;
import dev.usher.api.LnsFace;
import dev.usher.api.NetworkServices;
import dev.usher.api.OidcProvider;
import dev.usher.api.StationCertificates;
import dev.usher.api.edge.Handler;
import dev.usher.gateways.Claims;
import dev.usher.gateways.GatewayJoinServer;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import dev.usher.network.claiming.GatewayClaiming;
import dev.usher.network.claiming.Upstreams;
import dev.usher.network.cups.ClusterCups;
import dev.usher.network.cups.DialGuard;
import dev.usher.network.cups.Trust;
import dev.usher.network.cups.TrustedServers;
import dev.usher.network.outlets.MqttBroker;
import dev.usher.network.outlets.Outlets;
import dev.usher.network.outlets.Webhooks;
import dev.usher.network.registry.GatewayRegistry;
import dev.usher.network.registry.GatewayServerAddress;
import dev.usher.network.registry.GatewaySettings;
import dev.usher.network.registry.KnownGateway;
import dev.usher.network.traffic.JoinServers;
import dev.usher.network.traffic.Traffic;
import dev.usher.server.config.AutoRegistrationConfig;
import dev.usher.server.config.OidcConfig;
import dev.usher.server.config.UsherConfig;
import dev.usher.station.StationUri;
import dev.usher.store.Database;
import dev.usher.store.StoreException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocketFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The network of this node, put together: its gateways, their CUPS and LNS, and their traffic. */
final class Network implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Network.class);

    /** As whom the network claims at the Gateway Join Server in this process. */
    private static final OwnerId OWNER = OwnerId.parse("ffff::1");

    /** Two that use one key drive each other off within a minute or two. */
    private static final Duration SEEN_WITHIN = Duration.ofMinutes(10);

    private static final Duration GRACE = Duration.ofMinutes(15);
    private static final Duration CHECKS = Duration.ofMinutes(5);
    private static final Duration PINS = Duration.ofSeconds(10);

    /** What it stands on. */
    record Base(
            UsherConfig config,
            NetworkFiles files,
            Database database,
            Vault vault,
            AuditLog audit,
            CertificateAuthority authority,
            X509Certificate serverTrust,
            Owners owners,
            GatewayJoinServer gateways,
            JoinServers joinServers,
            InstantSource clock,
            MeterRegistry meters) {}

    private final Base base;
    private final AccountKeys accountKeys;
    private final GatewayRegistry registry;
    private final Traffic traffic;
    private final List<StationUri> ownServers;
    private final Trust trust;
    private final TrustedServers trustedServers;
    private final Outlets outlets;
    private final Optional<OidcProvider> provider;
    private final ClusterCups cups;
    private final LnsFace lns;
    private final GatewayClaiming claiming;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("usher-network").factory());

    /**
     * Puts the network of a node together.
     *
     * @param ownCups where gateways find the CUPS of the network
     * @param ownLns where they find its LNS, with TLS
     */
    Network(Base base, StationUri ownCups, StationUri ownLns) {
        this.base = requireNonNull(base, "base");
        Database database = base.database();
        int guesses = base.config().ownerApi().guessesPerDay();
        this.accountKeys = new AccountKeys(database, base.audit(), base.clock());
        this.registry =
                new GatewayRegistry(
                        database,
                        base.vault(),
                        accountKeys,
                        this::known,
                        base.audit(),
                        base.clock(),
                        guesses);
        this.traffic =
                new Traffic(
                        database,
                        base.vault(),
                        base.audit(),
                        base.config().network().netId(),
                        base.joinServers(),
                        Traffic.DEDUPLICATION,
                        base.clock());
        UsherConfig.Network config = base.config().network();
        DialGuard guard = config.dial().guard();
        this.trustedServers = new TrustedServers(database, base.audit(), base.clock());
        this.trust = new Trust(guard, List.of(), trustedServers, base.clock());
        this.ownServers = List.of(ownCups, ownLns);
        isTrustedBy(base.serverTrust());
        GatewayClaiming.Targets own =
                new GatewayClaiming.Targets(Optional.of(ownCups), new GatewayServerAddress(ownLns));
        this.cups =
                new ClusterCups(
                        database,
                        registry,
                        trust,
                        new ClusterCups.Settings(
                                own, GRACE, config.autoRegistration().map(this::registration)),
                        base.clock());
        this.lns =
                new LnsFace(
                        registry.stations(),
                        new StationCertificates(base.authority(), base.clock()),
                        traffic,
                        cups::connected,
                        cups::refused,
                        new AddressWatch(
                                "lns",
                                SEEN_WITHIN,
                                base.config().backend().proxies(),
                                base.clock(),
                                base.meters(),
                                (gateway, why) -> {
                                    cups.alert(gateway, why);
                                    traffic.alert(gateway, why);
                                }),
                        lnsSettings(base.config().network()),
                        base.clock(),
                        base.meters());
        requireOwner();
        OwnGatewayJoinServer upstream = new OwnGatewayJoinServer(database, base.gateways(), OWNER);
        this.claiming =
                new GatewayClaiming(
                        database,
                        registry.reservations(),
                        upstreams(base.gateways().claims(), upstream),
                        trust,
                        own);
        this.outlets =
                new Outlets(
                        new Outlets.Base(
                                database,
                                new Webhooks(
                                        database,
                                        base.vault().sealer(),
                                        base.audit(),
                                        base.clock()),
                                registry.gateways(),
                                traffic.devices(),
                                traffic.events(),
                                base.clock(),
                                base.meters()),
                        guard,
                        (SSLSocketFactory) SSLSocketFactory.getDefault(),
                        base.files().mqtt().map(mqtt -> new MqttBroker(mqtt, traffic, database)),
                        Outlets.Patience.DEFAULT);
        this.provider = base.files().oidc().map(oidc -> provider(oidc, ownCups));
        Gauge.builder("usher.trust.attention", this, Network::serversThatNeedAttention)
                .description("Servers whose root ends, has changed or could not be looked at")
                .register(base.meters());
        var _ =
                timer.scheduleWithFixedDelay(
                        this::learnPins, PINS.toSeconds(), PINS.toSeconds(), TimeUnit.SECONDS);
        var _ =
                timer.scheduleWithFixedDelay(
                        this::lookAfter, CHECKS.toSeconds(), CHECKS.toSeconds(), TimeUnit.SECONDS);
    }

    /** Which root gateways are to trust this node's own servers by, from now on. */
    void isTrustedBy(X509Certificate root) {
        ownServers.forEach(server -> trust.pin(server, Certificates.encoded(root)));
    }

    /** What the Gateway Join Server in this process knows of a gateway. */
    private Optional<KnownGateway> known(Eui64 eui) {
        Claims claims = base.gateways().claims();
        return claims.withCode(eui).map(_ -> new KnownGateway(claims.ownerOf(eui)));
    }

    private long serversThatNeedAttention() {
        Instant now = base.clock().instant();
        return trust.list().stream().filter(server -> server.remark(now).isPresent()).count();
    }

    private ClusterCups.SelfRegistration registration(AutoRegistrationConfig config) {
        boolean known =
                base.database().read(handle -> Accounts.find(handle, config.owner())).isPresent();
        if (!known) {
            LOG.warn(
                    "network.auto-registration.owner is '{}', and there is no such user or"
                            + " organization yet: no gateway can register itself",
                    config.owner());
        }
        return new ClusterCups.SelfRegistration(
                config.owner(),
                GatewaySettings.DEFAULT.withFrequencyPlanIds(List.of(config.frequencyPlan())),
                config.mostAnHour());
    }

    /** The one in this process is asked for what has a code there. */
    private Upstreams upstreams(Claims claims, OwnGatewayJoinServer own) {
        List<Upstreams.Upstream> all = new ArrayList<>(base.files().upstreams());
        all.add(new Upstreams.Upstream("own", claims::withCode, own));
        return new Upstreams(all);
    }

    private OidcProvider provider(NetworkFiles.Oidc files, StationUri web) {
        OidcConfig oidc = base.config().network().oidc().orElseThrow();
        URI own =
                oidc.publicUrl()
                        .orElseGet(() -> URI.create("https://" + web.host() + ":" + web.port()));
        return new OidcProvider(
                new OidcProvider.Settings(
                        oidc.issuer(),
                        oidc.clientId(),
                        files.secret(),
                        own.resolve(OidcProvider.CALLBACK),
                        oidc.createsUsers()),
                HttpClient.newBuilder()
                        .sslContext(files.tls())
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(Duration.ofSeconds(5))
                        .build(),
                base.clock());
    }

    private void learnPins() {
        try {
            trust.refresh();
        } catch (StoreException e) {
            LOG.warn("which roots are pinned could not be read: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("which roots are pinned could not be read", e);
        }
    }

    private static LnsFace.Settings lnsSettings(UsherConfig.Network config) {
        return new LnsFace.Settings(
                config.allowUnauthenticated(),
                config.filter().byNetId() ? List.of(config.netId()) : List.of(),
                config.filter().joinEuis());
    }

    private void requireOwner() {
        if (base.owners().find(OWNER).isEmpty()) {
            base.database()
                    .write(
                            base.owners()
                                    .create(
                                            new Principal.Administrator("usher"),
                                            OWNER,
                                            "this network",
                                            Owner.DEFAULT_ADD_LIMIT));
        }
    }

    /** Undoes claims that were left half done, and looks at the certificates of other servers. */
    private void lookAfter() {
        try {
            claiming.sweep();
            trust.recheck();
        } catch (StoreException e) {
            LOG.warn("the network could not be looked after: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("the network could not be looked after", e);
        }
    }

    /** Tells those who may know of a gateway that somebody should look at it. */
    void alert(Eui64 gateway, String why) {
        traffic.alert(gateway, why);
    }

    /** What the REST API shows of it. */
    NetworkServices services() {
        return new NetworkServices(
                new Accounts(base.database(), base.audit(), base.clock()),
                accountKeys,
                new Collaborators(base.database(), base.audit()),
                new Logins(base.database(), base.audit(), base.clock()),
                provider,
                registry.gateways(),
                claiming,
                traffic,
                outlets,
                cups,
                trust,
                trustedServers,
                lns);
    }

    /** CUPS, and the others for everything else. */
    Handler cups(Handler others) {
        return new ClusterCupsFace(cups, base.authority(), base.clock(), base.meters(), others);
    }

    /** The LNS at one address. */
    Handler lns(StationUri own) {
        return lns.at(own);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        lns.close();
        outlets.close();
        traffic.close();
    }
}
