package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * Users who have gateways in common.
 *
 * @param owner as whom it claims at this house's own Gateway Join Server, if it is an owner there
 */
public record Organization(AccountId id, String name, Optional<OwnerId> owner, Instant createdAt)
        implements Account {

    public Organization {
        requireNonNull(id, "id");
        DisplayName.check("the organization's name", name);
        requireNonNull(owner, "owner");
        requireNonNull(createdAt, "createdAt");
    }

    @Override
    public Entity entity() {
        return new Entity(Entity.Kind.ORGANIZATION, id.value());
    }
}
