package dev.usher.simulator;

/** The two servers of a gateway, and the schemes of their URIs. */
enum Peer {
    CUPS("cups", "http"),
    LNS("tc", "ws");

    private final String prefix;
    private final String scheme;

    Peer(String prefix, String scheme) {
        this.prefix = prefix;
        this.scheme = scheme;
    }

    /** What its file names begin with. */
    String prefix() {
        return prefix;
    }

    /** Its scheme without TLS; with TLS an {@code s} follows. */
    String scheme() {
        return scheme;
    }
}
