package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * An API key of a user, an organization or a gateway, without its secret.
 *
 * @param entity whose it is
 * @param rights the most it allows
 */
public record AccountKey(
        String id,
        Entity entity,
        String name,
        Rights rights,
        Instant createdAt,
        Optional<Instant> expiresAt) {

    public AccountKey {
        requireNonNull(id, "id");
        requireNonNull(entity, "entity");
        DisplayName.check("the key's name", name);
        if (rights.isEmpty()) {
            throw new IllegalArgumentException("a key without rights is of no use: name some");
        }
        requireNonNull(createdAt, "createdAt");
        ApiKey.checkEnd(expiresAt);
    }

    /**
     * A key that was just made, with its text, which is shown this once and kept nowhere.
     *
     * @param text {@code USHER.<id>.<secret>}
     */
    public record Created(AccountKey key, String text) {
        public Created {
            requireNonNull(key, "key");
            requireNonNull(text, "text");
        }

        @Override
        public String toString() {
            return "Created[key=" + key + "]";
        }
    }
}
