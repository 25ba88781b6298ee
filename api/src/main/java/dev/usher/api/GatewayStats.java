package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Access;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Right;
import dev.usher.lorawan.Eui64;
import dev.usher.network.registry.NetworkGateway;
import dev.usher.network.traffic.GatewayStatus;
import dev.usher.station.Why;
import dev.usher.store.Database;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** How the gateways of the network fare, for those with {@link Right#GATEWAY_STATUS_READ}. */
final class GatewayStats {

    private final Database database;
    private final GatewayConnections connections;
    private final Function<Eui64, List<Why>> why;

    GatewayStats(Database database, NetworkServices network) {
        this.database = requireNonNull(database, "database");
        this.connections = network.connections();
        this.why = network.cups()::why;
    }

    /**
     * @param why what its CUPS has told it lately and why, the newest first
     */
    record Stats(GatewayStatus status, List<Why> why) {}

    /** Fails as {@link Access#require} does, if the caller may not know. */
    Stats of(Caller caller, NetworkGateway gateway) {
        database.read(
                handle ->
                        Access.require(
                                handle, caller, gateway.id().entity(), Right.GATEWAY_STATUS_READ));
        return now(gateway);
    }

    /** Empty if the caller may not know. */
    Optional<Stats> find(Caller caller, NetworkGateway gateway) {
        return database.read(handle -> Access.of(handle, caller, gateway.id().entity()))
                        .includes(Right.GATEWAY_STATUS_READ)
                ? Optional.of(now(gateway))
                : Optional.empty();
    }

    /** What was before somebody claimed or registered it, is who had it then's alone. */
    private Stats now(NetworkGateway gateway) {
        Instant since = gateway.createdAt();
        GatewayStatus status =
                switch (connections.status(gateway.eui())) {
                    case GatewayStatus.Connected connected -> connected;
                    case GatewayStatus.Away(var lastSeen) ->
                            new GatewayStatus.Away(lastSeen.filter(at -> !at.isBefore(since)));
                };
        return new Stats(
                status,
                why.apply(gateway.eui()).stream()
                        .filter(one -> !one.at().isBefore(since))
                        .toList());
    }
}
