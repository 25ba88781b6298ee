package dev.usher.network.claiming;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AccountId;
import dev.usher.lorawan.Eui64;
import dev.usher.network.registry.GatewayId;
import dev.usher.network.registry.GatewayServerAddress;
import dev.usher.network.registry.GatewaySettings;
import dev.usher.station.StationUri;
import java.util.List;
import java.util.Optional;

/**
 * A gateway that somebody wants to have.
 *
 * @param code what is on its label, or what its owner gave
 * @param collaborator whose it is to be
 * @param targetId what it is to be called; {@code eui-<eui>} if nothing is said
 * @param targetCupsUri the CUPS it is sent to; this network's own if nothing is said
 * @param targetAddress the LNS it is sent to; this network's own if nothing is said
 * @param targetFrequencyPlanIds which channels it listens to
 */
public record ClaimRequest(
        Eui64 eui,
        String code,
        AccountId collaborator,
        Optional<GatewayId> targetId,
        Optional<StationUri> targetCupsUri,
        Optional<GatewayServerAddress> targetAddress,
        List<String> targetFrequencyPlanIds) {

    private static final int LONGEST_CODE = 2048;

    public ClaimRequest {
        requireNonNull(eui, "eui");
        if (requireNonNull(code, "code").isBlank() || code.length() > LONGEST_CODE) {
            throw new IllegalArgumentException(
                    "the code has "
                            + code.strip().length()
                            + " characters: type the one on the gateway's label");
        }
        requireNonNull(collaborator, "collaborator");
        requireNonNull(targetId, "targetId");
        GatewaySettings.requireCups(targetCupsUri);
        requireNonNull(targetAddress, "targetAddress");
        targetFrequencyPlanIds = List.copyOf(targetFrequencyPlanIds);
    }

    @Override
    public String toString() {
        return "ClaimRequest[" + eui + "]";
    }
}
