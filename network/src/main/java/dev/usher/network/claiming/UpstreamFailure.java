package dev.usher.network.claiming;

/** A Gateway Join Server could not be asked, or did not do what it should; the message says why. */
public final class UpstreamFailure extends Exception {

    private static final long serialVersionUID = 1;

    public UpstreamFailure(String message) {
        super(message);
    }

    public UpstreamFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
