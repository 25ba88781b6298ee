package dev.usher.network.claiming;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Caller;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.MissingRight;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.Principal;
import dev.usher.lorawan.Eui64;
import dev.usher.network.claiming.ClaimFailure.Reason;
import dev.usher.network.claiming.Upstreams.Upstream;
import dev.usher.network.registry.GatewayId;
import dev.usher.network.registry.GatewayServerAddress;
import dev.usher.network.registry.GatewaySettings;
import dev.usher.network.registry.IdTaken;
import dev.usher.network.registry.NetworkGateway;
import dev.usher.network.registry.Reservations;
import dev.usher.network.registry.Reservations.Order;
import dev.usher.network.registry.Reservations.Reserved;
import dev.usher.network.registry.Reservations.Standing;
import dev.usher.network.registry.Reservations.Told;
import dev.usher.network.registry.Reservations.Transfer;
import dev.usher.station.StationUri;
import dev.usher.store.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims gateways for the people of this network.
 *
 * <p>The Gateway Join Server is asked first whether the code is right; then the gateway is reserved
 * here, set up there, and registered. What fails on the way undoes what was done; a claim that was
 * interrupted goes on when it is made again, and is undone by {@link #sweep} when it is not. A
 * gateway that is registered here already is handed over to whoever knows the code that its owner
 * set for that.
 *
 * <p>The calls block while they ask other servers.
 */
public final class GatewayClaiming {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayClaiming.class);

    /** A server that fails so often in a row of gateways is asked again later. */
    private static final int MOST_FAILURES = 3;

    private static final Caller HOUSE = new Principal.Administrator("sweep");

    private final Database database;
    private final Reservations reservations;
    private final Upstreams upstreams;
    private final TrustSource trust;
    private final Targets targets;

    /**
     * Where gateways are sent when a claim says nothing else.
     *
     * @param cups this network's CUPS; without one they are sent to their LNS at once
     * @param address this network's LNS
     */
    public record Targets(Optional<StationUri> cups, GatewayServerAddress address) {
        public Targets {
            requireNonNull(cups, "cups");
            requireNonNull(address, "address");
        }
    }

    public GatewayClaiming(
            Database database,
            Reservations reservations,
            Upstreams upstreams,
            TrustSource trust,
            Targets targets) {
        this.database = requireNonNull(database, "database");
        this.reservations = requireNonNull(reservations, "reservations");
        this.upstreams = requireNonNull(upstreams, "upstreams");
        this.trust = requireNonNull(trust, "trust");
        this.targets = requireNonNull(targets, "targets");
    }

    /** Whether a gateway with this EUI can be claimed on this network. */
    public boolean supportsClaiming(Eui64 eui) {
        return upstreams.of(eui).isPresent();
    }

    /**
     * Claims a gateway.
     *
     * @throws IllegalArgumentException if stations cannot transmit in a frequency plan
     * @throws ClaimFailure if it cannot be claimed; nothing is left of the claim then, unless the
     *     message says so
     * @throws NotFound if the caller may not know of the collaborator
     * @throws MissingRight if they may not register gateways for it
     */
    public NetworkGateway claim(Caller caller, ClaimRequest request) {
        Eui64 eui = request.eui();
        Order order =
                new Order(
                        eui,
                        request.targetId().orElseGet(() -> GatewayId.ofEui(eui)),
                        request.collaborator(),
                        GatewaySettings.DEFAULT
                                .withFrequencyPlanIds(request.targetFrequencyPlanIds())
                                .withAddress(request.targetAddress()),
                        request.targetCupsUri());
        order.settings().requireUsable(GatewaySettings.DEFAULT);
        return switch (reservations.standing(caller, request.collaborator(), eui)) {
            case Standing.Free _, Standing.Begun _ -> claimAtUpstream(caller, request, order);
            case Standing.TakenOver _ ->
                    tell(
                            caller,
                            database.write(reservations.goOn(eui, order.targetCupsUri()))
                                    .orElseThrow(() -> busy(eui)));
            case Standing.Claimable _ -> takeOver(caller, request, order);
            case Standing.Taken _ -> throw notAuthorized(eui);
            case Standing.Own(GatewayId id) ->
                    throw new ClaimFailure(
                            Reason.OWN_ALREADY, "you have gateway " + eui + " already, as " + id);
            case Standing.Busy _ -> throw busy(eui);
        };
    }

    private NetworkGateway claimAtUpstream(Caller caller, ClaimRequest request, Order order) {
        Eui64 eui = request.eui();
        Upstream upstream =
                upstreams
                        .of(eui)
                        .orElseThrow(
                                () ->
                                        new ClaimFailure(
                                                Reason.NOT_SUPPORTED,
                                                "no Gateway Join Server is known for EUI "
                                                        + eui
                                                        + ": check the EUI, or register the gateway"
                                                        + " by hand"));
        if (!reservations.isFree(order.id(), eui)) {
            throw idTaken(order);
        }
        if (reservations.isLocked(eui)) {
            throw locked();
        }
        Destination destination = destination(order);
        if (!ask(upstream, request)) {
            database.write(reservations.countWrong(caller, eui));
            throw mismatch(request);
        }
        Reserved reserved = reserve(caller, upstream, order);
        try {
            upstream.server().setup(eui, destination.setup(reserved));
        } catch (UpstreamFailure e) {
            throw undone(e, undo(caller, upstream, reserved));
        } catch (RuntimeException e) {
            undo(caller, upstream, reserved);
            throw e;
        }
        return complete(caller, reserved, destination);
    }

    private NetworkGateway complete(Caller caller, Reserved reserved, Destination destination) {
        try {
            return database.write(reservations.complete(caller, reserved, destination.crc()));
        } catch (Conflict e) {
            throw new ClaimFailure(Reason.BUSY, String.valueOf(e.getMessage()), e);
        }
    }

    private boolean ask(Upstream upstream, ClaimRequest request) {
        try {
            return upstream.server().claim(request.eui(), request.code());
        } catch (UpstreamFailure e) {
            // It may have been claimed all the same.
            throw undone(e, giveBackUnlessKnown(upstream, request.eui()));
        }
    }

    private Reserved reserve(Caller caller, Upstream upstream, Order order) {
        try {
            return database.write(reservations.reserve(caller, order, upstream.name()));
        } catch (IdTaken e) {
            giveBackUnlessKnown(upstream, order.eui());
            throw idTaken(order);
        } catch (Conflict e) {
            // Whoever was faster knew the code too, and has it now: it is not given back.
            throw new ClaimFailure(Reason.BUSY, String.valueOf(e.getMessage()), e);
        } catch (RuntimeException e) {
            giveBackUnlessKnown(upstream, order.eui());
            throw e;
        }
    }

    /**
     * Where a gateway is sent: this network's CUPS, or if there is none its LNS.
     *
     * @param trust the certificate to trust there; empty without TLS
     */
    private record Destination(StationUri uri, Optional<byte[]> trust) {

        /** Tells it from others. */
        long crc() {
            CRC32 crc = new CRC32();
            crc.update(uri.toString().getBytes(StandardCharsets.US_ASCII));
            trust.ifPresent(crc::update);
            return crc.getValue();
        }

        /** What the gateway is told. */
        UpstreamSetup setup(Reserved reserved) {
            return new UpstreamSetup(
                    uri,
                    trust,
                    trust.flatMap(
                            _ -> uri.scheme().isCups() ? reserved.cupsKey() : reserved.lnsKey()));
        }
    }

    /** Found out before anything changes: a claim that cannot end well does not begin. */
    private Destination destination(Order order) {
        try {
            return destination(order.targetCupsUri(), order.settings());
        } catch (IOException e) {
            throw new ClaimFailure(
                    Reason.TARGET_UNUSABLE, e.getMessage() + "; nothing was changed", e);
        }
    }

    private Destination destination(Optional<StationUri> targetCupsUri, GatewaySettings settings)
            throws IOException {
        StationUri uri =
                targetCupsUri
                        .or(targets::cups)
                        .orElseGet(() -> settings.address().orElse(targets.address()).lns());
        return new Destination(
                uri, uri.isSecure() ? Optional.of(trust.trustOf(uri)) : Optional.empty());
    }

    /** Gives the gateway back and forgets it; if that fails, {@link #sweep} does it later. */
    private boolean undo(Caller caller, Upstream upstream, Reserved reserved) {
        Eui64 eui = reserved.gateway().eui();
        try {
            Optional<Reserved> ended = database.write(reservations.end(reserved));
            if (ended.isPresent()) {
                upstream.server().undoClaim(eui);
                database.write(reservations.undo(caller, ended.get()));
            }
            return true;
        } catch (UpstreamFailure | RuntimeException e) {
            LOG.warn("the claim of gateway {} is still to be undone: {}", eui, e.getMessage());
            return false;
        }
    }

    /** A gateway that is in no claim here is nobody's there either. */
    private boolean giveBackUnlessKnown(Upstream upstream, Eui64 eui) {
        try {
            if (!reservations.isKnown(eui)) {
                upstream.server().undoClaim(eui);
            }
            return true;
        } catch (UpstreamFailure | RuntimeException e) {
            LOG.warn(
                    "gateway {} may be left claimed at {}: claim it again to go on, {}",
                    eui,
                    upstream.name(),
                    e.getMessage());
            return false;
        }
    }

    private NetworkGateway takeOver(Caller caller, ClaimRequest request, Order order) {
        Destination _ = destination(order);
        try {
            return switch (database.write(reservations.transfer(caller, order, request.code()))) {
                case Transfer.Done(NetworkGateway gateway, Optional<Reserved> toTell) ->
                        toTell.isEmpty() ? gateway : tell(caller, toTell.get());
                case Transfer.WrongCode _ -> throw mismatch(request);
                case Transfer.Locked _ -> throw locked();
                case Transfer.NotClaimable _ -> throw notAuthorized(request.eui());
            };
        } catch (IdTaken e) {
            throw idTaken(order);
        }
    }

    /** Lets the Gateway Join Server tell a gateway that was taken over what is new for it. */
    private NetworkGateway tell(Caller caller, Reserved reserved) {
        Eui64 eui = reserved.gateway().eui();
        Destination destination;
        try {
            destination = destination(reserved.targetCupsUri(), reserved.gateway().settings());
            upstream(reserved.upstream(), eui).server().setup(eui, destination.setup(reserved));
        } catch (UpstreamFailure | IOException e) {
            throw new ClaimFailure(
                    Reason.UPSTREAM_FAILED,
                    "gateway "
                            + eui
                            + " is yours now, but its Gateway Join Server could not be told yet: "
                            + e.getMessage()
                            + "; it is tried again, or claim the gateway again",
                    e);
        }
        return complete(caller, reserved, destination);
    }

    private Upstream upstream(String name, Eui64 eui) throws UpstreamFailure {
        return upstreams
                .named(name)
                .or(() -> upstreams.of(eui))
                .orElseThrow(
                        () ->
                                new UpstreamFailure(
                                        "the Gateway Join Server '"
                                                + name
                                                + "' is not in the configuration any more"));
    }

    /**
     * Gives a gateway back to its Gateway Join Server, where anybody who has the code on its label
     * can claim it then, and forgets it here with all its keys.
     *
     * @throws ClaimFailure if the Gateway Join Server does not take it back; then nothing changes
     * @throws Conflict if it was registered by hand
     * @throws NotFound if the caller may not know of it
     * @throws MissingRight if they may not delete it
     */
    public void unclaim(Caller caller, GatewayId id) {
        Reservations.Claimed claimed = reservations.requireClaimed(caller, id);
        Eui64 eui = claimed.gateway().eui();
        try {
            upstream(claimed.upstream(), eui).server().release(eui);
        } catch (UpstreamFailure e) {
            throw new ClaimFailure(
                    Reason.UPSTREAM_FAILED,
                    "gateway "
                            + eui
                            + " could not be given back: "
                            + e.getMessage()
                            + "; it is still yours, try again in a moment",
                    e);
        }
        database.write(reservations.remove(caller, id));
    }

    /**
     * Undoes the claims that nobody went on with in time, and tells the Gateway Join Servers of
     * gateways that were taken over, or that find this network with another key or root now: one
     * that falls back to what the factory gave it is told what works. To be called every minute or
     * so, by every node.
     *
     * @return how many were settled
     */
    public int sweep() {
        int settled = 0;
        for (Reserved reserved : reservations.expired()) {
            try {
                Upstream upstream = upstream(reserved.upstream(), reserved.gateway().eui());
                settled += undo(HOUSE, upstream, reserved) ? 1 : 0;
            } catch (UpstreamFailure e) {
                LOG.warn("{}", e.getMessage());
            }
        }
        for (Eui64 eui : reservations.untold()) {
            try {
                settled +=
                        reservations
                                .takenOver(eui)
                                .map(reserved -> tell(HOUSE, reserved))
                                .map(_ -> 1)
                                .orElse(0);
            } catch (ClaimFailure e) {
                LOG.warn("{}", e.getMessage());
            }
        }
        for (Told told : reservations.told()) {
            settled += tellAnew(told);
        }
        return settled;
    }

    private int tellAnew(Told told) {
        Optional<StationUri> cups = told.targetCupsUri().or(targets::cups);
        if (cups.isEmpty()) {
            return 0;
        }
        int settled = 0;
        int failed = 0;
        try {
            Destination destination = destination(cups, GatewaySettings.DEFAULT);
            if (told.told().equals(OptionalLong.of(destination.crc()))) {
                return 0;
            }
            for (Reserved reserved : reservations.of(told)) {
                Eui64 eui = reserved.gateway().eui();
                try {
                    upstream(told.upstream(), eui).server().setup(eui, destination.setup(reserved));
                    settled +=
                            database.write(reservations.markTold(reserved, destination.crc()))
                                    ? 1
                                    : 0;
                } catch (UpstreamFailure e) {
                    LOG.warn(
                            "what is new for gateway {} is still to be told: {}",
                            eui,
                            e.getMessage());
                    if (++failed == MOST_FAILURES) {
                        break;
                    }
                }
            }
        } catch (IOException e) {
            LOG.warn("what is new for gateways is still to be told: {}", e.getMessage());
        }
        return settled;
    }

    private static ClaimFailure mismatch(ClaimRequest request) {
        StringBuilder message =
                new StringBuilder("the code does not fit gateway ")
                        .append(request.eui())
                        .append(": check the EUI and the code on the label");
        LookAlikes.in(request.code())
                .ifPresent(hints -> message.append("; in the code you typed, ").append(hints));
        if (!request.eui().hasMac()) {
            message.append(
                    "; an EUI made of a MAC has FFFE in its middle, with an E at the end of that");
        }
        return new ClaimFailure(Reason.CODE_MISMATCH, message.toString());
    }

    private static ClaimFailure notAuthorized(Eui64 eui) {
        return new ClaimFailure(
                Reason.NOT_AUTHORIZED,
                "gateway "
                        + eui
                        + " is registered already and not authorized for claiming: whoever has it"
                        + " must authorize that first, or unclaim it");
    }

    private static ClaimFailure idTaken(Order order) {
        return new ClaimFailure(
                Reason.ID_TAKEN,
                "a gateway with ID "
                        + order.id()
                        + " exists already, yours or another's: choose another ID");
    }

    private static ClaimFailure locked() {
        return new ClaimFailure(
                Reason.TOO_MANY_GUESSES,
                "too many wrong codes were tried for this gateway today: try again tomorrow (UTC)");
    }

    private static ClaimFailure busy(Eui64 eui) {
        return new ClaimFailure(
                Reason.BUSY,
                "gateway " + eui + " is being claimed at this moment: try again in 15 minutes");
    }

    private static ClaimFailure undone(Exception e, boolean isUndone) {
        return new ClaimFailure(
                Reason.UPSTREAM_FAILED,
                "the gateway could not be claimed: "
                        + e.getMessage()
                        + (isUndone
                                ? "; nothing was changed, try again in a moment"
                                : "; claim it again to go on, else it is given back later"),
                e);
    }
}
