package dev.usher.api.edge;

import static java.util.Objects.requireNonNull;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerBuilder;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An open port and the handler behind it; made by {@link Edge#listen}. */
public final class Listener implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    /** What an interrupted handler gets to clean up. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final TlsEngine engine;
    private final ListenerOptions options;
    private final Handler handler;
    private final AcceptGate gate;
    private final ListenerMeters meters;
    private final Semaphore permits;
    private final BodyRoom room;
    private final ExecutorService threads;
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
    private final Set<WebSocket> webSockets = ConcurrentHashMap.newKeySet();

    /** Its parties: this listener, and each WebSocket until its handler knows that it is closed. */
    private final Phaser webSocketsOpen = new Phaser(1);

    private volatile boolean closing;

    Listener(
            Vertx vertx,
            TlsEngine engine,
            ListenerOptions options,
            Handler handler,
            AcceptGate gate,
            ListenerMeters meters) {
        this.vertx = vertx;
        this.engine = engine;
        this.options = options;
        this.handler = handler;
        this.gate = gate;
        this.meters = meters;
        this.permits = new Semaphore(options.limits().inFlight(), true);
        this.room = new BodyRoom(options.limits());
        this.threads =
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name(options.name() + "-", 0).factory());
    }

    public String name() {
        return options.name();
    }

    /** The port it listens on: the one asked for, or the free one found for port 0. */
    public int port() {
        return servers.getFirst().actualPort();
    }

    /** Open connections, those in their TLS handshake included. */
    public int connections() {
        return gate.connections();
    }

    /**
     * Shows another certificate from the next handshake on; open connections go on as they are.
     *
     * @throws IllegalStateException if the listener has no TLS, or the TLS engine cannot use it;
     *     the old certificate then stays
     */
    public void reload(ServerCertificate certificate) {
        requireNonNull(certificate, "certificate");
        TlsOptions old =
                options.tls().orElseThrow(() -> new IllegalStateException(name() + " has no TLS"));
        try {
            finish(
                    servers.getFirst()
                            .updateSSLOptions(tls(new TlsOptions(certificate, old.clients()))),
                    options.timeouts().handshake());
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(name() + " could not take " + certificate, e);
        }
    }

    /**
     * Stops accepting, lets the requests at hand finish, and closes; a handler that takes longer is
     * interrupted and its connection closed.
     *
     * @param patience how long the requests at hand have at most
     */
    public void close(Duration patience) {
        if (closing) {
            return;
        }
        closing = true;
        long began = System.nanoTime();
        // Before Vert.x lets go of its event loops: it would warn of what comes in after that.
        gate.shut();
        // Before Vert.x closes them, with a reason of its own.
        webSockets.forEach(socket -> socket.close(WebSocket.RESTART, "restart"));
        Future<?> shut = Future.join(servers.stream().map(s -> s.shutdown(patience)).toList());
        gate.closeUnready();
        try {
            finish(shut, patience.plus(LAST_WORDS));
        } catch (ExecutionException e) {
            LOG.warn("{} did not close as it should", name(), e);
        } catch (TimeoutException e) {
            LOG.warn("{} did not close in time", name());
        }
        Duration left = patience.minusNanos(System.nanoTime() - began);
        awaitWebSockets(left.compareTo(LAST_WORDS) > 0 ? left : LAST_WORDS);
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("{}: a handler does not heed its interruption", name());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        meters.remove();
    }

    private void awaitWebSockets(Duration patience) {
        try {
            webSocketsOpen.awaitAdvanceInterruptibly(
                    webSocketsOpen.arriveAndDeregister(),
                    patience.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            LOG.warn("{}: {} WebSockets were not closed in time", name(), webSockets.size());
        }
    }

    /** Closes within 5 seconds. */
    @Override
    public void close() {
        close(Edge.PATIENCE);
    }

    @Override
    public String toString() {
        return name() + " on port " + port();
    }

    void open(SocketAddress address, int loops) throws IOException {
        Future<String> deployed =
                vertx.deployVerticle(
                        () -> new ListenerLoop(this, address),
                        new DeploymentOptions().setInstances(loops));
        try {
            finish(deployed, options.timeouts().handshake());
        } catch (ExecutionException | TimeoutException e) {
            threads.shutdownNow();
            meters.remove();
            throw new IOException(
                    "%s cannot listen on %s:%d: %s"
                            .formatted(name(), options.bindAddress(), options.port(), reason(e)),
                    e);
        }
    }

    void opened(HttpServer server) {
        servers.add(server);
    }

    void opened(WebSocket socket) {
        webSocketsOpen.register();
        webSockets.add(socket);
        if (closing) {
            socket.close(WebSocket.RESTART, "restart");
        }
    }

    void closed(WebSocket socket) {
        webSockets.remove(socket);
        webSocketsOpen.arriveAndDeregister();
    }

    HttpServer build(Vertx owner, HttpServerConfig config) {
        HttpServerBuilder builder = owner.httpServerBuilder().with(config);
        options.tls().ifPresent(tls -> builder.with(tls(tls)).with(engine.options()));
        return builder.build();
    }

    void execute(Runnable exchange) {
        threads.execute(exchange);
    }

    ListenerOptions options() {
        return options;
    }

    Handler handler() {
        return handler;
    }

    AcceptGate gate() {
        return gate;
    }

    ListenerMeters meters() {
        return meters;
    }

    Semaphore permits() {
        return permits;
    }

    BodyRoom room() {
        return room;
    }

    boolean isClosing() {
        return closing;
    }

    private ServerSSLOptions tls(TlsOptions tls) {
        return engine.server(vertx, tls, options.timeouts().handshake());
    }

    private static String reason(Exception e) {
        Throwable cause = e.getCause();
        return String.valueOf(cause == null ? e : cause.getMessage());
    }

    private static void finish(Future<?> future, Duration patience)
            throws ExecutionException, TimeoutException {
        try {
            future.toCompletionStage()
                    .toCompletableFuture()
                    .get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExecutionException(e);
        }
    }
}
