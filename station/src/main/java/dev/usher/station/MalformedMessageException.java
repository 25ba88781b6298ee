package dev.usher.station;

/**
 * Bytes that are not the message they should be. Its message says what is wrong and where, and
 * holds nothing secret.
 */
public final class MalformedMessageException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    public MalformedMessageException(String message) {
        super(message);
    }

    public MalformedMessageException(String message, Throwable cause) {
        super(message, cause);
    }
}
