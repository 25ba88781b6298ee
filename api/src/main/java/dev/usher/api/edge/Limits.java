package dev.usher.api.edge;

/**
 * How much one listener takes on. Beyond {@code connections} or {@code inFlight} it refuses nobody:
 * it stops accepting, new peers wait in the kernel's backlog, and it goes on accepting below the
 * limit.
 *
 * @param bodyBytes the largest request body
 * @param connections open connections, those still in their TLS handshake included
 * @param inFlight requests that wait for or are inside their handler; so many handlers run at once
 */
public record Limits(int bodyBytes, int connections, int inFlight) {

    /** 1 MiB bodies, 10,000 connections, 512 requests at once. */
    public static final Limits DEFAULT = new Limits(1 << 20, 10_000, 512);

    public Limits {
        requirePositive(bodyBytes, "bodyBytes");
        requirePositive(connections, "connections");
        requirePositive(inFlight, "inFlight");
    }

    /**
     * How much memory the bodies of all requests take up together: 16 MiB, or one of the largest. A
     * peer whose body finds no room is refused.
     */
    long bodiesBytes() {
        return Math.max(16 << 20, bodyBytes);
    }

    public Limits withBodyBytes(int bytes) {
        return new Limits(bytes, connections, inFlight);
    }

    public Limits withConnections(int count) {
        return new Limits(bodyBytes, count, inFlight);
    }

    Limits withInFlight(int count) {
        return new Limits(bodyBytes, connections, count);
    }

    private static void requirePositive(int value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + ", must be at least 1");
        }
    }
}
