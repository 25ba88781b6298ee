package dev.usher.store;

import org.jspecify.annotations.Nullable;

/** The database is away: whatever is asked of it now will fail the same way. */
final class DatabaseUnreachable extends StoreException {

    private static final long serialVersionUID = 1;

    DatabaseUnreachable(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
