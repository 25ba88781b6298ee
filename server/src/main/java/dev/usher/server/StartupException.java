package dev.usher.server;

/** Usher cannot start; the message says why in one sentence, and what to do. */
public final class StartupException extends RuntimeException {

    private static final long serialVersionUID = 1;

    StartupException(String message) {
        super(message);
    }

    StartupException(String message, Throwable cause) {
        super(message, cause);
    }
}
