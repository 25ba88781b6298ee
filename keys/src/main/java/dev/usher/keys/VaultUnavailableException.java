package dev.usher.keys;

/** The token did not answer, is not there or is closed: the same call may succeed later. */
public final class VaultUnavailableException extends VaultException {

    private static final long serialVersionUID = 1;

    public VaultUnavailableException(String message) {
        super(message);
    }

    VaultUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
