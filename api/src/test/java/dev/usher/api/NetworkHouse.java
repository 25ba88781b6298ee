package dev.usher.api;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.AccountKeys;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.Collaborators;
import dev.usher.accounts.Entity;
import dev.usher.accounts.Logins;
import dev.usher.accounts.Rights;
import dev.usher.api.House.Answer;
import dev.usher.api.edge.WebSocket;
import dev.usher.api.edge.WebSocketHandler;
import dev.usher.backend.Header;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.Octets;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.NetId;
import dev.usher.network.claiming.ClaimingUpstream;
import dev.usher.network.claiming.GatewayClaiming;
import dev.usher.network.claiming.UpstreamFailure;
import dev.usher.network.claiming.UpstreamSetup;
import dev.usher.network.claiming.Upstreams;
import dev.usher.network.cups.ClusterCups;
import dev.usher.network.cups.DialGuard;
import dev.usher.network.cups.Trust;
import dev.usher.network.cups.TrustedServers;
import dev.usher.network.outlets.Outlets;
import dev.usher.network.outlets.Webhooks;
import dev.usher.network.registry.GatewayRegistry;
import dev.usher.network.registry.GatewayServerAddress;
import dev.usher.network.traffic.GatewayLink;
import dev.usher.network.traffic.GatewayStatus;
import dev.usher.network.traffic.JoinServers;
import dev.usher.network.traffic.KnownDevice;
import dev.usher.network.traffic.Traffic;
import dev.usher.station.LnsDownlink;
import dev.usher.station.LnsUplink;
import dev.usher.station.Reception;
import dev.usher.station.StationUri;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import javax.net.ssl.SSLSocketFactory;
import tools.jackson.databind.JsonNode;

/**
 * A {@link House} with a network: Ann and Bob have a key each, and a Gateway Join Server knows the
 * gateway {@link #GATEWAY} by the code {@link #CODE}.
 */
final class NetworkHouse implements AutoCloseable {

    static final Eui64 GATEWAY = Eui64.parse("58A0CBFFFE800BE7");
    static final String CODE = "VfjK89h3";
    private static final GatewayClaiming.Targets TARGETS =
            new GatewayClaiming.Targets(
                    Optional.of(StationUri.cups("https://eu1.example.com:443")),
                    GatewayServerAddress.parse("eu1.example.com"));
    static final AccountId ANN = new AccountId("ann");
    static final AccountId BOB = new AccountId("bob");

    final House house;
    final Traffic traffic;
    final RestApi rest;
    private final Outlets outlets;
    final AccountKeys keys;
    final GatewayRegistry registry;
    final ClusterCups cups;
    final String annKey;
    final String bobKey;
    final Map<Eui64, Instant> connectedSince = new ConcurrentHashMap<>();

    /** Of each shell that was opened, whether it still may be. */
    final List<BooleanSupplier> shells = new ArrayList<>();

    final Set<Eui64> claimed = new HashSet<>();
    boolean isUpstreamAway;

    NetworkHouse(Path directory) {
        this(directory, Optional.empty());
    }

    NetworkHouse(Path directory, Optional<OidcProvider.Settings> provider) {
        house = new House(directory);
        Accounts accounts = new Accounts(house.database, house.audit, house.now::get);
        keys = new AccountKeys(house.database, house.audit, house.now::get);
        registry =
                new GatewayRegistry(
                        house.database, house.vault, keys, house.audit, house.now::get, 3);
        traffic =
                new Traffic(
                        house.database,
                        house.vault,
                        house.audit,
                        NetId.parse("000013"),
                        new SilentJoinServer(),
                        Duration.ZERO,
                        house.now::get);
        outlets =
                new Outlets(
                        new Outlets.Base(
                                house.database,
                                new Webhooks(
                                        house.database,
                                        house.vault.sealer(),
                                        house.audit,
                                        house.now::get),
                                registry.gateways(),
                                traffic.devices(),
                                traffic.events(),
                                house.now::get,
                                new SimpleMeterRegistry()),
                        new DialGuard(List.of(), List.of()),
                        (SSLSocketFactory) SSLSocketFactory.getDefault(),
                        Optional.empty(),
                        Outlets.Patience.DEFAULT);
        TrustedServers trusted = new TrustedServers(house.database, house.audit, house.now::get);
        Trust trust =
                new Trust(new DialGuard(List.of(), List.of()), List.of(), trusted, house.now::get);
        cups =
                new ClusterCups(
                        house.database,
                        registry,
                        trust,
                        new ClusterCups.Settings(TARGETS, Duration.ofMinutes(10), Optional.empty()),
                        house.now::get);
        rest =
                new RestApi(
                        house.services,
                        Optional.of(
                                new NetworkServices(
                                        accounts,
                                        keys,
                                        new Collaborators(house.database, house.audit),
                                        new Logins(house.database, house.audit, house.now::get),
                                        provider.map(
                                                settings ->
                                                        new OidcProvider(
                                                                settings,
                                                                HttpClient.newHttpClient(),
                                                                house.now::get)),
                                        registry.gateways(),
                                        claiming(registry),
                                        traffic,
                                        outlets,
                                        cups,
                                        trust,
                                        trusted,
                                        new Connections())));
        for (AccountId id : List.of(ANN, BOB)) {
            house.database.write(
                    accounts.createUser(House.ADMIN, id, id.value(), Optional.empty(), false));
        }
        annKey = key(ANN);
        bobKey = key(BOB);
    }

    /** Its shells say nothing. */
    private final class Connections implements GatewayConnections {

        @Override
        public GatewayStatus status(Eui64 gateway) {
            Instant since = connectedSince.get(gateway);
            return since == null
                    ? new GatewayStatus.Away(Optional.empty())
                    : new GatewayStatus.Connected(since);
        }

        @Override
        public WebSocketHandler shell(
                Eui64 gateway, String user, String term, BooleanSupplier isAllowed) {
            shells.add(isAllowed);
            return new WebSocketHandler() {
                @Override
                public void opened(WebSocket socket) {}

                @Override
                public void received(WebSocket socket, String message) {}

                @Override
                public void received(WebSocket socket, byte[] message) {}

                @Override
                public void closed(WebSocket socket) {}
            };
        }
    }

    private String key(AccountId user) {
        return house.database
                .write(
                        keys.create(
                                House.ADMIN,
                                new Entity(Entity.Kind.USER, user.value()),
                                "test",
                                Rights.ALL,
                                Optional.empty()))
                .text();
    }

    private GatewayClaiming claiming(GatewayRegistry registry) {
        return new GatewayClaiming(
                house.database,
                registry.reservations(),
                new Upstreams(
                        List.of(
                                new Upstreams.Upstream(
                                        "factory",
                                        List.of(EuiRange.parse("58A0CBFFFE800000/44")),
                                        new Upstream()))),
                _ -> new byte[] {0x30, 1, 2},
                TARGETS);
    }

    /** A Gateway Join Server that knows one gateway. */
    private final class Upstream implements ClaimingUpstream {

        @Override
        public boolean claim(Eui64 gateway, String code) throws UpstreamFailure {
            if (isUpstreamAway) {
                throw new UpstreamFailure("it cannot be reached");
            }
            return gateway.equals(GATEWAY) && code.equals(CODE) && claimed.add(gateway);
        }

        @Override
        public void setup(Eui64 gateway, UpstreamSetup setup) {}

        @Override
        public boolean isClaimed(Eui64 gateway) {
            return claimed.contains(gateway);
        }

        @Override
        public void release(Eui64 gateway) {
            claimed.remove(gateway);
        }
    }

    /** Knows the devices of the house, and answers nobody. */
    private final class SilentJoinServer implements JoinServers {

        @Override
        public Optional<JoinAns> join(Eui64 joinEui, Function<Header, JoinReq> request) {
            return Optional.empty();
        }

        @Override
        public Optional<AesKey> appSKey(Eui64 joinEui, Eui64 devEui, Octets id) {
            return Optional.empty();
        }

        @Override
        public Optional<AesKey> open(KeyEnvelope envelope) {
            return Optional.empty();
        }

        @Override
        public Optional<KnownDevice> known(Eui64 devEui) {
            return house.joinServer
                    .devices()
                    .find(devEui)
                    .map(device -> new KnownDevice(device.owner(), device.claimedAt()));
        }
    }

    /** The gateway connects to the LNS; what it is sent is in the list. */
    List<LnsDownlink> connect(Eui64 gateway) {
        Link link = new Link(gateway, new CopyOnWriteArrayList<>());
        traffic.connected(link, "2.0.6(linux/std)");
        return link.sent();
    }

    /** A gateway hears the device ask to join, which nobody answers. */
    void hearsJoin(Eui64 gateway, Eui64 device) {
        traffic.received(
                new Link(gateway, new CopyOnWriteArrayList<>()),
                new LnsUplink.Join(
                        new JoinRequest(Eui64.parse("70B3D57ED0000000"), device, 7, 0),
                        new Reception(5, 868_100_000, 0, 1, 0, -1, -40, 9.5, 0, 0)));
    }

    private record Link(Eui64 gateway, List<LnsDownlink> sent) implements GatewayLink {

        @Override
        public FrequencyPlan plan() {
            return FrequencyPlan.of("EU_863_870");
        }

        @Override
        public void send(LnsDownlink message) {
            sent.add(message);
        }

        @Override
        public void close(String why) {}
    }

    /** Asks with single quotes for double ones. */
    Answer ask(String key, String method, String path, String body) throws Exception {
        return House.ask(rest, method, path, key, body.replace('\'', '"'));
    }

    Answer asAdmin(String method, String path, String body) throws Exception {
        return ask(house.administratorKey, method, path, body);
    }

    Answer asAnn(String method, String path, String body) throws Exception {
        return ask(annKey, method, path, body);
    }

    Answer asBob(String method, String path, String body) throws Exception {
        return ask(bobKey, method, path, body);
    }

    static JsonNode json(String text) {
        return Fields.JSON.readTree(text.replace('\'', '"'));
    }

    @Override
    public void close() {
        rest.close();
        outlets.close();
        traffic.close();
        house.close();
    }
}
