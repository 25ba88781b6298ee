package dev.usher.cli;

import org.jspecify.annotations.Nullable;

/** A command could not do its work; the message is one sentence that says what to do about it. */
final class Failure extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int exitCode;

    Failure(String message) {
        this(message, null);
    }

    Failure(String message, @Nullable Throwable cause) {
        this(message, cause, Usher.FAILED);
    }

    private Failure(String message, @Nullable Throwable cause, int exitCode) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    /** The command was called wrongly: exit code 2. */
    static Failure ofUsage(String message) {
        return new Failure(message, null, Usher.USAGE);
    }

    int exitCode() {
        return exitCode;
    }
}
