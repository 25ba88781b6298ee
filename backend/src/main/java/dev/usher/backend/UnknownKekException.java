package dev.usher.backend;

import dev.usher.lorawan.Printable;

/** A key that came wrapped under a KEK nobody has. */
public final class UnknownKekException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnknownKekException(String label) {
        super("there is no KEK '" + Printable.of(label) + "': agree on one with the peer");
    }
}
