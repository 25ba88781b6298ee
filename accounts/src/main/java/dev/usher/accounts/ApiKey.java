package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * An API key without its secret.
 *
 * @param owner whose it is; empty for an administrator's
 */
public record ApiKey(
        String id,
        Optional<OwnerId> owner,
        String name,
        Instant createdAt,
        Optional<Instant> expiresAt) {

    /** Beyond this no clock and no database counts on. */
    private static final Instant LATEST_END = Instant.parse("9999-12-31T23:59:59Z");

    public ApiKey {
        requireNonNull(id, "id");
        requireNonNull(owner, "owner");
        DisplayName.check("the key's name", name);
        requireNonNull(createdAt, "createdAt");
        checkEnd(expiresAt);
    }

    static void checkEnd(Optional<Instant> expiresAt) {
        expiresAt
                .filter(end -> end.isAfter(LATEST_END))
                .ifPresent(
                        end -> {
                            throw new IllegalArgumentException(
                                    "a key that ends at " + end + " never ends: leave the end out");
                        });
    }

    /**
     * A key that was just made, with its text, which is shown this once and kept nowhere.
     *
     * @param text {@code USHER.<id>.<secret>}
     */
    public record Created(ApiKey key, String text) {
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
