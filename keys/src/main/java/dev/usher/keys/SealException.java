package dev.usher.keys;

/**
 * Sealed bytes do not open: they were changed, sealed for another context, or sealed by a vault
 * with other keys.
 */
public final class SealException extends VaultException {

    private static final long serialVersionUID = 1;

    public SealException(String message) {
        super(message);
    }
}
