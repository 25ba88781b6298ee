package dev.usher.lorawan;

/** Bytes that are not the frame they were read as. */
public final class MalformedFrameException extends RuntimeException {

    MalformedFrameException(String message) {
        super(message);
    }
}
