package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * A party gateways can be claimed by.
 *
 * @param addLimit how many gateways without a batch it may add itself
 */
public record Owner(OwnerId id, String name, int addLimit, Instant createdAt) {

    /** What an owner may add unless said otherwise (the Owner API's default). */
    public static final int DEFAULT_ADD_LIMIT = 64;

    public Owner {
        requireNonNull(id, "id");
        DisplayName.check("the owner's name", name);
        requireNonNull(createdAt, "createdAt");
        if (addLimit < 0) {
            throw new IllegalArgumentException(
                    "the add limit " + addLimit + " is negative: use 0 or more");
        }
    }
}
