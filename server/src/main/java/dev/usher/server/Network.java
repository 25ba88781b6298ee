package dev.usher.server;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AccountKeys;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Collaborators;
import dev.usher.accounts.Logins;
import dev.usher.accounts.Owner;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Principal;
import dev.usher.api.ClusterCupsFace;
import dev.usher.api.LnsFace;
import dev.usher.api.NetworkServices;
import dev.usher.api.edge.Handler;
import dev.usher.gateways.GatewayJoinServer;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.network.claiming.GatewayClaiming;
import dev.usher.network.claiming.Upstreams;
import dev.usher.network.cups.ClusterCups;
import dev.usher.network.cups.DialGuard;
import dev.usher.network.cups.Trust;
import dev.usher.network.registry.GatewayRegistry;
import dev.usher.network.registry.GatewayServerAddress;
import dev.usher.network.traffic.JoinServers;
import dev.usher.network.traffic.Traffic;
import dev.usher.server.config.UsherConfig;
import dev.usher.station.StationUri;
import dev.usher.store.Database;
import dev.usher.store.StoreException;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The network of this node, put together: its gateways, their CUPS and LNS, and their traffic. */
final class Network implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Network.class);

    /** As whom the network claims at the Gateway Join Server in this process. */
    private static final OwnerId OWNER = OwnerId.parse("ffff::1");

    private static final EuiRange ALL_EUIS = new EuiRange(new Eui64(0), new Eui64(-1));
    private static final Duration GRACE = Duration.ofMinutes(15);
    private static final Duration CHECKS = Duration.ofMinutes(5);

    /** What it stands on. */
    record Base(
            UsherConfig config,
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
    private final Trust trust;
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
                        database, base.vault(), accountKeys, base.audit(), base.clock(), guesses);
        this.traffic =
                new Traffic(
                        database,
                        base.vault(),
                        base.audit(),
                        base.config().network().netId(),
                        base.joinServers(),
                        Traffic.DEDUPLICATION,
                        base.clock());
        this.trust = new Trust(new DialGuard(List.of(), List.of()), authorities(), base.clock());
        byte[] root = der(base.serverTrust());
        trust.pin(ownCups, root);
        trust.pin(ownLns, root);
        GatewayClaiming.Targets own =
                new GatewayClaiming.Targets(Optional.of(ownCups), new GatewayServerAddress(ownLns));
        this.cups =
                new ClusterCups(
                        database,
                        registry,
                        trust,
                        new ClusterCups.Settings(own, GRACE, Optional.empty()),
                        base.clock());
        this.lns =
                new LnsFace(
                        registry.stations(),
                        traffic,
                        cups::connected,
                        base.config().network().allowUnauthenticated(),
                        base.clock(),
                        base.meters());
        requireOwner();
        OwnGatewayJoinServer upstream = new OwnGatewayJoinServer(database, base.gateways(), OWNER);
        this.claiming =
                new GatewayClaiming(
                        database,
                        registry.reservations(),
                        new Upstreams(
                                List.of(
                                        new Upstreams.Upstream(
                                                "own", List.of(ALL_EUIS), upstream))),
                        trust,
                        own);
        var _ =
                timer.scheduleWithFixedDelay(
                        this::lookAfter, CHECKS.toSeconds(), CHECKS.toSeconds(), TimeUnit.SECONDS);
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
            trust.recheck()
                    .forEach(
                            server ->
                                    LOG.warn(
                                            "the certificate of {} needs attention",
                                            server.server()));
        } catch (StoreException e) {
            LOG.warn("the network could not be looked after: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("the network could not be looked after", e);
        }
    }

    /** What the REST API shows of it. */
    NetworkServices services() {
        return new NetworkServices(
                new Accounts(base.database(), base.audit(), base.clock()),
                accountKeys,
                new Collaborators(base.database(), base.audit()),
                new Logins(base.database(), base.audit(), base.clock()),
                registry.gateways(),
                claiming,
                traffic,
                traffic::status);
    }

    /** CUPS, and the others for everything else. */
    Handler cups(Handler others) {
        return new ClusterCupsFace(cups, base.authority(), base.clock(), base.meters(), others);
    }

    /** The LNS at one address. */
    Handler lns(StationUri own) {
        return lns.at(own);
    }

    private static List<X509Certificate> authorities() {
        try {
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            return Arrays.stream(factory.getTrustManagers())
                    .filter(X509TrustManager.class::isInstance)
                    .flatMap(
                            manager ->
                                    Arrays.stream(
                                            ((X509TrustManager) manager).getAcceptedIssuers()))
                    .toList();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the system's certificates cannot be read", e);
        }
    }

    private static byte[] der(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        lns.close();
        traffic.close();
    }
}
