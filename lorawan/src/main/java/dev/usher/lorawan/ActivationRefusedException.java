package dev.usher.lorawan;

/** A device that cannot be activated with the keys it has; the message says why. */
public final class ActivationRefusedException extends RuntimeException {

    ActivationRefusedException(String message) {
        super(message);
    }
}
