package dev.usher.accounts;

/**
 * What was asked contradicts what is there; the message says what and what to do. Nothing was
 * changed.
 */
public final class Conflict extends RuntimeException {

    private static final long serialVersionUID = 1;

    public Conflict(String message) {
        super(message);
    }
}
