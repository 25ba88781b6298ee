package dev.usher.network.cups;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** A server on loopback that shakes hands, or does something else, with whoever connects. */
public final class TlsServer implements AutoCloseable {

    private final ServerSocket listening;
    private final Visit visit;
    private final Thread serving;
    private final AtomicInteger visits = new AtomicInteger();

    /** What it does with a connection; it is closed afterwards. */
    @FunctionalInterface
    interface Visit {
        void with(Socket socket) throws IOException;
    }

    private TlsServer(ServerSocket listening, Visit visit) {
        this.listening = listening;
        this.visit = visit;
        this.serving = Thread.ofVirtual().start(this::serve);
    }

    public static TlsServer with(PrivateKey key, X509Certificate... chain) {
        return with(_ -> {}, key, chain);
    }

    /** One on a port that another has just left. */
    static TlsServer at(int port, PrivateKey key, X509Certificate... chain) {
        return with(port, _ -> {}, key, chain);
    }

    /** One that wants something special of those who connect. */
    static TlsServer with(
            Consumer<SSLServerSocket> special, PrivateKey key, X509Certificate... chain) {
        return with(0, special, key, chain);
    }

    private static TlsServer with(
            int port, Consumer<SSLServerSocket> special, PrivateKey key, X509Certificate... chain) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", key, new char[0], chain);
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            SSLServerSocket socket =
                    (SSLServerSocket)
                            context.getServerSocketFactory()
                                    .createServerSocket(port, 8, InetAddress.getLoopbackAddress());
            special.accept(socket);
            return new TlsServer(socket, visitor -> ((SSLSocket) visitor).startHandshake());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One that speaks no TLS of its own accord. */
    static TlsServer raw(Visit visit) throws IOException {
        return new TlsServer(new ServerSocket(0, 8, InetAddress.getLoopbackAddress()), visit);
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** How often somebody connected. */
    int visits() {
        return visits.get();
    }

    private void serve() {
        while (!listening.isClosed()) {
            try (Socket socket = listening.accept()) {
                visits.incrementAndGet();
                visit.with(socket);
            } catch (IOException e) {
                // Whoever came has left, or the server is closed.
            }
        }
    }

    /** Nobody can connect any more once this is done. */
    @Override
    public void close() throws IOException {
        listening.close();
        try {
            // The port is given back by the thread that waits on it.
            serving.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
