package dev.usher.network.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Principal;
import dev.usher.backend.Header;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.NetworkKeys;
import dev.usher.backend.Octets;
import dev.usher.backend.ProtocolVersion;
import dev.usher.backend.Result;
import dev.usher.backend.ResultCode;
import dev.usher.backend.SessionGrant;
import dev.usher.keys.FileVault;
import dev.usher.keys.MasterKey;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Activation;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DataFrame;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.lorawan.JoinAccept;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.KeyScheme;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.MicContext;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.SessionKeys;
import dev.usher.station.LnsDownlink;
import dev.usher.station.LnsUplink;
import dev.usher.station.Reception;
import dev.usher.store.Database;
import dev.usher.store.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** A network with two gateways, devices, and a Join Server that answers or does not. */
final class TestTraffic implements AutoCloseable {

    static final Principal ADMIN = new Principal.Administrator("test");
    static final NetId NET_ID = NetId.parse("000013");
    static final FrequencyPlan PLAN = FrequencyPlan.of("EU_863_870");
    static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    /** 868.1 MHz at data rate 5: channel 0. */
    static final int FREQUENCY = 868_100_000;

    static final MicContext MIC_CONTEXT = new MicContext(0, 5, 0);

    static final Vault VAULT = openVault();

    final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    final Database database;
    final Traffic traffic;
    final TrafficEvents.Subscription events;
    final Link near = new Link(Eui64.parse("58A0CBFFFE800001"));
    final Link far = new Link(Eui64.parse("58A0CBFFFE800002"));
    final FakeJoinServer joinServer = new FakeJoinServer();

    TestTraffic(TestDatabase engine) {
        database = engine.emptied();
        traffic =
                new Traffic(
                        database,
                        VAULT,
                        new AuditLog(database, now::get),
                        NET_ID,
                        joinServer,
                        Duration.ofMillis(300), // also where the tests have little of a machine
                        now::get);
        traffic.connected(near, "2.0.6");
        traffic.connected(far, "2.0.6");
        events = traffic.events().subscribe(event -> event instanceof TrafficEvent.OfDevice);
    }

    private static Vault openVault() {
        try {
            Path home = Files.createTempDirectory("usher-vault-");
            home.toFile().deleteOnExit();
            return FileVault.open(home.resolve("vault"), MasterKey.file(home.resolve("key")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A gateway that keeps what it is given. */
    static final class Link implements GatewayLink {

        private final Eui64 gateway;
        final BlockingQueue<LnsDownlink> sent = new LinkedBlockingQueue<>();
        volatile Optional<String> closed = Optional.empty();

        Link(Eui64 gateway) {
            this.gateway = gateway;
        }

        @Override
        public Eui64 gateway() {
            return gateway;
        }

        @Override
        public FrequencyPlan plan() {
            return PLAN;
        }

        @Override
        public void send(LnsDownlink message) {
            sent.add(message);
        }

        @Override
        public void close(String why) {
            closed = Optional.of(why);
        }

        LnsDownlink.ClassA next() throws InterruptedException {
            LnsDownlink message = sent.poll(10, TimeUnit.SECONDS);
            assertThat(message).isInstanceOf(LnsDownlink.ClassA.class);
            return (LnsDownlink.ClassA) message;
        }
    }

    /** Knows the devices it was given. */
    static final class FakeJoinServer implements JoinServers {

        private final Map<Eui64, VirtualDevice> devices = new HashMap<>();
        private final Map<Octets, AesKey> appSKeys = new HashMap<>();
        private int joinNonce;
        boolean reachable = true;
        boolean listed = true;
        final List<Eui64> asked = new CopyOnWriteArrayList<>();
        boolean givesAppSKey = true;
        volatile Optional<KnownDevice> known = Optional.empty();

        void knows(VirtualDevice device) {
            devices.put(device.devEui, device);
        }

        @Override
        public synchronized Optional<JoinAns> join(Eui64 joinEui, Function<Header, JoinReq> made)
                throws JoinServerFailure {
            if (!listed) {
                return Optional.empty();
            }
            if (!reachable) {
                throw new JoinServerFailure("js.example cannot be reached");
            }
            JoinReq request =
                    made.apply(
                            new Header(
                                    ProtocolVersion.V1_1,
                                    NET_ID.toString(),
                                    joinEui.toString(),
                                    0));
            asked.add(request.devEui());
            VirtualDevice device = devices.get(request.devEui());
            if (device == null) {
                return Optional.of(
                        request.refusal(Result.of(ResultCode.UNKNOWN_DEV_EUI, "not known here")));
            }
            JoinAccept accept =
                    new JoinAccept(
                            ++joinNonce,
                            NET_ID,
                            request.devAddr(),
                            request.dlSettings(),
                            request.rxDelay(),
                            request.cfList());
            Activation activation =
                    JoinCryptography.activate(
                            device.keys,
                            KeyScheme.decide(
                                    request.macVersion(), device.keys, request.dlSettings(), false),
                            JoinRequest.parse(request.phyPayload().bytes()),
                            accept);
            SessionKeys keys = activation.keys();
            Octets id = Octets.of(new byte[] {(byte) joinNonce});
            appSKeys.put(id, keys.appSKey());
            return Optional.of(
                    JoinAns.success(
                            request.header().answer(),
                            new SessionGrant(
                                    Octets.of(activation.phyPayload()),
                                    OptionalLong.empty(),
                                    switch (keys) {
                                        case SessionKeys.R1_0 r ->
                                                new NetworkKeys.R1_0(
                                                        KeyEnvelope.clear(r.nwkSKey()));
                                        case SessionKeys.R1_1 r ->
                                                new NetworkKeys.R1_1(
                                                        KeyEnvelope.clear(r.fNwkSIntKey()),
                                                        KeyEnvelope.clear(r.sNwkSIntKey()),
                                                        KeyEnvelope.clear(r.nwkSEncKey()));
                                    },
                                    givesAppSKey
                                            ? Optional.of(KeyEnvelope.clear(keys.appSKey()))
                                            : Optional.empty(),
                                    Optional.of(id))));
        }

        @Override
        public synchronized Optional<AesKey> appSKey(
                Eui64 joinEui, Eui64 devEui, Octets sessionKeyId) {
            return Optional.ofNullable(appSKeys.get(sessionKeyId));
        }

        @Override
        public Optional<KnownDevice> known(Eui64 devEui) {
            return known;
        }

        @Override
        public Optional<AesKey> open(KeyEnvelope envelope) {
            return Optional.of(envelope.open(_ -> Optional.empty()));
        }
    }

    /** A device that the network serves and the Join Server knows. */
    VirtualDevice device(MacVersion version) {
        VirtualDevice device =
                new VirtualDevice(
                        Eui64.parse("0102030405060708"),
                        version.isR1_1() ? VirtualDevice.R1_1 : VirtualDevice.R1_0);
        database.write(
                traffic.devices()
                        .create(
                                ADMIN,
                                Optional.empty(),
                                device.devEui,
                                VirtualDevice.JOIN_EUI,
                                "",
                                version));
        joinServer.knows(device);
        return device;
    }

    /** A device that has joined. */
    VirtualDevice joined(MacVersion version) throws InterruptedException {
        VirtualDevice device = device(version);
        join(device);
        return device;
    }

    void join(VirtualDevice device) throws InterruptedException {
        hears(near, device.join());
        device.joined(near.next());
        assertThat(next()).isInstanceOf(TrafficEvent.Joined.class);
    }

    void hears(Link link, JoinRequest request) {
        traffic.received(link, new LnsUplink.Join(request, reception(link)));
    }

    void hears(Link link, DataFrame frame) {
        traffic.received(link, new LnsUplink.Data(frame, reception(link)));
    }

    private Reception reception(Link link) {
        return new Reception(5, FREQUENCY, 7, 1_000_000, 0, -1, -40, link == near ? 9.5 : -3, 0, 0);
    }

    TrafficEvent next() throws InterruptedException {
        return events.next(10_000).getFirst();
    }

    @Override
    public void close() {
        events.close();
        traffic.close();
    }
}
