package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.backend.Header;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.NetworkKeys;
import dev.usher.backend.Octets;
import dev.usher.backend.SessionGrant;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.DevAddrPrefix;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.NetworkSessionKeys;
import dev.usher.lorawan.Region;
import dev.usher.station.LnsDownlink;
import dev.usher.station.Reception;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Takes join-requests to the Join Server that can answer them, and the answers back to the device:
 * in RX1, or in RX2 if the gateway cannot make RX1.
 *
 * <p>The session is durable before the join-accept leaves, so a device that hears it can be heard.
 */
final class JoinRouter {

    /** Seconds; what the backhaul of gateways on mobile networks needs. */
    private static final int RX_DELAY = 5;

    private final DevAddrPrefix addresses;
    private final NetworkDevices devices;
    private final JoinTurns turns;
    private final Sessions sessions;
    private final JoinServers joinServers;
    private final Downlinks downlinks;
    private final TrafficEvents events;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    JoinRouter(
            NetId netId,
            NetworkDevices devices,
            JoinTurns turns,
            Sessions sessions,
            JoinServers joinServers,
            Downlinks downlinks,
            TrafficEvents events,
            InstantSource clock) {
        this.addresses = DevAddrPrefix.of(netId);
        this.devices = requireNonNull(devices, "devices");
        this.turns = requireNonNull(turns, "turns");
        this.sessions = requireNonNull(sessions, "sessions");
        this.joinServers = requireNonNull(joinServers, "joinServers");
        this.downlinks = requireNonNull(downlinks, "downlinks");
        this.events = requireNonNull(events, "events");
        this.clock = requireNonNull(clock, "clock");
    }

    /** Why a join came to nothing. */
    private static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Failed(String why) {
            super(why, null, false, false);
        }
    }

    /**
     * A device wants to join.
     *
     * @param copies the best first
     */
    void received(JoinRequest request, List<Heard> copies) {
        try {
            NetworkDevice device = served(request);
            if (turns.take(request)) {
                join(device, request, copies.getFirst());
            }
        } catch (Failed e) {
            publish(request, e);
        }
    }

    private void publish(JoinRequest request, Failed failure) {
        events.publish(
                new TrafficEvent.JoinFailed(
                        clock.instant(),
                        request.devEui(),
                        request.joinEui(),
                        request.devNonce(),
                        String.valueOf(failure.getMessage())));
    }

    /**
     * Another node was to answer: this one does if that has not begun to.
     *
     * @param copies those of this node, the best first
     */
    void handedOver(JoinRequest request, List<Heard> copies) {
        if (devices.find(request.devEui()).isPresent()) {
            received(request, copies);
        }
    }

    private NetworkDevice served(JoinRequest request) {
        return devices.find(request.devEui())
                .orElseThrow(() -> new Failed("this network does not serve the device"));
    }

    private void join(NetworkDevice device, JoinRequest request, Heard best) {
        if (!device.joinEui().equals(request.joinEui())) {
            throw new Failed(
                    "the device asks with JoinEUI "
                            + request.joinEui()
                            + ", it is known with "
                            + device.joinEui());
        }
        if (devices.isClaimedFromHolders(device)) {
            throw new Failed(
                    "the device has been claimed by another owner since it is served here: have it"
                            + " served anew, for the organization that has claimed it");
        }
        FrequencyPlan plan = best.link().plan();
        DevAddr devAddr = addresses.address(random.nextLong(addresses.size()));
        JoinAns answer =
                asked(
                        device.joinEui(),
                        header ->
                                new JoinReq(
                                        header,
                                        device.macVersion(),
                                        Octets.of(request.phyPayload()),
                                        device.devEui(),
                                        devAddr,
                                        plan.dlSettings(device.macVersion().isR1_1()),
                                        RX_DELAY,
                                        plan.cfList()));
        SessionGrant grant =
                answer.grant()
                        .orElseThrow(
                                () ->
                                        new Failed(
                                                "the Join Server answers "
                                                        + answer.result().text()
                                                        + answer.result()
                                                                .description()
                                                                .map(why -> ": " + why)
                                                                .orElse("")));
        sessions.begin(
                device,
                devAddr,
                opened(grant.networkKeys()),
                grant.appSKey().flatMap(joinServers::open),
                grant.sessionKeyId(),
                RX_DELAY);
        Reception reception = best.reception();
        downlinks.send(
                best.link(),
                diid ->
                        new LnsDownlink.ClassA(
                                diid,
                                device.devEui(),
                                grant.phyPayload().bytes(),
                                Region.JOIN_ACCEPT_DELAY1,
                                Optional.of(
                                        plan.rx1(reception.frequency(), reception.dataRate(), 0)),
                                Optional.of(plan.region().rx2()),
                                reception.xtime(),
                                reception.rctx(),
                                Downlinks.PRIORITY));
        events.publish(
                new TrafficEvent.Joined(
                        clock.instant(),
                        device.devEui(),
                        device.joinEui(),
                        devAddr,
                        best.link().gateway()));
    }

    private JoinAns asked(Eui64 joinEui, Function<Header, JoinReq> request) {
        try {
            return joinServers
                    .join(joinEui, request)
                    .orElseThrow(
                            () -> new Failed("no Join Server is listed for JoinEUI " + joinEui));
        } catch (JoinServerFailure e) {
            throw new Failed(
                    "the Join Server listed for JoinEUI " + joinEui + " failed: " + e.getMessage());
        }
    }

    private NetworkSessionKeys opened(NetworkKeys keys) {
        return switch (keys) {
            case NetworkKeys.R1_0 r1_0 -> new NetworkSessionKeys.R1_0(opened(r1_0.nwkSKey()));
            case NetworkKeys.R1_1 r1_1 ->
                    new NetworkSessionKeys.R1_1(
                            opened(r1_1.fNwkSIntKey()),
                            opened(r1_1.sNwkSIntKey()),
                            opened(r1_1.nwkSEncKey()));
        };
    }

    private AesKey opened(KeyEnvelope envelope) {
        return joinServers
                .open(envelope)
                .orElseThrow(
                        () ->
                                new Failed(
                                        "the Join Server wraps session keys with KEK "
                                                + envelope.kekLabel().orElse("")
                                                + ", which this network does not have"));
    }
}
