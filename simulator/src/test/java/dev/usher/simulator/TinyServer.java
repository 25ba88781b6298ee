package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.usher.station.UpdateInfoRequest;
import dev.usher.station.UpdateInfoResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ServerSocketFactory;

/**
 * A server on loopback that writes what it is told to, well-behaved or not, and closes. Every
 * request is kept.
 */
final class TinyServer implements AutoCloseable {

    private static final Pattern LENGTH = Pattern.compile("Content-Length: *([0-9]+)\r\n");

    /** Writes an answer. */
    @FunctionalInterface
    interface Answer {

        void write(Request request, OutputStream out) throws IOException;
    }

    /** A request as it came in. */
    record Request(String head, String body) {

        UpdateInfoRequest message() {
            return UpdateInfoRequest.parse(body.getBytes(ISO_8859_1));
        }
    }

    private final ServerSocket listener;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile Answer answer;

    /** Without TLS. */
    static TinyServer plain(Answer answer) {
        return new TinyServer(ServerSocketFactory.getDefault(), answer);
    }

    TinyServer(ServerSocketFactory factory, Answer answer) {
        this.answer = answer;
        try {
            this.listener = factory.createServerSocket(0, 1000, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            Request request = read(socket.getInputStream());
            requests.add(request);
            answer.write(request, socket.getOutputStream());
            // A station closes first; to close here at once could reset its connection.
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            // a station that does not like what it gets is what many tests are about
        }
    }

    private static Request read(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("no request");
            }
            head.write(next);
        }
        Matcher length = LENGTH.matcher(head.toString(ISO_8859_1));
        byte[] body = in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
        return new Request(head.toString(ISO_8859_1), new String(body, ISO_8859_1));
    }

    void answer(Answer next) {
        answer = next;
    }

    List<Request> requests() {
        return requests;
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Where nobody listens. */
    static String uriOfNobody() {
        try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "http://localhost:" + unused.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    String uri() {
        return "http://localhost:" + port();
    }

    String secureUri() {
        return "https://localhost:" + port();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Status 200 and this body, all in one piece. */
    static Answer ok(byte[] body) {
        return raw("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n", body);
    }

    /** What the message says, and the update behind it. */
    static Answer ok(UpdateInfoResponse message, byte... update) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(message.head());
        body.writeBytes(update);
        return ok(body.toByteArray());
    }

    static Answer raw(String head, byte... body) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.getBytes(ISO_8859_1));
        all.writeBytes(body);
        return (request, out) -> {
            out.write(all.toByteArray());
            out.flush();
        };
    }
}
