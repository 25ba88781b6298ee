package dev.usher.server.config;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AccountId;

/**
 * What becomes of gateways that are not known and ask the network's CUPS: they register themselves.
 *
 * @param owner the user or organization whose they are
 * @param mostAnHour how many there may be in an hour, on this node
 */
public record AutoRegistrationConfig(AccountId owner, String frequencyPlan, int mostAnHour) {

    public AutoRegistrationConfig {
        requireNonNull(owner, "owner");
        requireNonNull(frequencyPlan, "frequencyPlan");
    }
}
