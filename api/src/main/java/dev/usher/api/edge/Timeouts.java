package dev.usher.api.edge;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How long one listener waits for a peer; who is slower is disconnected. Each limit is for the
 * whole step, however steadily the bytes trickle in, so a peer that sends one byte a second gains
 * nothing by it. The time a {@link Handler} takes is not limited here.
 *
 * @param handshake the TLS handshake
 * @param head from the open connection to the end of the first request's header
 * @param body from the end of the header to the end of the body
 * @param idle from an answer to the end of the next request's header
 * @param write an answer of full bytes, or one piece of a streamed one, until the peer's TCP took
 *     it
 */
public record Timeouts(
        Duration handshake, Duration head, Duration body, Duration idle, Duration write) {

    /** Handshake and head 10 s, body 20 s, idle and write 60 s. */
    public static final Timeouts DEFAULT =
            new Timeouts(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(60));

    public Timeouts {
        requirePositive(handshake, "handshake");
        requirePositive(head, "head");
        requirePositive(body, "body");
        requirePositive(idle, "idle");
        requirePositive(write, "write");
    }

    Timeouts withHandshake(Duration limit) {
        return new Timeouts(limit, head, body, idle, write);
    }

    Timeouts withHead(Duration limit) {
        return new Timeouts(handshake, limit, body, idle, write);
    }

    public Timeouts withBody(Duration limit) {
        return new Timeouts(handshake, head, limit, idle, write);
    }

    public Timeouts withIdle(Duration limit) {
        return new Timeouts(handshake, head, body, limit, write);
    }

    Timeouts withWrite(Duration limit) {
        return new Timeouts(handshake, head, body, idle, limit);
    }

    private static void requirePositive(Duration limit, String name) {
        if (!requireNonNull(limit, name).isPositive()) {
            throw new IllegalArgumentException(name + " is " + limit + ", must be longer than 0");
        }
    }
}
