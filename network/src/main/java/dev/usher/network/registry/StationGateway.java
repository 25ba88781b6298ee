package dev.usher.network.registry;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.station.AuthorizationHeader;
import java.util.Optional;

/**
 * What LNS and CUPS must know of a gateway, its keys included; for them alone.
 *
 * @param cupsKey what it is to ask this network's CUPS with
 * @param hasFormerCupsKeys whether keys are still valid that end when the gateway has this one
 * @param revision grows with every change of this gateway
 */
public record StationGateway(
        NetworkGateway gateway,
        Optional<AuthorizationHeader> lnsKey,
        Optional<AuthorizationHeader> cupsKey,
        boolean hasFormerCupsKeys,
        Optional<AuthorizationHeader> targetCupsKey,
        long revision) {

    public StationGateway {
        requireNonNull(gateway, "gateway");
        requireNonNull(lnsKey, "lnsKey");
        requireNonNull(cupsKey, "cupsKey");
        requireNonNull(targetCupsKey, "targetCupsKey");
    }

    public GatewayId id() {
        return gateway.id();
    }

    public Eui64 eui() {
        return gateway.eui();
    }

    public GatewaySettings settings() {
        return gateway.settings();
    }

    /** Whether it was sent somewhere else and nobody knows yet whether that works. */
    public boolean isOnProbation() {
        return gateway.workingAt().filter(at -> !at.isBefore(gateway.targetChangedAt())).isEmpty();
    }

    @Override
    public String toString() {
        return "StationGateway[" + id() + ", " + eui() + "]";
    }
}
