package dev.usher.api.edge;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the event loops and the listeners on them. Event loops read, encrypt and write; every
 * request is handled on a virtual thread of its own.
 */
public final class Edge implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Edge.class);

    private final MeterRegistry meters;
    private final TlsEngine engine;
    private final int loops;
    private final GatedTransport transport = new GatedTransport();
    private final Vertx vertx;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private int freePorts;

    private Edge(MeterRegistry meters, TlsEngine engine) {
        this.meters = requireNonNull(meters, "meters");
        this.engine = engine;
        this.loops = Runtime.getRuntime().availableProcessors();
        this.vertx =
                Vertx.builder()
                        .with(
                                new VertxOptions()
                                        .setEventLoopPoolSize(loops)
                                        .setFileSystemOptions(
                                                // No files are served, so no cache of them on disk.
                                                new FileSystemOptions()
                                                        .setFileCachingEnabled(false)
                                                        .setClassPathResolvingEnabled(false)))
                        .withTransport(transport)
                        .build();
    }

    /**
     * Loads what TLS needs, which takes a while: the native library, and Java's own tables of the
     * curve with which certificates are checked. It is loaded when it is needed as well; this is
     * for a start that has something else to do in another thread meanwhile.
     */
    public static void prepare() {
        try {
            KeyPairGenerator curve = KeyPairGenerator.getInstance("EC");
            curve.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair _ = curve.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has P-256", e);
        }
        TlsEngine.load();
    }

    /** Without meters that anyone reads. */
    public static Edge create() {
        return create(new SimpleMeterRegistry());
    }

    /**
     * With meters.
     *
     * @param meters where connections, requests, their times and failed handshakes are counted, all
     *     named {@code usher.edge.…}
     */
    public static Edge create(MeterRegistry meters) {
        return create(meters, TlsEngine.best());
    }

    static Edge create(MeterRegistry meters, TlsEngine engine) {
        return new Edge(meters, engine);
    }

    /**
     * Opens a port.
     *
     * @throws IOException if the address is unknown or taken; the message names listener, address
     *     and port
     */
    public synchronized Listener listen(ListenerOptions options, Handler handler)
            throws IOException {
        requireNonNull(handler, "handler");
        AcceptGate gate = new AcceptGate(options.limits());
        Listener listener =
                new Listener(
                        vertx,
                        engine,
                        options,
                        handler,
                        gate,
                        new ListenerMeters(meters, options.name(), gate));
        transport.gateNext(gate);
        listener.open(address(options), loops);
        listeners.add(listener);
        LOG.info("{} listens on {}:{}", listener.name(), options.bindAddress(), listener.port());
        return listener;
    }

    /**
     * Closes all listeners at once, each as {@link Listener#close(Duration)} does, then the event
     * loops.
     */
    public void close(Duration patience) {
        List<Thread> closers =
                listeners.stream()
                        .map(listener -> Thread.startVirtualThread(() -> listener.close(patience)))
                        .toList();
        try {
            for (Thread closer : closers) {
                closer.join();
            }
            vertx.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.warn("The event loops did not stop", e);
        }
    }

    /** Closes within 5 seconds and a bit. */
    @Override
    public void close() {
        close(PATIENCE);
    }

    private SocketAddress address(ListenerOptions options) throws IOException {
        String local = InetAddress.getByName(options.bindAddress()).getHostAddress();
        // With port 0 each event loop of a listener would find another free port.
        return options.port() == 0
                ? SocketAddress.sharedRandomPort(++freePorts, local)
                : SocketAddress.inetSocketAddress(options.port(), local);
    }
}
