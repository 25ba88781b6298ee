package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

/**
 * A device activated: what it is told, and the keys of its session.
 *
 * @param phyPayload the join-accept as it goes on the air, 17 or 33 bytes; not copied
 */
public record Activation(byte[] phyPayload, SessionKeys keys) {

    public Activation {
        requireNonNull(phyPayload, "phyPayload");
        requireNonNull(keys, "keys");
    }
}
