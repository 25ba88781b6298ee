package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditLog;
import dev.usher.backend.ActivationReq;
import dev.usher.backend.Answer;
import dev.usher.backend.AppSKeyReq;
import dev.usher.backend.ErrorNotif;
import dev.usher.backend.Header;
import dev.usher.backend.HomeNsReq;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.MalformedBackendMessageException;
import dev.usher.backend.Message;
import dev.usher.backend.MessageType;
import dev.usher.backend.Octets;
import dev.usher.backend.RejoinAns;
import dev.usher.backend.RejoinReq;
import dev.usher.backend.Request;
import dev.usher.backend.Result;
import dev.usher.backend.ResultCode;
import dev.usher.backend.SessionGrant;
import dev.usher.backend.Unserved;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.Sealer;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.MalformedFrameException;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.RejoinRequest;
import dev.usher.store.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;

/**
 * The Join Server: answers what Network and Application Servers ask over the Backend Interfaces
 * (LoRaWAN Backend Interfaces 1.0, TS002-1.1.0).
 */
public final class JoinServer implements AutoCloseable {

    private final Database database;
    private final Sealer sealer;
    private final InstantSource clock;
    private final Peers peers;
    private final JoinEuiRanges joinEuis;
    private final Joins joins;
    private final BackendLog log;
    private final SessionSweep sweep;
    private final TransportKeks transportKeks;
    private final Provisioning provisioning;
    private final Devices devices;
    private final DeviceClaims claims;
    private final OwnerActivation ownerActivation;

    /**
     * Puts a Join Server together.
     *
     * @param guessesPerDay how many wrong owner tokens a device accepts a day
     */
    public JoinServer(
            Database database,
            Vault vault,
            AuditLog audit,
            InstantSource clock,
            int guessesPerDay) {
        this(database, vault, audit, clock, guessesPerDay, Optional.empty());
    }

    /**
     * Puts a Join Server together.
     *
     * @param guessesPerDay how many wrong owner tokens a device accepts a day
     * @param wrappingKey the key of the vault inside of which alone the root keys are used of
     *     devices provisioned from now on; empty: of those that name one
     */
    public JoinServer(
            Database database,
            Vault vault,
            AuditLog audit,
            InstantSource clock,
            int guessesPerDay,
            Optional<KeyLabel> wrappingKey) {
        this.database = requireNonNull(database, "database");
        this.sealer = vault.sealer();
        this.clock = requireNonNull(clock, "clock");
        this.peers = new Peers(database, vault, audit, clock);
        this.joinEuis = new JoinEuiRanges(database, audit);
        this.joins =
                new Joins(
                        database, new NonceLedger(database, sealer), vault, peers, joinEuis, clock);
        this.log = new BackendLog(database, clock);
        this.sweep = new SessionSweep(database, clock);
        OwnerTokens tokens = new OwnerTokens(vault);
        this.transportKeks = new TransportKeks(database, sealer, audit, clock);
        this.provisioning =
                new Provisioning(database, vault, wrappingKey, tokens, transportKeks, audit, clock);
        this.devices = new Devices(database, vault, provisioning, audit);
        this.claims = new DeviceClaims(database, sealer, tokens, audit, clock, guessesPerDay);
        this.ownerActivation = new OwnerActivation(database, sealer, audit);
    }

    public Peers peers() {
        return peers;
    }

    public JoinEuiRanges joinEuis() {
        return joinEuis;
    }

    public BackendLog log() {
        return log;
    }

    public TransportKeks transportKeks() {
        return transportKeks;
    }

    public Provisioning provisioning() {
        return provisioning;
    }

    public Devices devices() {
        return devices;
    }

    public DeviceClaims claims() {
        return claims;
    }

    public OwnerActivation ownerActivation() {
        return ownerActivation;
    }

    /**
     * What becomes of a message.
     *
     * @param answer empty if the message is not a request
     * @param peer who asked, if it was proven
     */
    public record Reply(Optional<Answer> answer, Optional<Peer> peer) {

        private static final Reply NONE = new Reply(Optional.empty(), Optional.empty());
    }

    /**
     * Answers a message. What the answer promises is durable.
     *
     * @throws dev.usher.store.StoreException if the database cannot be reached; nothing was granted
     */
    public Reply answer(Message message, PeerProof proof) {
        long began = System.nanoTime();
        return switch (message) {
            case Request request ->
                    await(
                            answer(
                                    request,
                                    peers.authenticate(request.header().senderId(), proof),
                                    began));
            case ErrorNotif notif -> {
                Optional<StoredPeer> peer = peers.authenticate(notif.header().senderId(), proof);
                note(
                        peer,
                        notif,
                        notif.result(),
                        notif.result().description().orElse(""),
                        OptionalInt.empty(),
                        began);
                yield Reply.NONE;
            }
            case Unserved unserved -> refuse(unserved, proof, began);
            case Answer answer -> {
                Optional<StoredPeer> peer = peers.authenticate(answer.header().senderId(), proof);
                note(
                        peer,
                        answer,
                        answer.result(),
                        "an answer that nobody waits for",
                        OptionalInt.empty(),
                        began);
                yield Reply.NONE;
            }
        };
    }

    /**
     * Begins to answer a join-request without waiting for anything, so that an event loop may do
     * it.
     *
     * @return empty if the one who asks is not known well enough for that: then {@link
     *     #answer(Message, PeerProof)} answers. Fails as that does
     */
    public Optional<CompletableFuture<Reply>> begin(JoinReq request, PeerProof proof) {
        long began = System.nanoTime();
        return request.header()
                .receiverJoinEui()
                .filter(joinEuis::isKnownToContain)
                .flatMap(_ -> peers.recognise(request.header().senderId(), proof))
                .filter(peer -> peer.settings().async().isEmpty())
                .map(peer -> answer(request, Optional.of(peer), began));
    }

    private static Reply await(CompletableFuture<Reply> reply) {
        try {
            return reply.join();
        } catch (CompletionException e) {
            if (reply.exceptionNow() instanceof RuntimeException known) {
                throw known;
            }
            throw e;
        }
    }

    private Reply refuse(Unserved unserved, PeerProof proof, long began) {
        Optional<StoredPeer> peer = peers.authenticate(unserved.header().senderId(), proof);
        unserved.refusal()
                .ifPresent(
                        refusal ->
                                note(
                                        peer,
                                        unserved,
                                        refusal.result(),
                                        refusal.result().description().orElse(""),
                                        OptionalInt.empty(),
                                        began));
        return new Reply(unserved.refusal().map(r -> r), peer.map(StoredPeer::view));
    }

    /** Answers a message that could be read only as far as its header. */
    public Reply answer(MalformedBackendMessageException malformed, PeerProof proof) {
        long began = System.nanoTime();
        Optional<StoredPeer> peer = peers.authenticate(malformed.header().senderId(), proof);
        About frame = About.frame(malformed.phyPayload());
        note(
                peer,
                malformed.header(),
                malformed.type(),
                new About(malformed.devEui().or(frame::devEui), frame.nonce()),
                Result.of(malformed.code(), malformed.reason()),
                malformed.reason(),
                began);
        return new Reply(malformed.refusal().map(r -> r), peer.map(StoredPeer::view));
    }

    /**
     * Answers a request of the network in the same process, which proves nothing, and to which no
     * key needs wrapping on its way.
     */
    public Answer answerOwn(Request request, PeerRole role) {
        StoredPeer own =
                new StoredPeer(
                        "this network",
                        PeerSettings.of(role),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        Instant.EPOCH);
        peers.catchUp();
        return await(answer(request, Optional.of(own), System.nanoTime())).answer().orElseThrow();
    }

    /** An answer, and what of it is noted besides. */
    private record Noted(Answer answer, String why, OptionalInt nonce) {

        static Noted granted(
                NonceLedger.Granted granted,
                Request request,
                BiFunction<Header, SessionGrant, Answer> answer) {
            return new Noted(
                    answer.apply(request.header().answer(), granted.grant()),
                    "",
                    OptionalInt.of(granted.nonce()));
        }

        static Noted refusal(Request request, Refused refused) {
            return new Noted(request.refusal(refused.result()), refused.why(), refused.nonce());
        }
    }

    private CompletableFuture<Reply> answer(
            Request request, Optional<StoredPeer> peer, long began) {
        CompletableFuture<Noted> granted = granted(request, peer);
        return granted.exceptionallyCompose(
                        _ ->
                                granted.exceptionNow() instanceof Refused refused
                                        ? CompletableFuture.completedFuture(
                                                Noted.refusal(request, refused))
                                        : granted)
                .thenApply(
                        noted -> {
                            note(
                                    peer,
                                    request,
                                    noted.answer().result(),
                                    noted.why(),
                                    noted.nonce(),
                                    began);
                            return new Reply(
                                    Optional.of(noted.answer()), peer.map(StoredPeer::view));
                        });
    }

    private CompletableFuture<Noted> granted(Request request, Optional<StoredPeer> peer) {
        try {
            StoredPeer asker =
                    peer.orElseThrow(
                            () ->
                                    Refused.because(
                                            ResultCode.UNKNOWN_SENDER,
                                            "nobody who may send as this SenderID has proven to"
                                                    + " be it"));
            requireReceiver(request);
            return switch (request) {
                case JoinReq join ->
                        joins.join(asker, netId(asker, join), join)
                                .thenApply(
                                        granted -> Noted.granted(granted, join, JoinAns::success));
                case RejoinReq rejoin ->
                        joins.rejoin(asker, netId(asker, rejoin), rejoin)
                                .thenApply(
                                        granted ->
                                                Noted.granted(granted, rejoin, RejoinAns::success));
                case AppSKeyReq ask -> ready(ask.success(appSKey(asker, ask)));
                case HomeNsReq ask -> ready(homeNs(netId(asker, ask), ask));
            };
        } catch (Refused refused) {
            return CompletableFuture.completedFuture(Noted.refusal(request, refused));
        }
    }

    private static CompletableFuture<Noted> ready(Answer answer) {
        return CompletableFuture.completedFuture(new Noted(answer, "", OptionalInt.empty()));
    }

    private void requireReceiver(Request request) {
        if (request.header().receiverJoinEui().filter(joinEuis::contains).isEmpty()) {
            throw Refused.because(
                    ResultCode.UNKNOWN_RECEIVER,
                    "ReceiverID is not a JoinEUI that this Join Server answers for");
        }
    }

    /** The network that asks. */
    private static NetId netId(StoredPeer asker, Request request) {
        if (!(asker.settings().role() instanceof PeerRole.NetworkServer(NetId netId))) {
            throw Refused.because(
                    ResultCode.UNKNOWN_SENDER, request.type() + " is a Network Server's to send");
        }
        PeerSettings settings = asker.settings();
        Optional<Eui64> nsId = request.header().senderNsId();
        if (settings.strictNsId()) {
            request.header()
                    .nsIdProblem()
                    .ifPresent(
                            problem -> {
                                throw Refused.because(ResultCode.MALFORMED_MESSAGE, problem);
                            });
        }
        if (nsId.isPresent()
                && !settings.nsIds().isEmpty()
                && !settings.nsIds().contains(nsId.get())) {
            throw Refused.because(
                    ResultCode.UNKNOWN_SENDER,
                    "SenderNSID " + nsId.get() + " is not one of this sender's");
        }
        return netId;
    }

    private KeyEnvelope appSKey(StoredPeer asker, AppSKeyReq ask) {
        if (!(asker.settings().role() instanceof PeerRole.ApplicationServer(String asId))) {
            throw Refused.because(
                    ResultCode.UNKNOWN_SENDER, "AppSKeyReq is an Application Server's to send");
        }
        DeviceRow device = known(ask.devEui());
        if (device.activation().asId().filter(asId::equals).isEmpty()) {
            throw Refused.because(
                    ResultCode.ACTIVATION_DISALLOWED,
                    "the device is not this Application Server's",
                    "AS-ID "
                            + asId
                            + " asked, "
                            + device.activation()
                                    .asId()
                                    .map(home -> "the device's is " + home)
                                    .orElse("and the device has none yet"));
        }
        Instant now = now();
        Session session =
                database.read(handle -> Session.find(handle, ask.sessionKeyId()))
                        .filter(known -> known.isAlive(device, now))
                        .orElseThrow(
                                () ->
                                        Refused.because(
                                                ResultCode.OTHER,
                                                "session "
                                                        + ask.sessionKeyId()
                                                        + " is not known: it has ended, or "
                                                        + Session.KEPT
                                                        + " later ones were begun"));
        var appSKey = session.openAppSKey(sealer);
        // Of several Application Servers with one AS-ID, each knows its own KEK.
        return Joins.wrappedForOwner(device.activation(), appSKey)
                .orElseGet(() -> Joins.envelope(asker.kekAt(now), appSKey));
    }

    /** A device that has a JoinEUI which this Join Server answers for, whoever it was asked as. */
    private DeviceRow known(Eui64 devEui) {
        return database.readPrepared(statements -> DeviceRow.find(statements, sealer, devEui))
                .filter(device -> joinEuis.contained(device.joinEui()))
                .orElseThrow(() -> Joins.unknown(devEui));
    }

    private Answer homeNs(NetId asking, HomeNsReq ask) {
        DeviceRow device = known(ask.devEui());
        ActivationSettings activation = device.activation();
        NetId home =
                activation
                        .homeNetId()
                        .orElseThrow(
                                () ->
                                        Refused.because(
                                                ResultCode.ACTIVATION_DISALLOWED,
                                                "the device has no home network"));
        if (!home.equals(asking) && !device.roamingNetIds().contains(asking)) {
            throw Refused.because(
                    ResultCode.NO_ROAMING_AGREEMENT,
                    "the device does not roam in this network",
                    "NetID " + asking + " asked, its home NetID is " + home);
        }
        return ask.success(home, activation.homeNsId());
    }

    private void note(
            Optional<StoredPeer> peer,
            Message message,
            Result result,
            String why,
            OptionalInt nonce,
            long began) {
        note(
                peer,
                message.header(),
                message.type(),
                About.message(message, nonce),
                result,
                why,
                began);
    }

    private void note(
            Optional<StoredPeer> peer,
            Header header,
            MessageType type,
            About about,
            Result result,
            String why,
            long began) {
        log.note(
                new BackendLog.Entry(
                        now(),
                        peer.map(StoredPeer::name),
                        header.senderId(),
                        about.devEui(),
                        type.toString(),
                        header.version().text(),
                        about.nonce(),
                        result.text(),
                        why,
                        (System.nanoTime() - began) / 1000));
    }

    /**
     * What a message is about, as far as it says; nothing of it is proven.
     *
     * @param nonce the DevNonce or RJcount
     */
    private record About(Optional<Eui64> devEui, OptionalInt nonce) {

        private static final About NOTHING = new About(Optional.empty(), OptionalInt.empty());

        /**
         * @param nonce if it was found already
         */
        static About message(Message message, OptionalInt nonce) {
            return switch (message) {
                case ActivationReq request ->
                        new About(
                                Optional.of(request.devEui()),
                                nonce.isPresent()
                                        ? nonce
                                        : frame(Optional.of(request.phyPayload())).nonce());
                case AppSKeyReq ask -> new About(Optional.of(ask.devEui()), OptionalInt.empty());
                case HomeNsReq ask -> new About(Optional.of(ask.devEui()), OptionalInt.empty());
                case ErrorNotif notif -> frame(notif.phyPayload());
                default -> NOTHING;
            };
        }

        /** The device that sent the frame, if it is one that says so. */
        static About frame(Optional<Octets> phyPayload) {
            byte[] frame = phyPayload.map(Octets::bytes).orElse(new byte[0]);
            try {
                JoinRequest join = JoinRequest.parse(frame);
                return new About(Optional.of(join.devEui()), OptionalInt.of(join.devNonce()));
            } catch (MalformedFrameException _) {
                try {
                    RejoinRequest rejoin = RejoinRequest.parse(frame);
                    return new About(
                            Optional.of(rejoin.devEui()), OptionalInt.of(rejoin.rjCount()));
                } catch (MalformedFrameException _) {
                    return NOTHING;
                }
            }
        }
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    /** Deletes the sessions that have ended, now instead of within the hour. */
    long sweepSessions() {
        return sweep.sweep();
    }

    /** Writes what is still to be written of the log. */
    @Override
    public void close() {
        sweep.close();
        log.close();
    }
}
