package dev.usher.accounts;

import java.time.Instant;

/** Who can have rights on a gateway or an organization. */
public sealed interface Account permits User, Organization {

    AccountId id();

    /** What people call it. */
    String name();

    Instant createdAt();

    /** As a thing that others, and API keys, can have rights on. */
    Entity entity();
}
