package dev.usher.network.traffic;

/** A Join Server that should answer could not be asked, or not understood; the message says why. */
public final class JoinServerFailure extends Exception {

    private static final long serialVersionUID = 1;

    public JoinServerFailure(String message) {
        super(message);
    }
}
