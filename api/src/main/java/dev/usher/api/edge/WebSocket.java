package dev.usher.api.edge;

import static java.util.Objects.requireNonNull;

import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open WebSocket (RFC 6455). Messages are sent in one frame each, from any thread, without
 * waiting; they arrive in the order they were sent.
 *
 * <p>A peer that says nothing is pinged; one that does not answer within two and a half of those
 * times is gone, and so is one that takes nothing of what is sent to it.
 */
public final class WebSocket {

    private static final Logger LOG = LoggerFactory.getLogger(WebSocket.class);

    /** How much may wait for a slow peer, in characters or bytes. */
    private static final int MOST_UNSENT = 1 << 20;

    /** After so many messages that wait for the handler, no more are read. */
    private static final int MOST_WAITING = 64;

    private static final double PINGS_UNTIL_GONE = 2.5;

    /** The WebSocket's own close codes (RFC 6455 section 7.4, and 1012 of its registry). */
    public static final int NORMAL = 1000;

    public static final int POLICY_VIOLATION = 1008;
    public static final int INTERNAL_ERROR = 1011;
    public static final int RESTART = 1012;

    private final Listener listener;
    private final Connection connection;
    private final ServerWebSocket socket;
    private final WebSocketHandler handler;
    private final Duration ping;
    private final InetSocketAddress remoteAddress;

    /** What happened and was not handled yet; guarded by itself. */
    private final Queue<Event> events = new ArrayDeque<>(2);

    private boolean handling; // guarded by events

    /** Characters or bytes. */
    private final AtomicInteger unsent = new AtomicInteger();

    private volatile long heard = System.nanoTime();

    private interface Event {
        void handle() throws Exception;
    }

    private WebSocket(
            Listener listener,
            Connection connection,
            ServerWebSocket socket,
            WebSocketHandler handler,
            Duration ping) {
        this.listener = listener;
        this.connection = connection;
        this.socket = socket;
        this.handler = handler;
        this.ping = ping;
        this.remoteAddress = (InetSocketAddress) connection.channel().remoteAddress();
    }

    /** On the event loop of the connection, as everything that Vert.x calls here. */
    static void open(
            Listener listener,
            Connection connection,
            ServerWebSocket socket,
            WebSocketHandler handler,
            Duration ping) {
        WebSocket own = new WebSocket(listener, connection, socket, handler, ping);
        connection.untimed();
        listener.opened(own);
        socket.textMessageHandler(text -> own.happened(() -> handler.received(own, text)));
        socket.binaryMessageHandler(
                bytes -> own.happened(() -> handler.received(own, bytes.getBytes())));
        socket.pongHandler(pong -> own.heard = System.nanoTime());
        socket.exceptionHandler(
                broken -> LOG.debug("{}: a WebSocket broke", listener.name(), broken));
        socket.closeHandler(closed -> own.gone());
        own.happened(() -> handler.opened(own));
        own.watch();
    }

    /** Sends a message of text; nothing happens if the socket is closed. */
    public void send(String message) {
        requireNonNull(message, "message");
        send(message.length(), () -> socket.writeTextMessage(message));
    }

    /** Sends a message of bytes; nothing happens if the socket is closed. */
    public void send(byte[] message) {
        send(message.length, () -> socket.writeBinaryMessage(Buffer.buffer(message)));
    }

    private void send(int length, Supplier<Future<Void>> write) {
        if (socket.isClosed()) {
            return;
        }
        if (unsent.addAndGet(length) > MOST_UNSENT) {
            LOG.debug("{}: {} takes nothing that is sent to it", listener.name(), remoteAddress);
            reset();
            return;
        }
        write.get().onComplete(sent -> unsent.addAndGet(-length));
    }

    /**
     * Closes the socket, after what was sent has left.
     *
     * @param code of RFC 6455 section 7.4
     * @param reason at most 123 bytes of UTF-8
     */
    public void close(int code, String reason) {
        if (!socket.isClosed()) {
            var _ = socket.close((short) code, reason);
        }
    }

    public InetSocketAddress remoteAddress() {
        return remoteAddress;
    }

    private void reset() {
        connection.channel().eventLoop().execute(connection::reset);
    }

    private void gone() {
        happened(
                () -> {
                    try {
                        handler.closed(this);
                    } finally {
                        listener.closed(this);
                    }
                });
    }

    private void happened(Event event) {
        heard = System.nanoTime();
        synchronized (events) {
            events.add(event);
            if (events.size() == MOST_WAITING) {
                socket.pause();
            }
            if (handling) {
                return;
            }
            handling = true;
        }
        try {
            listener.execute(this::handleAll);
        } catch (RejectedExecutionException e) {
            LOG.debug("{} is closed: a WebSocket's last event is not handled", listener.name());
        }
    }

    private void handleAll() {
        while (true) {
            Event event;
            synchronized (events) {
                event = events.peek();
                if (event == null) {
                    handling = false;
                    return;
                }
            }
            try {
                event.handle();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return; // the listener is closing and has waited long enough
            } catch (Throwable e) {
                LOG.error("{}: a WebSocket's message failed", listener.name(), e);
                close(INTERNAL_ERROR, "internal error");
            }
            synchronized (events) {
                events.remove();
                if (events.size() == MOST_WAITING / 2) {
                    socket.resume();
                }
            }
        }
    }

    private void watch() {
        Channel channel = connection.channel();
        ScheduledFuture<?> watch =
                channel.eventLoop()
                        .scheduleWithFixedDelay(
                                this::pingOrGiveUp,
                                ping.toNanos(),
                                ping.toNanos(),
                                TimeUnit.NANOSECONDS);
        channel.closeFuture().addListener(closed -> watch.cancel(false));
    }

    private void pingOrGiveUp() {
        long silent = System.nanoTime() - heard;
        if (silent > PINGS_UNTIL_GONE * ping.toNanos()) {
            LOG.debug("{}: {} answers no ping", listener.name(), remoteAddress);
            connection.reset();
        } else if (silent >= ping.toNanos() / 2) {
            var _ = socket.writePing(Buffer.buffer());
        }
    }
}
