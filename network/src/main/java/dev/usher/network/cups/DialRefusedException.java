package dev.usher.network.cups;

import java.io.IOException;

/**
 * A server may not be dialled, now or later; the message is the rest of a sentence that begins with
 * the server, and has no foreign text.
 */
public final class DialRefusedException extends IOException {

    private static final long serialVersionUID = 1;

    DialRefusedException(String message) {
        super(message);
    }
}
