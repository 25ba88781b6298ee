package dev.usher.backend;

/**
 * Bytes that do not even say which exchange they belong to, so that no message can answer them; on
 * HTTP, status 400. Its message is one sentence that says why and holds nothing secret.
 */
public final class UnreadableHeaderException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    public UnreadableHeaderException(String message) {
        super(message);
    }
}
