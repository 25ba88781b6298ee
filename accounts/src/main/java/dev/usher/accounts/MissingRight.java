package dev.usher.accounts;

/** Whoever asks may not do this, though they may know of the thing; the message names the right. */
public final class MissingRight extends RuntimeException {

    private static final long serialVersionUID = 1;

    public MissingRight(String message) {
        super(message);
    }
}
