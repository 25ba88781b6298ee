package dev.usher.keys;

import org.jspecify.annotations.Nullable;

/**
 * A vault could not do what it was asked: the key is unknown or exists already, the master key or
 * PIN is wrong, a file is damaged or too open, the token refused.
 *
 * <p>The message is one sentence for the operator. It never contains key material.
 */
public class VaultException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public VaultException(String message) {
        super(message);
    }

    public VaultException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
