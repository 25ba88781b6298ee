package dev.usher.devices;

import dev.usher.backend.Result;
import dev.usher.backend.ResultCode;
import java.util.OptionalInt;

/**
 * Why a request is not granted: what the peer is told, and what only the device's owner and the
 * operator are.
 */
final class Refused extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Result result;
    private final String why;
    private final transient OptionalInt nonce;

    private Refused(Result result, String why, OptionalInt nonce) {
        super(why, null, false, false); // no stack trace: it is an answer, and a frequent one
        this.result = result;
        this.why = why;
        this.nonce = nonce;
    }

    /** The peer is told all. */
    static Refused because(ResultCode code, String why) {
        return new Refused(Result.of(code, why), why, OptionalInt.empty());
    }

    /** The peer is told less than those whose device it is. */
    static Refused because(ResultCode code, String told, String why) {
        return new Refused(Result.of(code, told), why, OptionalInt.empty());
    }

    /** With the DevNonce or RJcount it was about. */
    Refused of(int about) {
        return new Refused(result, why, OptionalInt.of(about));
    }

    Result result() {
        return result;
    }

    String why() {
        return why;
    }

    OptionalInt nonce() {
        return nonce;
    }
}
