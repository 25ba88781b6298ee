package dev.usher.api.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection and the time limit of the step it is in. Everything here happens on its event
 * loop.
 */
final class Connection {

    private static final AttributeKey<Connection> KEY =
            AttributeKey.valueOf(Connection.class, "edge");

    private final Channel channel;
    private @Nullable ScheduledFuture<?> limit;
    private @Nullable Exchange current;

    private Connection(Channel channel) {
        this.channel = channel;
    }

    static Connection open(HttpConnection http) {
        Connection connection = new Connection(channelOf(http));
        connection.channel.attr(KEY).set(connection);
        KnownVersions.guard(connection.channel);
        connection.channel.closeFuture().addListener(closed -> connection.closed());
        return connection;
    }

    private void closed() {
        untimed();
        if (current != null) {
            current.gone();
        }
    }

    static Connection of(HttpConnection http) {
        return channelOf(http).attr(KEY).get();
    }

    Channel channel() {
        return channel;
    }

    void begin(Exchange exchange) {
        current = exchange;
    }

    /** The exchange is over; unless the next one, sent ahead, has begun, wait for it that long. */
    void end(Exchange exchange, Duration idle) {
        if (current == exchange) {
            current = null;
            linger(idle);
        }
    }

    /** Resets the connection unless the next step begins within this time. */
    void within(Duration time) {
        after(time, this::reset);
    }

    /** Closes the connection in order after this time; what was said can still be read. */
    void linger(Duration time) {
        after(
                time,
                () -> {
                    var _ = channel.close();
                });
    }

    void untimed() {
        if (limit != null) {
            limit.cancel(false);
            limit = null;
        }
    }

    /**
     * Ends the connection with a TCP reset. Past the TLS layer, so that no close_notify is
     * encrypted, sent and waited for; and a reset leaves no TIME_WAIT behind.
     */
    void reset() {
        untimed();
        if (!channel.isOpen()) {
            return;
        }
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        channel.unsafe().close(channel.voidPromise());
    }

    private void after(Duration time, Runnable end) {
        untimed();
        limit = channel.eventLoop().schedule(end, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * The public interface of Vert.x has no way to the channel, and its close() is a polite one.
     */
    private static Channel channelOf(HttpConnection http) {
        return ((HttpServerConnection) http).channelHandlerContext().channel();
    }
}
