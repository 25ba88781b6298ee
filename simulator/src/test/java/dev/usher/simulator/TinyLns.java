package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;

/**
 * An LNS on loopback that sends what it is told to, well-behaved or not: discovery is answered as
 * set, and each connection for traffic is handed to the test.
 */
final class TinyLns implements AutoCloseable {

    private static final String WELCOME =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n";

    private final ServerSocket listener;
    private final String scheme;
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Link> links = new LinkedBlockingQueue<>();
    private volatile String discovery;
    private volatile String upgrade = WELCOME;

    /** Without TLS. */
    static TinyLns plain() {
        return new TinyLns(ServerSocketFactory.getDefault(), "ws");
    }

    static TinyLns secure(ServerSocketFactory factory) {
        return new TinyLns(factory, "wss");
    }

    private TinyLns(ServerSocketFactory factory, String scheme) {
        this.scheme = scheme;
        try {
            this.listener = factory.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        this.discovery = "{\"router\":\"::1\",\"muxs\":\"::0\",\"uri\":\"" + uri() + "/traffic\"}";
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
        try {
            String head = readHead(socket.getInputStream());
            heads.add(head);
            socket.getOutputStream().write(upgrade.getBytes(ISO_8859_1));
            if (!upgrade.equals(WELCOME)) {
                socket.close();
                return;
            }
            Link link = new Link(socket);
            if (head.startsWith("GET /router-info ")) {
                link.next();
                link.send(discovery);
                link.awaitEnd();
            } else {
                links.add(link);
            }
        } catch (IOException | InterruptedException e) {
            // a station that does not like what it gets is what many tests are about
        }
    }

    private static String readHead(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("no request");
            }
            head.write(next);
        }
        return head.toString(ISO_8859_1);
    }

    String uri() {
        return scheme + "://localhost:" + listener.getLocalPort();
    }

    /** What discovery answers from now on. */
    void discovery(String json) {
        discovery = json;
    }

    /** What a request for a WebSocket is answered with from now on, before it is closed. */
    void refuse(String head) {
        upgrade = head;
    }

    void welcome() {
        upgrade = WELCOME;
    }

    /** All requests so far. */
    List<String> heads() {
        return heads;
    }

    /** The next connection for traffic. */
    Link link() throws InterruptedException {
        Link link = links.poll(10, TimeUnit.SECONDS);
        if (link == null) {
            throw new AssertionError("no station has connected");
        }
        return link;
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A station that is connected. */
    static final class Link {

        private static final String END = "";

        private final Socket socket;
        private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();

        Link(Socket socket) {
            this.socket = socket;
            Thread.ofVirtual().start(this::read);
        }

        private void read() {
            try {
                InputStream in = socket.getInputStream();
                while (true) {
                    int first = in.read();
                    if (first < 0) {
                        break;
                    }
                    int length = in.read() & 0x7F;
                    length = length < 126 ? length : (in.read() << 8) | in.read();
                    byte[] mask = in.readNBytes(4);
                    byte[] payload = in.readNBytes(length);
                    for (int i = 0; i < length; i++) {
                        payload[i] ^= mask[i % 4];
                    }
                    String text = new String(payload, UTF_8);
                    switch (first & 0xF) {
                        case 1 -> messages.add(text);
                        case 8 ->
                                messages.add("close " + ((payload[0] << 8) | (payload[1] & 0xFF)));
                        case 10 -> messages.add("pong " + text);
                        default -> messages.add("opcode " + (first & 0xF));
                    }
                }
            } catch (IOException gone) {
                // the end is what is reported
            }
            messages.add(END);
        }

        /** The next message of the station, {@code pong …} and {@code close …} included. */
        String next() throws InterruptedException {
            String next = messages.poll(10, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("the station says nothing");
            }
            return next;
        }

        /** Waits until the station has hung up. */
        void awaitEnd() throws InterruptedException {
            while (!next().equals(END)) {
                // what it said before does not matter
            }
        }

        void send(String text) {
            frame(0x81, text.getBytes(UTF_8));
        }

        /** A frame whose first byte, FIN and opcode, is this. */
        void frame(int first, byte[] payload) {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            frame.write(first);
            if (payload.length < 126) {
                frame.write(payload.length);
            } else {
                frame.write(126);
                frame.write(payload.length >> 8);
                frame.write(payload.length);
            }
            frame.writeBytes(payload);
            raw(frame.toByteArray());
        }

        void raw(byte... bytes) {
            try {
                socket.getOutputStream().write(bytes);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        /** Hangs up. */
        void cut() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
