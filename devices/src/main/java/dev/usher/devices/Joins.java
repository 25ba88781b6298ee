package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.backend.ActivationReq;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.NetworkKeys;
import dev.usher.backend.Octets;
import dev.usher.backend.RejoinReq;
import dev.usher.backend.ResultCode;
import dev.usher.backend.SessionGrant;
import dev.usher.keys.Sealer;
import dev.usher.keys.Vault;
import dev.usher.keys.VaultException;
import dev.usher.keys.VaultUnavailableException;
import dev.usher.lorawan.Activation;
import dev.usher.lorawan.ActivationRefusedException;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.JoinAccept;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.KeyScheme;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.MalformedFrameException;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.RejoinRequest;
import dev.usher.lorawan.RootKeys;
import dev.usher.lorawan.SessionKeys;
import dev.usher.store.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Activates devices: join-requests and rejoin-requests that a Network Server passes on.
 *
 * <p>The order is the point of it: first whether this Network Server may ask for this device, then
 * whether the device itself asks (the MIC), and only then whether its nonce is fresh. Who does not
 * have the device's key learns nothing of its nonces. An answer leaves after what it promises is
 * durable.
 */
final class Joins {

    private final Database database;
    private final NonceLedger ledger;
    private final Vault vault;
    private final Sealer sealer;
    private final Peers peers;
    private final JoinEuiRanges joinEuis;
    private final InstantSource clock;

    Joins(
            Database database,
            NonceLedger ledger,
            Vault vault,
            Peers peers,
            JoinEuiRanges joinEuis,
            InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.ledger = requireNonNull(ledger, "ledger");
        this.vault = requireNonNull(vault, "vault");
        this.sealer = vault.sealer();
        this.peers = requireNonNull(peers, "peers");
        this.joinEuis = requireNonNull(joinEuis, "joinEuis");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Begins to answer a join-request; waits for nothing.
     *
     * @param asker the Network Server, authenticated
     * @return the session, once it is durable; may fail with {@link Refused}
     * @throws Refused with the reason, if that can be told at once
     */
    CompletableFuture<NonceLedger.Granted> join(StoredPeer asker, NetId netId, JoinReq request) {
        JoinRequest frame = frame(() -> JoinRequest.parse(request.phyPayload().bytes()));
        requireSame("DevEUI", request.devEui(), frame.devEui());
        requireReceiver(request, frame.joinEui());
        requireServed(frame);
        return activate(
                frame.devEui(),
                found -> {
                    DeviceRow device =
                            found.filter(known -> known.joinEui().equals(frame.joinEui()))
                                    .orElseThrow(() -> unknown(frame.devEui(), frame.joinEui()));
                    requireRights(asker, device, netId, request);
                    return agreed(
                            asker, device, keys -> compute(netId, request, frame, device, keys));
                });
    }

    private CompletableFuture<NonceLedger.Granted> activate(
            Eui64 devEui, NonceLedger.Agreement agreement) {
        Supplier<CompletableFuture<NonceLedger.Granted>> again = () -> activate(devEui, agreement);
        return ledger.activate(devEui, agreement)
                .thenCompose(
                        outcome ->
                                outcome instanceof NonceLedger.ToAgreeElsewhere(DeviceRow device)
                                        ? activateElsewhere(
                                                () -> agreement.with(Optional.of(device)), again)
                                        : granted(outcome, again));
    }

    /** On a thread that may wait for the database, or a token. */
    private CompletableFuture<NonceLedger.Granted> activateElsewhere(
            Supplier<NonceLedger.Agreed> agreement,
            Supplier<CompletableFuture<NonceLedger.Granted>> again) {
        return CompletableFuture.supplyAsync(agreement, Thread::startVirtualThread)
                .thenCompose(ledger::activate)
                .thenCompose(outcome -> granted(outcome, again));
    }

    private static CompletableFuture<NonceLedger.Granted> granted(
            NonceLedger.Outcome outcome, Supplier<CompletableFuture<NonceLedger.Granted>> again) {
        return switch (outcome) {
            case NonceLedger.Granted granted -> CompletableFuture.completedFuture(granted);
            case NonceLedger.NotAgreed(RuntimeException why) -> CompletableFuture.failedFuture(why);
            case NonceLedger.Overtaken _, NonceLedger.ToAgreeElsewhere _ -> again.get();
        };
    }

    /** What is computed with the root keys. */
    private record Computed(
            JoinAccept accept, Activation activation, NonceLedger.Use use, int nonce) {}

    private Computed withRootKeys(DeviceRow device, Function<RootKeys, Computed> compute) {
        try {
            return device.rootKeys().use(device.devEui(), vault, compute);
        } catch (VaultUnavailableException e) {
            throw e;
        } catch (VaultException e) {
            throw Refused.because(
                    ResultCode.JOIN_REQ_FAILED,
                    "the device's root keys cannot be used",
                    "the device's root keys cannot be used: " + e.getMessage());
        }
    }

    private static Computed compute(
            NetId netId, JoinReq request, JoinRequest frame, DeviceRow device, RootKeys keys) {
        if (!JoinCryptography.isAuthentic(keys, frame)) {
            throw wrongMic().of(frame.devNonce());
        }
        requireVersion(device, request.macVersion(), frame.devNonce());
        NonceLedger.refusal(device, request.macVersion(), frame.devNonce())
                .ifPresent(
                        why -> {
                            throw Refused.because(ResultCode.FRAME_REPLAYED, why)
                                    .of(frame.devNonce());
                        });
        JoinAccept accept = accept(device, netId, request);
        Activation activation;
        try {
            KeyScheme scheme =
                    KeyScheme.decide(
                            request.macVersion(), keys, request.dlSettings(), device.strict());
            activation = JoinCryptography.activate(keys, scheme, frame, accept);
        } catch (ActivationRefusedException e) {
            throw Refused.because(ResultCode.JOIN_REQ_FAILED, sentence(e)).of(frame.devNonce());
        }
        return new Computed(
                accept,
                activation,
                NonceLedger.use(device, request.macVersion(), frame.devNonce()),
                frame.devNonce());
    }

    /**
     * Begins to answer a rejoin-request, as {@link #join} does.
     *
     * @param asker the Network Server, authenticated
     */
    CompletableFuture<NonceLedger.Granted> rejoin(
            StoredPeer asker, NetId netId, RejoinReq request) {
        RejoinRequest frame = frame(() -> RejoinRequest.parse(request.phyPayload().bytes()));
        requireSame("DevEUI", request.devEui(), frame.devEui());
        if (!request.macVersion().isR1_1()) {
            throw Refused.because(
                    ResultCode.JOIN_REQ_FAILED,
                    "MACVersion "
                            + request.macVersion().text()
                            + " has no rejoin-requests: LoRaWAN 1.1 has");
        }
        return activateElsewhere(
                () -> {
                    // The device first: if it moves on while its sessions are read, this is void.
                    DeviceRow device =
                            database.readPrepared(
                                            statements ->
                                                    DeviceRow.find(
                                                            statements, sealer, frame.devEui()))
                                    .orElseThrow(() -> unknown(frame.devEui()));
                    // Rights first: who has none is not told the device's JoinEUI.
                    requireRights(asker, device, netId, request);
                    requireReceiver(request, device.joinEui());
                    return agreed(
                            asker, device, keys -> compute(netId, request, frame, device, keys));
                },
                () -> rejoin(asker, netId, request));
    }

    private Computed compute(
            NetId netId, RejoinReq request, RejoinRequest frame, DeviceRow device, RootKeys keys) {
        NonceLedger.Use use =
                switch (frame) {
                    case RejoinRequest.Type1 type1 -> countOf(device, keys, type1);
                    case RejoinRequest.Type0Or2 type0Or2 -> countOf(device, type0Or2);
                };
        requireVersion(device, request.macVersion(), frame.rjCount());
        JoinAccept accept = accept(device, netId, request);
        Activation activation;
        try {
            activation = JoinCryptography.activate(keys, frame, device.joinEui(), accept);
        } catch (ActivationRefusedException e) {
            throw Refused.because(ResultCode.JOIN_REQ_FAILED, sentence(e)).of(frame.rjCount());
        }
        return new Computed(accept, activation, use, frame.rjCount());
    }

    private static NonceLedger.Use countOf(
            DeviceRow device, RootKeys keys, RejoinRequest.Type1 frame) {
        if (!frame.joinEui().equals(device.joinEui())) {
            throw unknown(frame.devEui(), frame.joinEui());
        }
        if (!JoinCryptography.isAuthentic(keys, frame)) {
            throw wrongMic().of(frame.rjCount());
        }
        requireFresh(device, "RJcount1", frame.rjCount(), device.rjCount1());
        return new NonceLedger.Use.RjCount1(frame.rjCount());
    }

    /**
     * The MIC is made with a key of the session that the device is in, and that may be an older one
     * than the last: it does not hear every answer. Where a session it may be in is not known any
     * more, the Network Server's word is taken, which has checked the MIC too (LoRaWAN 1.1 section
     * 6.2.4.1).
     */
    private NonceLedger.Use countOf(DeviceRow device, RejoinRequest.Type0Or2 frame) {
        Session.Known known = database.read(handle -> Session.known(handle, device));
        Optional<Session> session =
                known.sessions().stream().filter(each -> isOf(each, frame)).findFirst();
        if (session.isEmpty() && known.areAll()) {
            throw wrongMic(
                            device.sessionCount() == 0
                                    ? "the device has never joined, so it has no session to rejoin"
                                            + " from"
                                    : "the MIC is wrong: it was made in no session that the device"
                                            + " can be in")
                    .of(frame.rjCount());
        }
        session.ifPresent(of -> requireFresh(device, "RJcount0", frame.rjCount(), of.rjCount0()));
        return new NonceLedger.Use.RjCount0(session.map(Session::id), frame.rjCount());
    }

    private boolean isOf(Session session, RejoinRequest.Type0Or2 frame) {
        return session.openSNwkSIntKey(sealer)
                .filter(key -> JoinCryptography.isAuthentic(key, frame))
                .isPresent();
    }

    /**
     * MACVersion is the highest version that the device and its network have in common (Backend
     * Interfaces 1.0 table 7), so it is not above the device's own, if that is known. Below 1.1 all
     * make the same keys. A device of 1.1 in a network of 1.0 is how it should be, unless its owner
     * will have none of it.
     */
    private static void requireVersion(DeviceRow device, MacVersion said, int nonce) {
        Optional<MacVersion> own =
                device.macVersion().filter(version -> version.isR1_1() != said.isR1_1());
        if (own.isPresent() && (said.isR1_1() || device.strict())) {
            throw Refused.because(
                            ResultCode.JOIN_REQ_FAILED,
                            "MACVersion "
                                    + said.text()
                                    + " cannot be: the device is built to LoRaWAN "
                                    + own.get().text()
                                    + (said.isR1_1()
                                            ? ", and could not make the keys"
                                            : ", and strictly held to it"))
                    .of(nonce);
        }
    }

    private static void requireFresh(DeviceRow device, String which, int count, OptionalInt last) {
        NonceLedger.refusal(device, which, count, last)
                .ifPresent(
                        why -> {
                            throw Refused.because(ResultCode.FRAME_REPLAYED, why).of(count);
                        });
    }

    private static JoinAccept accept(DeviceRow device, NetId netId, ActivationReq request) {
        if (device.joinNonce() >= NonceLedger.LAST_JOIN_NONCE) {
            throw Refused.because(
                    ResultCode.JOIN_REQ_FAILED,
                    "the device has used up its JoinNonces: give it another DevEUI");
        }
        return new JoinAccept(
                device.joinNonce() + 1,
                netId,
                request.devAddr(),
                request.dlSettings(),
                request.rxDelay(),
                request.cfList());
    }

    private NonceLedger.Agreed agreed(
            StoredPeer asker, DeviceRow device, Function<RootKeys, Computed> compute) {
        Computed computed = withRootKeys(device, compute);
        Instant now = Instant.ofEpochMilli(clock.millis());
        SessionKeys keys = computed.activation().keys();
        Session session = session(device, computed, keys, now);
        SessionGrant grant =
                new SessionGrant(
                        Octets.of(computed.activation().phyPayload()),
                        OptionalLong.of(device.lifetime()),
                        networkKeys(asker, keys, now),
                        appSKeyForNetwork(device, keys.appSKey(), now),
                        Optional.of(session.id()));
        return new NonceLedger.Agreed(
                new NonceLedger.Activated(device.joinEui(), computed.use(), session),
                new NonceLedger.Granted(grant, computed.nonce()));
    }

    private Session session(
            DeviceRow device, Computed computed, SessionKeys keys, Instant createdAt) {
        Eui64 devEui = device.devEui();
        JoinAccept accept = computed.accept();
        int joinNonce = accept.joinNonce();
        return new Session(
                Session.newId(createdAt),
                devEui,
                device.sessionCount() + 1,
                device.sessionId(),
                Session.Origin.of(computed.use()),
                joinNonce,
                createdAt,
                device.lifetime() == 0
                        ? Optional.empty()
                        : Optional.of(createdAt.plusSeconds(device.lifetime())),
                accept.netId(),
                accept.devAddr(),
                Session.seal(sealer, devEui, joinNonce, "app-s-key", keys.appSKey()),
                keys instanceof SessionKeys.R1_1 r1_1
                        ? Optional.of(
                                Session.seal(
                                        sealer,
                                        devEui,
                                        joinNonce,
                                        "s-nwk-s-int-key",
                                        r1_1.sNwkSIntKey()))
                        : Optional.empty(),
                OptionalInt.empty());
    }

    private static NetworkKeys networkKeys(StoredPeer asker, SessionKeys keys, Instant now) {
        Optional<StoredPeer.StoredKek> kek = asker.kekAt(now);
        return switch (keys) {
            case SessionKeys.R1_0 r1_0 -> new NetworkKeys.R1_0(envelope(kek, r1_0.nwkSKey()));
            case SessionKeys.R1_1 r1_1 ->
                    new NetworkKeys.R1_1(
                            envelope(kek, r1_1.fNwkSIntKey()),
                            envelope(kek, r1_1.sNwkSIntKey()),
                            envelope(kek, r1_1.nwkSEncKey()));
        };
    }

    static KeyEnvelope envelope(Optional<StoredPeer.StoredKek> kek, AesKey key) {
        return kek.map(known -> KeyEnvelope.wrap(known.kek(), known.label(), key))
                .orElseGet(() -> KeyEnvelope.clear(key));
    }

    /** In an envelope that the Network Server cannot open; in clear only if the owner wants. */
    private Optional<KeyEnvelope> appSKeyForNetwork(DeviceRow device, AesKey appSKey, Instant now) {
        return wrappedForApplication(device.activation(), appSKey, now)
                .or(
                        () ->
                                device.activation()
                                        .appSKeyInClear()
                                        .filter(allowed -> allowed)
                                        .map(_ -> KeyEnvelope.clear(appSKey)));
    }

    /** The AppSKey in the envelope of the device's Application Server, if there is a KEK for it. */
    private Optional<KeyEnvelope> wrappedForApplication(
            ActivationSettings activation, AesKey appSKey, Instant now) {
        return wrappedForOwner(activation, appSKey)
                .or(
                        () ->
                                activation
                                        .asId()
                                        .flatMap(asId -> peers.applicationKek(asId, now))
                                        .map(kek -> envelope(Optional.of(kek), appSKey)));
    }

    /** The AppSKey under the KEK of the activation settings, if they have one. */
    static Optional<KeyEnvelope> wrappedForOwner(ActivationSettings activation, AesKey appSKey) {
        return activation.asKek().map(own -> KeyEnvelope.wrap(own.kek(), own.label(), appSKey));
    }

    private static void requireRights(
            StoredPeer asker, DeviceRow device, NetId netId, ActivationReq request) {
        ActivationSettings activation = device.activation();
        if (activation.homeNetId().filter(netId::equals).isPresent()) {
            activation.homeNsId().ifPresent(home -> requireNsId(asker, home, request));
            return;
        }
        if (!device.roamingNetIds().contains(netId)) {
            throw Refused.because(
                    ResultCode.ACTIVATION_DISALLOWED,
                    "the device is not to be activated by this Network Server",
                    "NetID "
                            + netId
                            + " asked, "
                            + activation
                                    .homeNetId()
                                    .map(home -> "its home NetID is " + home)
                                    .orElse("and it has no home NetID yet"));
        }
    }

    /** Who does not say which Network Server it is, is those it is registered as. */
    private static void requireNsId(StoredPeer asker, Eui64 home, ActivationReq request) {
        List<Eui64> asking =
                request.header()
                        .senderNsId()
                        .map(List::of)
                        .orElseGet(() -> asker.settings().nsIds());
        if (!asking.contains(home)) {
            throw Refused.because(
                    ResultCode.ACTIVATION_DISALLOWED,
                    "the device is not to be activated by this Network Server",
                    asking.isEmpty()
                            ? "who asked named no NSID, and its home NSID is "
                                    + home
                                    + ": register the NSIDs of peer '"
                                    + asker.name()
                                    + "', or take the device's home NSID away"
                            : "NSID "
                                    + asking.stream()
                                            .map(Eui64::toString)
                                            .collect(Collectors.joining(", "))
                                    + " asked, its home NSID is "
                                    + home);
        }
    }

    /**
     * The receiver is the device's JoinEUI, except that a device of LoRaWAN 1.0 may have an AppEUI
     * that identifies no Join Server (Backend Interfaces 1.0 section 8).
     */
    private static void requireReceiver(ActivationReq request, Eui64 joinEui) {
        Optional<Eui64> receiver = request.header().receiverJoinEui();
        if (request.macVersion().isR1_1() && !receiver.equals(Optional.of(joinEui))) {
            throw Refused.because(
                    ResultCode.MALFORMED_MESSAGE,
                    "ReceiverID is not the JoinEUI " + joinEui + " of the device");
        }
    }

    /**
     * Under LoRaWAN 1.0 the receiver may be another JoinEUI of this Join Server. That does not
     * bring back the devices of one that was taken from it.
     */
    private void requireServed(JoinRequest frame) {
        if (!joinEuis.contained(frame.joinEui())) {
            throw unknown(frame.devEui(), frame.joinEui());
        }
    }

    private static void requireSame(String what, Eui64 said, Eui64 inFrame) {
        if (!said.equals(inFrame)) {
            throw Refused.because(
                    ResultCode.MALFORMED_MESSAGE,
                    what + " " + said + " is not the one in PHYPayload, " + inFrame);
        }
    }

    private interface Parsing<T> {
        T parse();
    }

    private static <T> T frame(Parsing<T> parsing) {
        try {
            return parsing.parse();
        } catch (MalformedFrameException e) {
            throw Refused.because(ResultCode.MALFORMED_MESSAGE, "PHYPayload: " + sentence(e));
        }
    }

    private static String sentence(RuntimeException e) {
        return String.valueOf(e.getMessage());
    }

    private static Refused wrongMic() {
        return wrongMic("the MIC is wrong: the device has other root keys, or somebody plays it");
    }

    private static Refused wrongMic(String why) {
        return Refused.because(ResultCode.MIC_FAILED, "the MIC of the frame is wrong", why);
    }

    static Refused unknown(Eui64 devEui) {
        return Refused.because(
                ResultCode.UNKNOWN_DEV_EUI, "device " + devEui + " is not known here");
    }

    private static Refused unknown(Eui64 devEui, Eui64 joinEui) {
        return Refused.because(
                ResultCode.UNKNOWN_DEV_EUI,
                "device " + devEui + " with JoinEUI " + joinEui + " is not known here");
    }
}
