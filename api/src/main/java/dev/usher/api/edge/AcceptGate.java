package dev.usher.api.edge;

import io.netty.channel.Channel;
import io.netty.channel.socket.ServerSocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a listener has on its hands, and stops accepting while that is enough. The kernel's
 * backlog then holds the peers; none of them is refused.
 */
final class AcceptGate {

    private final Limits limits;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder broken = new LongAdder();
    private final LongAdder pauses = new LongAdder();
    private final Set<Channel> unready = ConcurrentHashMap.newKeySet();
    private volatile @Nullable ServerSocketChannel server;
    private volatile boolean paused;

    AcceptGate(Limits limits) {
        this.limits = limits;
    }

    /** This is the server socket whose gate it is. */
    void guards(ServerSocketChannel socket) {
        server = socket;
    }

    /** The server socket has taken this connection; called on the server socket's event loop. */
    void accepted(Channel connection) {
        accepted.increment();
        connections.incrementAndGet();
        unready.add(connection);
        connection
                .closeFuture()
                .addListener(
                        closed -> {
                            if (unready.remove(connection)) {
                                broken.increment();
                            }
                            connections.decrementAndGet();
                            settleSoon();
                        });
        settle();
    }

    /** The connection speaks HTTP now: its TLS handshake, if any, is done. */
    void ready(Channel connection) {
        unready.remove(connection);
    }

    void entered() {
        inFlight.incrementAndGet();
        settleSoon();
    }

    void left() {
        inFlight.decrementAndGet();
        settleSoon();
    }

    /** Closes the server socket; nothing is accepted once this returns. */
    void shut() {
        ServerSocketChannel socket = server;
        if (socket != null) {
            socket.close().awaitUninterruptibly();
        }
    }

    /** Closes the connections that are still in their TLS handshake. */
    void closeUnready() {
        for (Channel connection : unready) {
            var _ = connection.close();
        }
    }

    boolean isFull() {
        return connections.get() >= limits.connections() || inFlight.get() >= limits.inFlight();
    }

    int connections() {
        return connections.get();
    }

    int inFlight() {
        return inFlight.get();
    }

    long acceptedInAll() {
        return accepted.sum();
    }

    /** Connections that ended before they were ready: failed or given-up handshakes. */
    long brokenInAll() {
        return broken.sum();
    }

    long pausesInAll() {
        return pauses.sum();
    }

    /** On the server socket's event loop, so that pausing and resuming never cross. */
    void settle() {
        ServerSocketChannel socket = server;
        if (socket == null) {
            return;
        }
        boolean full;
        do {
            full = isFull();
            if (full && !paused) {
                pauses.increment();
            }
            paused = full;
            socket.config().setAutoRead(!full);
            // Who left between the two looks may have seen the old state and called nobody.
        } while (full != isFull());
    }

    private void settleSoon() {
        ServerSocketChannel socket = server;
        if (socket != null && socket.isOpen() && isFull() != paused) {
            socket.eventLoop().execute(this::settle);
        }
    }
}
