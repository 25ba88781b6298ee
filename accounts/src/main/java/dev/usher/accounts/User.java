package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * A person.
 *
 * @param administrator whether they run the house, that is, may do everything
 */
public record User(
        AccountId id, String name, Optional<String> email, boolean administrator, Instant createdAt)
        implements Account {

    public User {
        requireNonNull(id, "id");
        DisplayName.check("the user's name", name);
        email.ifPresent(address -> DisplayName.check("the user's e-mail address", address));
        requireNonNull(createdAt, "createdAt");
    }

    @Override
    public Entity entity() {
        return new Entity(Entity.Kind.USER, id.value());
    }
}
