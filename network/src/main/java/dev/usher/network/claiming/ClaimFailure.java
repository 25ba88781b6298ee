package dev.usher.network.claiming;

import static java.util.Objects.requireNonNull;

/**
 * A gateway could not be claimed; the message says why and what to do. It never says whose the
 * gateway is.
 */
public final class ClaimFailure extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** What kept the gateway from being claimed. */
    public enum Reason {
        /** The code does not fit the gateway, or there is no such gateway. */
        CODE_MISMATCH,
        /** Too many wrong codes were tried for the gateway today. */
        TOO_MANY_GUESSES,
        /** Somebody has the gateway, and has not allowed others to claim it. */
        NOT_AUTHORIZED,
        /** The one who asks has the gateway already. */
        OWN_ALREADY,
        /** Somebody else is claiming the gateway at this moment. */
        BUSY,
        /** Another gateway has the ID. */
        ID_TAKEN,
        /** No Gateway Join Server is known for the EUI. */
        NOT_SUPPORTED,
        /** The server that the gateway is to be sent to is none that it could use. */
        TARGET_UNUSABLE,
        /** The Gateway Join Server failed. */
        UPSTREAM_FAILED
    }

    private final Reason reason;

    ClaimFailure(Reason reason, String message) {
        super(message);
        this.reason = requireNonNull(reason, "reason");
    }

    ClaimFailure(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = requireNonNull(reason, "reason");
    }

    public Reason reason() {
        return reason;
    }
}
