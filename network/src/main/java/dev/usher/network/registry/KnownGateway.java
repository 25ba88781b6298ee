package dev.usher.network.registry;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.OwnerId;
import java.util.Optional;

/**
 * A gateway that the Gateway Join Server of this house knows, with the code that claims it.
 *
 * @param owner who has claimed it there; empty: nobody yet
 */
public record KnownGateway(Optional<OwnerId> owner) {

    public KnownGateway {
        requireNonNull(owner, "owner");
    }
}
