package dev.usher.lorawan;

/** A wrapped key that does not open: wrong length, wrong KEK, or changed on its way. */
public final class KeyWrapException extends RuntimeException {

    KeyWrapException(String message) {
        super(message);
    }
}
