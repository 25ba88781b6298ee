package dev.usher.simulator;

/** A contact with a server that came to nothing. */
final class ContactFailure extends Exception {

    private static final long serialVersionUID = 1L;

    ContactFailure(String reason) {
        super(reason);
    }

    ContactFailure(String reason, Throwable cause) {
        super(reason, cause);
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
