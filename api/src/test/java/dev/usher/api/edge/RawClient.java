package dev.usher.api.edge;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** A client that sends and shows bytes as they are. */
final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 10_000;

    private final Socket socket;

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
    }

    static RawClient plain(Listener listener) throws IOException {
        return new RawClient(new Socket(InetAddress.getLoopbackAddress(), listener.port()));
    }

    /** Connected, the handshake done as far as the client can tell. */
    static RawClient tls(Listener listener, SSLContext context, String... protocols)
            throws IOException {
        SSLSocket socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(InetAddress.getLoopbackAddress(), listener.port());
        RawClient client = new RawClient(socket);
        if (protocols.length > 0) {
            socket.setEnabledProtocols(protocols);
        }
        socket.startHandshake();
        return client;
    }

    /** A message written as a text block, with the line ends HTTP has. */
    static String http(String message) {
        return message.replace("\n", "\r\n");
    }

    SSLSession session() {
        return ((SSLSocket) socket).getSession();
    }

    RawClient send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    /** The next answer, head and body, as it came; its body is as long as Content-Length says. */
    String readAnswer() throws IOException {
        String head = readHead();
        int start = head.toLowerCase(Locale.ROOT).indexOf("content-length:");
        if (start < 0) {
            return head;
        }
        int end = head.indexOf("\r\n", start);
        int length = Integer.parseInt(head.substring(start + 15, end).strip());
        return head + new String(in().readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    String readHead() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in().read();
            if (next < 0) {
                throw new EOFException("closed after " + head.size() + " bytes");
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in().read(); next != '\n'; next = in().read()) {
            if (next < 0) {
                throw new EOFException("closed after " + line.size() + " bytes");
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** All that comes until the server closes; an {@link IOException} if it resets. */
    String readToEnd() throws IOException {
        return new String(in().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    InputStream in() throws IOException {
        return socket.getInputStream();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
