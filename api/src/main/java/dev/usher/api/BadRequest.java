package dev.usher.api;

/**
 * A request that cannot be understood; the message tells its sender what is wrong with which value
 * and what to do.
 */
final class BadRequest extends RuntimeException {

    private static final long serialVersionUID = 1;

    BadRequest(String message) {
        super(message);
    }
}
