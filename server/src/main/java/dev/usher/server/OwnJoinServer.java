package dev.usher.server;

import static java.util.Objects.requireNonNull;

import dev.usher.backend.AppSKeyAns;
import dev.usher.backend.AppSKeyReq;
import dev.usher.backend.Header;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.Octets;
import dev.usher.backend.ProtocolVersion;
import dev.usher.devices.JoinServer;
import dev.usher.devices.PeerRole;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.NetId;
import dev.usher.network.traffic.JoinServers;
import dev.usher.network.traffic.KnownDevice;
import java.util.Optional;
import java.util.function.Function;

/** The Join Server in this process, as the network in this process asks it. */
final class OwnJoinServer implements JoinServers {

    private final JoinServer joinServer;
    private final NetId netId;
    private final Eui64 nsId;
    private final String asId;

    OwnJoinServer(JoinServer joinServer, NetId netId, Eui64 nsId, String asId) {
        this.joinServer = requireNonNull(joinServer, "joinServer");
        this.netId = requireNonNull(netId, "netId");
        this.nsId = requireNonNull(nsId, "nsId");
        this.asId = requireNonNull(asId, "asId");
    }

    @Override
    public Optional<JoinAns> join(Eui64 joinEui, Function<Header, JoinReq> request) {
        JoinReq made = request.apply(header(netId.toString(), Optional.of(nsId), joinEui));
        return Optional.of((JoinAns) joinServer.answerOwn(made, new PeerRole.NetworkServer(netId)));
    }

    @Override
    public Optional<AesKey> appSKey(Eui64 joinEui, Eui64 devEui, Octets sessionKeyId) {
        AppSKeyReq request =
                new AppSKeyReq(header(asId, Optional.empty(), joinEui), devEui, sessionKeyId);
        AppSKeyAns answer =
                (AppSKeyAns) joinServer.answerOwn(request, new PeerRole.ApplicationServer(asId));
        return answer.appSKey().flatMap(this::open);
    }

    @Override
    public Optional<AesKey> open(KeyEnvelope envelope) {
        return envelope.kekLabel().isEmpty()
                ? Optional.of(AesKey.of(envelope.aesKey()))
                : Optional.empty();
    }

    @Override
    public Optional<KnownDevice> known(Eui64 devEui) {
        return joinServer
                .devices()
                .find(devEui)
                .map(device -> new KnownDevice(device.owner(), device.claimedAt()));
    }

    private static Header header(String sender, Optional<Eui64> nsId, Eui64 joinEui) {
        return new Header(
                ProtocolVersion.V1_1,
                sender,
                joinEui.toString(),
                0,
                nsId,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
