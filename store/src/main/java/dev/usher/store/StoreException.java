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

    /** What went wrong first, in the database's words. */
    static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage())
                .lines()
                .findFirst()
                .orElse(root.getClass().getSimpleName());
    }
}
