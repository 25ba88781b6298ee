package dev.usher.store;

import org.jspecify.annotations.Nullable;

/**
 * The database could not do what was asked: it is unreachable, full, or was stopped. What was asked
 * was not done, unless said.
 */
public class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
