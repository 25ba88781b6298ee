package dev.usher.network.cups;

import static java.util.Objects.requireNonNull;

import dev.usher.network.claiming.GatewayClaiming.Targets;
import dev.usher.network.registry.GatewayServerAddress;
import dev.usher.network.registry.GatewaySettings;
import dev.usher.network.registry.StationGateway;
import dev.usher.station.AuthorizationHeader;
import dev.usher.station.Credentials;
import dev.usher.station.Reasons;
import dev.usher.station.StationUri;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.station.UpdateInfoResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a gateway of this network is told when it asks, and why.
 *
 * <p>It compares what the registry wants with what the gateway reports, never with what was sent
 * before: a gateway that fell back to an older set of credentials still reports its broken one, and
 * is healed by being told again (basics-station.md 3.8). What cannot be told whole is not told at
 * all, because an address without its credentials would cost the gateway its connection.
 *
 * @param reason one sentence for whoever looks after the gateway
 * @param hasCupsKey whether it reports that it has the key in use for this CUPS
 * @param hasTarget whether it reports that it has the LNS, or the CUPS it is handed on to, that the
 *     registry wants
 */
record ClusterCupsDecision(
        UpdateInfoResponse response, String reason, boolean hasCupsKey, boolean hasTarget) {

    ClusterCupsDecision {
        requireNonNull(response, "response");
        requireNonNull(reason, "reason");
    }

    /**
     * Where a gateway is to go.
     *
     * @param credentials empty where none belong to the URI (http, ws)
     */
    private record Place(StationUri uri, Optional<Credentials> credentials) {

        boolean hasUri(Optional<String> reported) {
            return reported.map(String::strip).filter(uri.toString()::equals).isPresent();
        }

        boolean hasCredentials(int reported) {
            return credentials.filter(wanted -> wanted.crc() != reported).isEmpty();
        }
    }

    /**
     * Decides; a pure function as far as {@code roots} is one.
     *
     * @param own this network's CUPS, if gateways are to be kept at it, and its LNS
     * @param roots asked for the secure addresses of the registry and of this network, never for
     *     one that the gateway reports
     */
    static ClusterCupsDecision decide(
            StationGateway gateway,
            Targets own,
            UpdateInfoRequest reported,
            Function<StationUri, Root> roots) {
        return handedOnTo(gateway, own)
                .map(cluster -> handOn(gateway, cluster, reported, roots))
                .orElseGet(() -> keep(gateway, own, reported, roots));
    }

    /** The CUPS of another cluster that the gateway is to ask instead of this one. */
    static Optional<StationUri> handedOnTo(StationGateway gateway, Targets own) {
        return gateway.settings()
                .targetCupsUri()
                .filter(uri -> own.cups().filter(uri::equals).isEmpty());
    }

    /** Whether the gateway is to connect to this network's LNS. */
    static boolean isAtOwnLns(StationGateway gateway, Targets own) {
        return handedOnTo(gateway, own).isEmpty()
                && gateway.settings().address().filter(to -> !to.equals(own.address())).isEmpty();
    }

    /**
     * A gateway that asks here is not where it was handed on to, whatever it reports; so it is told
     * again, which also makes it try again in a minute instead of a day. Its LNS is left to the
     * other cluster.
     */
    private static ClusterCupsDecision handOn(
            StationGateway gateway,
            StationUri cluster,
            UpdateInfoRequest reported,
            Function<StationUri, Root> roots) {
        List<String> reasons = new ArrayList<>(2);
        Optional<Place> cups =
                place("CUPS", cluster, gateway.targetCupsKey(), true, roots, reasons);
        boolean has =
                cups.filter(
                                to ->
                                        to.hasUri(reported.cupsUri())
                                                && to.hasCredentials(reported.cupsCredCrc()))
                        .isPresent();
        cups.ifPresent(
                to ->
                        reasons.add(
                                has
                                        ? "handed on to %s again, as it has that already and asks here all the same"
                                                .formatted(to.uri())
                                        : "handed on to " + to.uri()));
        return new ClusterCupsDecision(
                response(
                        cups.map(Place::uri),
                        cups.flatMap(Place::credentials),
                        Optional.empty(),
                        Optional.empty()),
                String.join("; ", reasons),
                false,
                has);
    }

    private static ClusterCupsDecision keep(
            StationGateway gateway,
            Targets own,
            UpdateInfoRequest reported,
            Function<StationUri, Root> roots) {
        GatewaySettings settings = gateway.settings();
        List<String> reasons = new ArrayList<>(4);
        // A gateway without a key of this CUPS came with a certificate or a person's key: what it
        // has for CUPS is none of the registry's making.
        Optional<Place> cups =
                gateway.cupsKey().isEmpty()
                        ? Optional.empty()
                        : own.cups()
                                .flatMap(
                                        uri ->
                                                place(
                                                        "CUPS",
                                                        uri,
                                                        gateway.cupsKey(),
                                                        true,
                                                        roots,
                                                        reasons));
        Optional<Place> lns =
                place(
                        "LNS",
                        settings.address()
                                .map(GatewayServerAddress::lns)
                                .orElse(own.address().lns()),
                        gateway.lnsKey(),
                        settings.requireAuthenticatedConnection(),
                        roots,
                        reasons);
        if (isAtOwnLns(gateway, own) && settings.frequencyPlanIds().isEmpty()) {
            reasons.add("it has no frequency plan, so the LNS cannot use it: set one");
        }
        Optional<Place> newCups = cups.filter(to -> !to.hasUri(reported.cupsUri()));
        Optional<Place> newCupsKey = cups.filter(to -> !to.hasCredentials(reported.cupsCredCrc()));
        Optional<Place> newLns = lns.filter(to -> !to.hasUri(reported.tcUri()));
        Optional<Place> newLnsKey = lns.filter(to -> !to.hasCredentials(reported.tcCredCrc()));
        explain(reasons, "CUPS", newCups, reported.cupsUri(), newCupsKey);
        explain(reasons, "LNS", newLns, reported.tcUri(), newLnsKey);
        if (reasons.isEmpty()) {
            reasons.add("it has what it is to have");
        }
        return new ClusterCupsDecision(
                response(
                        newCups.map(Place::uri),
                        newCupsKey.flatMap(Place::credentials),
                        newLns.map(Place::uri),
                        newLnsKey.flatMap(Place::credentials)),
                String.join("; ", reasons),
                cups.flatMap(Place::credentials).isPresent() && newCupsKey.isEmpty(),
                lns.isPresent() && newLns.isEmpty() && newLnsKey.isEmpty());
    }

    private static Optional<Place> place(
            String which,
            StationUri uri,
            Optional<AuthorizationHeader> key,
            boolean needsKey,
            Function<StationUri, Root> roots,
            List<String> reasons) {
        if (!uri.isSecure()) {
            return Optional.of(new Place(uri, Optional.empty()));
        }
        if (key.isEmpty() && needsKey) {
            reasons.add(
                    "its %s is left as it is: there is no key for %s, set one"
                            .formatted(which, uri));
            return Optional.empty();
        }
        return switch (roots.apply(uri)) {
            case Root.Known(var root) ->
                    Optional.of(
                            new Place(
                                    uri,
                                    Optional.of(
                                            key.<Credentials>map(
                                                            header ->
                                                                    new Credentials.Token(
                                                                            root, header))
                                                    .orElseGet(
                                                            () ->
                                                                    new Credentials.ServerAuth(
                                                                            root)))));
            case Root.Unknown(String why) -> {
                reasons.add("its %s is left as it is: %s %s".formatted(which, uri, why));
                yield Optional.empty();
            }
        };
    }

    private static void explain(
            List<String> reasons,
            String which,
            Optional<Place> uri,
            Optional<String> reportedUri,
            Optional<Place> credentials) {
        uri.ifPresent(to -> reasons.add(Reasons.uriSent(which, to.uri().toString(), reportedUri)));
        if (credentials.isPresent()) {
            reasons.add(Reasons.credentialsSent(which));
        }
    }

    private static UpdateInfoResponse response(
            Optional<StationUri> cups,
            Optional<Credentials> cupsCredentials,
            Optional<StationUri> lns,
            Optional<Credentials> lnsCredentials) {
        return new UpdateInfoResponse(
                cups, lns, cupsCredentials, lnsCredentials, Optional.empty(), 0);
    }

    /**
     * What the answer consists of: {@code nothing}, {@code cups}, {@code lns}, {@code cups+lns}.
     */
    String answer() {
        List<String> parts = new ArrayList<>(2);
        if (response.cupsUri().isPresent() || response.cupsCredentials().isPresent()) {
            parts.add("cups");
        }
        if (response.tcUri().isPresent() || response.tcCredentials().isPresent()) {
            parts.add("lns");
        }
        return parts.isEmpty() ? "nothing" : String.join("+", parts);
    }
}
