package dev.usher.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.usher.backend.Answer;
import dev.usher.backend.AppSKeyReq;
import dev.usher.backend.BackendCodec;
import dev.usher.backend.HomeNsReq;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.NetworkKeys;
import dev.usher.backend.Octets;
import dev.usher.backend.RejoinAns;
import dev.usher.backend.RejoinReq;
import dev.usher.backend.Request;
import dev.usher.backend.SessionGrant;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.NetId;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A Join Server on loopback that behaves as a test wants it to, byte by byte. */
final class TestJoinServer implements AutoCloseable {

    /** What it does with a request. */
    sealed interface Reaction {

        /** Answers over a connection that stays open. */
        record Reply(int status, String headers, byte[] body) implements Reaction {}

        /** Closes the connection without an answer. */
        record HangUp() implements Reaction {}

        /** Does nothing until the server is closed. */
        record Silence() implements Reaction {}
    }

    /** A request as it came in. */
    record Received(
            String path,
            Map<String, String> headers,
            byte[] body,
            int connection,
            Optional<X509Certificate> client) {

        Request message() {
            return (Request) BackendCodec.parse(body);
        }
    }

    static final AesKey KEY = AesKey.parse("00112233445566778899AABBCCDDEEFF");
    static final Octets JOIN_ACCEPT = Octets.parse("204D675073BB4153833BFE3DF4DAEB06F5");

    private final ServerSocket listener;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<Received> received = new ArrayList<>();
    private final ConcurrentLinkedQueue<Socket> connections = new ConcurrentLinkedQueue<>();
    private volatile Function<Received, Reaction> behaviour = request -> reply(success(request));

    private TestJoinServer(ServerSocket listener) {
        this.listener = listener;
        Thread.ofVirtual().start(this::accept);
    }

    /** Without TLS. */
    static TestJoinServer plain() {
        return listening(null, false);
    }

    /** As the holder of a certificate; it asks for client certificates of the same authority. */
    static TestJoinServer of(Certificates authority, String host) {
        return of(authority, host, false);
    }

    static TestJoinServer of(Certificates authority, String host, boolean needsClientCertificate) {
        Tls tls =
                Tls.of(
                        List.of(authority.authority().certificate()),
                        Optional.of(authority.issue(host).identity()));
        return listening(tls, needsClientCertificate);
    }

    private static TestJoinServer listening(@Nullable Tls tls, boolean needsClientCertificate) {
        try {
            InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
            if (tls == null) {
                return new TestJoinServer(new ServerSocket(0, 50, loopback));
            }
            SSLServerSocket listener =
                    (SSLServerSocket)
                            tls.context()
                                    .getServerSocketFactory()
                                    .createServerSocket(0, 50, loopback);
            if (needsClientCertificate) {
                listener.setNeedClientAuth(true);
            } else {
                listener.setWantClientAuth(true);
            }
            return new TestJoinServer(listener);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    TestJoinServer doing(Function<Received, Reaction> other) {
        behaviour = other;
        return this;
    }

    /** Answers each request with what this makes of it. */
    TestJoinServer answering(Function<Request, Answer> answers) {
        return doing(request -> reply(answers.apply(request.message())));
    }

    List<Received> received() {
        synchronized (received) {
            return List.copyOf(received);
        }
    }

    static Reaction reply(Answer answer) {
        return reply(200, BackendCodec.write(answer));
    }

    static Reaction reply(int status, byte[] body) {
        return new Reaction.Reply(status, "", body);
    }

    static Reaction reply(int status, String body) {
        return reply(status, body.getBytes(UTF_8));
    }

    /** What a friendly Join Server answers. */
    static Answer success(Received request) {
        return success(request.message());
    }

    static Answer success(Request request) {
        return switch (request) {
            case JoinReq join -> JoinAns.success(join.header().answer(), GRANT);
            case RejoinReq rejoin -> RejoinAns.success(rejoin.header().answer(), GRANT);
            case AppSKeyReq appSKey -> appSKey.success(KeyEnvelope.clear(KEY));
            case HomeNsReq homeNs -> homeNs.success(NetId.parse("000013"), Optional.empty());
        };
    }

    private static final SessionGrant GRANT =
            new SessionGrant(
                    JOIN_ACCEPT,
                    OptionalLong.of(0),
                    new NetworkKeys.R1_0(KeyEnvelope.clear(KEY)),
                    Optional.empty(),
                    Optional.of(Octets.parse("0102")));

    private void accept() {
        try {
            for (int number = 1; ; number++) {
                Socket socket = listener.accept();
                connections.add(socket);
                int connection = number;
                Thread.ofVirtual().start(() -> serve(socket, connection));
            }
        } catch (IOException e) {
            // Closed, which is how it ends.
        }
    }

    private void serve(Socket socket, int connection) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            for (Received request = read(in, socket, connection);
                    request != null;
                    request = read(in, socket, connection)) {
                synchronized (received) {
                    received.add(request);
                }
                switch (behaviour.apply(request)) {
                    case Reaction.Reply reply -> {
                        out.write(
                                "HTTP/1.1 %d Test\r\nContent-Length: %d\r\n%s\r\n"
                                        .formatted(
                                                reply.status(),
                                                reply.body().length,
                                                reply.headers())
                                        .getBytes(ISO_8859_1));
                        out.write(reply.body());
                        out.flush();
                    }
                    case Reaction.HangUp _ -> {
                        return;
                    }
                    case Reaction.Silence _ -> {
                        closed.await();
                        return;
                    }
                }
            }
        } catch (IOException | InterruptedException e) {
            // The client went away, or did not like the certificate.
        }
    }

    private static @Nullable Received read(InputStream in, Socket socket, int connection)
            throws IOException {
        String requestLine = line(in);
        if (requestLine.isEmpty()) {
            return null;
        }
        Map<String, String> headers = new TreeMap<>();
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        return new Received(
                requestLine.split(" ", -1)[1], headers, body, connection, client(socket));
    }

    private static Optional<X509Certificate> client(Socket socket) {
        try {
            return socket instanceof SSLSocket tls
                    ? Optional.of((X509Certificate) tls.getSession().getPeerCertificates()[0])
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            listener.close();
            for (Socket socket : connections) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
