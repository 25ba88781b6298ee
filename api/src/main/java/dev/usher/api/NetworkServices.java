package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AccountKeys;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.Collaborators;
import dev.usher.accounts.Logins;
import dev.usher.network.claiming.GatewayClaiming;
import dev.usher.network.cups.ClusterCups;
import dev.usher.network.cups.Trust;
import dev.usher.network.cups.TrustedServers;
import dev.usher.network.outlets.Outlets;
import dev.usher.network.registry.NetworkGateways;
import dev.usher.network.traffic.Traffic;
import java.util.Optional;

/** What the REST API stands on where there is a network: its people, gateways and traffic. */
public record NetworkServices(
        Accounts accounts,
        AccountKeys accountKeys,
        Collaborators collaborators,
        Logins logins,
        Optional<OidcProvider> provider,
        NetworkGateways gateways,
        GatewayClaiming claiming,
        Traffic traffic,
        Outlets outlets,
        ClusterCups cups,
        Trust trust,
        TrustedServers trustedServers,
        GatewayConnections connections) {

    public NetworkServices {
        requireNonNull(accounts, "accounts");
        requireNonNull(accountKeys, "accountKeys");
        requireNonNull(collaborators, "collaborators");
        requireNonNull(logins, "logins");
        requireNonNull(provider, "provider");
        requireNonNull(gateways, "gateways");
        requireNonNull(claiming, "claiming");
        requireNonNull(traffic, "traffic");
        requireNonNull(outlets, "outlets");
        requireNonNull(cups, "cups");
        requireNonNull(trust, "trust");
        requireNonNull(trustedServers, "trustedServers");
        requireNonNull(connections, "connections");
    }
}
