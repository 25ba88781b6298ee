package dev.usher.accounts;

/** More passwords wait to be checked than this node checks in some seconds. */
public final class TooManySignIns extends RuntimeException {

    private static final long serialVersionUID = 1;

    TooManySignIns(Throwable cause) {
        super("too many people sign in at the moment: try again in some seconds", cause);
    }
}
