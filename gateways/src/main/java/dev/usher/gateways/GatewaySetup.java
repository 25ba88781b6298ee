package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.station.CredentialFiles;
import java.util.Optional;

/**
 * A gateway with all that its owner set up for it, secrets included; for its owner only.
 *
 * @param cups what it is given for CUPS; empty if nothing or if CUPS goes without credentials
 */
public record GatewaySetup(
        Gateway gateway, Optional<CredentialFiles> cups, Optional<CredentialFiles> lns) {

    public GatewaySetup {
        requireNonNull(gateway, "gateway");
        requireNonNull(cups, "cups");
        requireNonNull(lns, "lns");
    }

    @Override
    public String toString() {
        return "GatewaySetup[" + gateway.eui() + "]";
    }
}
