package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

/** A join-accept as the device understood it, and the keys it made of it. */
public record Received(JoinAccept accept, SessionKeys keys) {

    public Received {
        requireNonNull(accept, "accept");
        requireNonNull(keys, "keys");
    }
}
