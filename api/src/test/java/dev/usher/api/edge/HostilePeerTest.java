package dev.usher.api.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A peer that means to exhaust the server (threat 10), over a WebSocket or on the way to one. */
@Timeout(60)
class HostilePeerTest {

    private static final int TEXT = 0x81;
    private static final int BEGINNING_OF_TEXT = 0x01;
    private static final int CONTINUATION = 0x00;
    private static final int COMPRESSED = 0x40;

    @AutoClose private final Edge edge = Edge.create();

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final CountDownLatch busy = new CountDownLatch(1);
    private Listener listener;

    @BeforeEach
    void listen() throws Exception {
        listener =
                edge.listen(
                        ListenerOptions.of("lns", "127.0.0.1", 0),
                        request ->
                                request.asksForWebSocket()
                                        ? Response.webSocket(new Counting(), Duration.ofMillis(200))
                                        : Response.of(200));
    }

    private final class Counting implements WebSocketHandler {

        @Override
        public void opened(WebSocket socket) {}

        @Override
        public void received(WebSocket socket, String message) throws InterruptedException {
            count.incrementAndGet();
            if (message.equals("wait")) {
                busy.await();
            }
            heard.add(message.length() > 20 ? message.length() + " characters" : message);
        }

        @Override
        public void received(WebSocket socket, byte[] message) {}

        @Override
        public void closed(WebSocket socket) {
            heard.add("closed");
        }
    }

    private Socket connect(String... headers) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port());
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        socket.getOutputStream()
                .write(
                        ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                                        + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                        + "Sec-WebSocket-Key: bpse8nVmEl6ZlX4lSb6RMw==\r\n"
                                        + more
                                        + "\r\n")
                                .getBytes(US_ASCII));
        return socket;
    }

    private static String head(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        return head.toString();
    }

    /** A frame under a mask of zeros, which leaves the content as it is. */
    private static byte[] frame(int first, byte[] content) {
        int length = content.length;
        int header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
        byte[] frame = new byte[header + 4 + length];
        frame[0] = (byte) first;
        frame[1] = (byte) (0x80 | (header == 2 ? length : header == 4 ? 126 : 127));
        for (int i = 0; i < header - 2; i++) {
            frame[header - 1 - i] = (byte) (i < 4 ? length >>> (8 * i) : 0);
        }
        System.arraycopy(content, 0, frame, header + 4, length);
        return frame;
    }

    private static byte[] letters(int length) {
        return "x".repeat(length).getBytes(US_ASCII);
    }

    private String next() throws InterruptedException {
        return String.valueOf(heard.poll(20, TimeUnit.SECONDS));
    }

    @Test
    void aFrameOfAMegabyteEndsTheSocket() throws Exception {
        try (Socket socket = connect()) {
            head(socket);
            sendAsMuchAsItTakes(socket, frame(TEXT, letters(1 << 20)));
            assertThat(next()).isEqualTo("closed");
        }
        assertThat(count).hasValue(0);
    }

    @Test
    void aMessageThatNeverEndsEndsTheSocket() throws Exception {
        try (Socket socket = connect()) {
            head(socket);
            sendAsMuchAsItTakes(socket, frame(BEGINNING_OF_TEXT, letters(1000)));
            for (int i = 0; i < 2000 && heard.isEmpty(); i++) {
                sendAsMuchAsItTakes(socket, frame(CONTINUATION, letters(1000)));
            }
            assertThat(next()).isEqualTo("closed");
        }
        assertThat(count).hasValue(0);
    }

    @Test
    void aFrameThatIsBegunAndNotGoneOnWithEndsTheSocketInTime() throws Exception {
        try (Socket socket = connect()) {
            head(socket);
            socket.getOutputStream().write(new byte[] {(byte) TEXT, (byte) 0x85, 0, 0});
            assertThat(next()).isEqualTo("closed"); // as it answers no ping
        }
    }

    @Test
    void compressionIsNotAgreedOnAndACompressedFrameEndsTheSocket() throws Exception {
        try (Socket socket =
                connect("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")) {
            assertThat(head(socket)).startsWith("HTTP/1.1 101").doesNotContain("deflate");
            sendAsMuchAsItTakes(socket, frame(TEXT | COMPRESSED, letters(100)));
            assertThat(next()).isEqualTo("closed");
        }
        assertThat(count).hasValue(0);
    }

    /** They wait in the sender's own buffers while the handler is busy, and others are served. */
    @Test
    void aFloodOfTinyMessagesHoldsUpNobodyElse() throws Exception {
        try (Socket flood = connect();
                Socket other = connect()) {
            head(flood);
            head(other);
            flood.setSoTimeout(1000);
            OutputStream out = flood.getOutputStream();
            out.write(frame(TEXT, "wait".getBytes(US_ASCII)));
            byte[] tiny = frame(TEXT, "t".getBytes(US_ASCII));
            byte[] many = new byte[tiny.length * 1000];
            for (int i = 0; i < many.length; i++) {
                many[i] = tiny[i % tiny.length];
            }
            Thread _ =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        for (int i = 0; i < 100; i++) {
                                            sendAsMuchAsItTakes(flood, many);
                                        }
                                    });
            other.getOutputStream().write(frame(TEXT, "hello".getBytes(US_ASCII)));
            assertThat(next()).isEqualTo("hello");
            Awaitility.await()
                    .until(() -> count.get() >= 2); // "wait" may come to it a moment later
            assertThat(count).hasValue(2); // none of the flood was handled
            busy.countDown();
            assertThat(next()).isEqualTo("wait");
        }
    }

    @Test
    void manyThatNeverFinishTheirRequestHoldUpNobodyElse() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 500; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port());
                slow.add(socket);
                socket.getOutputStream().write("GET /router-info HT".getBytes(US_ASCII));
            }
            long began = System.nanoTime();
            try (Socket station = connect()) {
                assertThat(head(station)).startsWith("HTTP/1.1 101");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isLessThan(Duration.ofSeconds(2));
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void manyThatNeverFinishLargeBodiesLeaveMemoryForOthers() throws Exception {
        List<RawClient> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                slow.add(RawClient.plain(listener));
            }
            for (RawClient client : slow) {
                client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
                sendAsMuchAsItTakes(client, "x".repeat(999_999));
            }
            Awaitility.await().untilAsserted(() -> assertThat(post(1_000_000)).contains(" 503 "));
            assertThat(post(8 * 1024)).contains(" 200 ");
        } finally {
            for (RawClient client : slow) {
                client.close();
            }
        }
        Awaitility.await().untilAsserted(() -> assertThat(post(1_000_000)).contains(" 200 "));
        for (int i = 0; i < 40; i++) {
            assertThat(post(1_000_000)).contains(" 200 ");
        }
    }

    private String post(int length) throws IOException {
        try (RawClient client = RawClient.plain(listener)) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n");
            sendAsMuchAsItTakes(client, "x".repeat(length));
            return client.readAnswer();
        }
    }

    private static void sendAsMuchAsItTakes(RawClient client, String text) throws IOException {
        try {
            client.send(text);
        } catch (SocketException e) {
            // the server has refused it already
        }
    }

    private static void sendAsMuchAsItTakes(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (SocketException e) {
            // the server has ended it already, as it should
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
