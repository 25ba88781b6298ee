package dev.usher.api.edge;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.WebSocketServerConfig;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TcpOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One event loop's share of a listener: Vert.x spreads its connections over several of these. */
final class ListenerLoop extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(ListenerLoop.class);

    /** The kernel cuts it to net.core.somaxconn; while the gate is shut all peers wait in here. */
    private static final int BACKLOG = 65_535;

    /** The largest frame or message of a WebSocket, in bytes. */
    private static final int WEB_SOCKET_BYTES = 64 * 1024;

    private final Listener listener;
    private final SocketAddress address;

    ListenerLoop(Listener listener, SocketAddress address) {
        this.listener = listener;
        this.address = address;
    }

    @Override
    public Future<?> start() {
        HttpServerConfig config =
                new HttpServerConfig().setVersions(HttpVersion.HTTP_1_0, HttpVersion.HTTP_1_1);
        config.getTcpConfig()
                .setAcceptBacklog(BACKLOG)
                .getTransportConfig()
                .setOption(TcpOption.NODELAY, true);
        config.setWebSocketConfig(
                new WebSocketServerConfig()
                        .setMaxFrameSize(WEB_SOCKET_BYTES)
                        .setMaxMessageSize(WEB_SOCKET_BYTES)
                        .setUsePerFrameCompression(false)
                        .setUsePerMessageCompression(false));
        HttpServer server =
                listener.build(vertx, config)
                        .connectionHandler(this::connected)
                        .requestHandler(this::requested)
                        .invalidRequestHandler(this::malformed)
                        .exceptionHandler(this::broken);
        return server.listen(address).onSuccess(listener::opened);
    }

    private void connected(HttpConnection http) {
        Connection connection = Connection.open(http);
        listener.gate().ready(connection.channel());
        if (listener.isClosing()) {
            connection.reset();
        } else {
            connection.within(listener.options().timeouts().head());
        }
    }

    private void requested(HttpServerRequest http) {
        exchange(http).begin();
    }

    private void malformed(HttpServerRequest http) {
        Throwable cause = http.decoderResult().cause();
        LOG.debug("{}: malformed request: {}", listener.name(), cause.getMessage());
        exchange(http)
                .refuse(
                        switch (cause) {
                            case TooLongHttpLineException _ -> 414;
                            case TooLongHttpHeaderException _ -> 431;
                            default -> 400;
                        });
    }

    private Exchange exchange(HttpServerRequest http) {
        return new Exchange(listener, Connection.of(http.connection()), context, http);
    }

    /** Failed handshakes, resets, garbage: what peers do, and no news. */
    private void broken(Throwable cause) {
        LOG.debug("{}: connection failed: {}", listener.name(), cause.toString());
    }
}
