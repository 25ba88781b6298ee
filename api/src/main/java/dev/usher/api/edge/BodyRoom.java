package dev.usher.api.edge;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory the request bodies of one listener take up together. Anybody can send bodies, and
 * send them slowly, before a handler asks who it is: without a bound a few hundred peers would
 * leave no memory for anybody.
 */
final class BodyRoom {

    /**
     * What each body may have without asking for room: more than a gateway or a Network Server
     * sends, so that neither is refused while others fill the room.
     */
    static final int FREE = 8 * 1024;

    private final AtomicLong left;

    BodyRoom(Limits limits) {
        this.left = new AtomicLong(limits.bodiesBytes());
    }

    /** Whether there was room for so many bytes; they are taken then. */
    boolean take(long bytes) {
        if (left.addAndGet(-bytes) >= 0) {
            return true;
        }
        give(bytes);
        return false;
    }

    void give(long bytes) {
        left.addAndGet(bytes);
    }
}
