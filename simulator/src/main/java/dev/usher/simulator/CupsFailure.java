package dev.usher.simulator;

/** A contact with CUPS that came to nothing. */
final class CupsFailure extends Exception {

    private static final long serialVersionUID = 1L;

    CupsFailure(String reason) {
        super(reason);
    }

    CupsFailure(String reason, Throwable cause) {
        super(reason, cause);
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
