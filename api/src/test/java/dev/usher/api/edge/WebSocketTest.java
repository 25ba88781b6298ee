package dev.usher.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** A connection that becomes a WebSocket. */
class WebSocketTest {

    private static final Duration PING = Duration.ofSeconds(30);

    @AutoClose private final Edge edge = Edge.create();
    @AutoClose private final HttpClient http = HttpClient.newHttpClient();

    private final Conversation server = new Conversation();

    /** What the server's side heard, and what it says to it. */
    private static class Conversation implements WebSocketHandler {
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        final CompletableFuture<WebSocket> socket = new CompletableFuture<>();

        @Override
        public void opened(WebSocket opened) {
            events.add("opened");
            socket.complete(opened);
        }

        @Override
        public void received(WebSocket socket, String message) {
            events.add(message);
            socket.send("heard " + message);
        }

        @Override
        public void received(WebSocket socket, byte[] message) {
            events.add(message.length + " bytes");
            socket.send(message);
        }

        @Override
        public void closed(WebSocket socket) {
            events.add("closed");
        }

        String next() throws InterruptedException {
            return String.valueOf(events.poll(10, TimeUnit.SECONDS));
        }
    }

    /** What the client heard. */
    private static final class Client implements java.net.http.WebSocket.Listener {
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(
                java.net.http.WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                events.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<?> onBinary(
                java.net.http.WebSocket socket, ByteBuffer data, boolean last) {
            events.add(data.remaining() + " bytes");
            socket.request(1);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<?> onClose(java.net.http.WebSocket socket, int code, String reason) {
            events.add(code + " " + reason);
            return CompletableFuture.completedStage(null);
        }

        String next() throws InterruptedException {
            return String.valueOf(events.poll(10, TimeUnit.SECONDS));
        }
    }

    private Listener listen(Duration ping) throws Exception {
        return edge.listen(
                ListenerOptions.of("lns", "127.0.0.1", 0),
                request ->
                        request.path().equals("/open") && request.asksForWebSocket()
                                ? Response.webSocket(server, ping)
                                : Response.of(403));
    }

    private java.net.http.WebSocket connect(Listener listener, String path, Client client) {
        return http.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + listener.port() + path), client)
                .join();
    }

    @Test
    void carriesMessagesInBothDirections() throws Exception {
        Client client = new Client();
        java.net.http.WebSocket socket = connect(listen(PING), "/open", client);
        assertThat(server.next()).isEqualTo("opened");

        socket.sendText("hello", true).join();
        assertThat(server.next()).isEqualTo("hello");
        assertThat(client.next()).isEqualTo("heard hello");

        socket.sendBinary(ByteBuffer.wrap(new byte[] {1, 2, 3}), true).join();
        assertThat(server.next()).isEqualTo("3 bytes");
        assertThat(client.next()).isEqualTo("3 bytes");

        socket.sendClose(WebSocket.NORMAL, "bye").join();
        assertThat(server.next()).isEqualTo("closed");
    }

    @Test
    void handlesMessagesInTheirOrder() throws Exception {
        Client client = new Client();
        java.net.http.WebSocket socket = connect(listen(PING), "/open", client);
        List<String> messages = IntStream.range(0, 500).mapToObj(i -> "message " + i).toList();

        for (String message : messages) {
            socket.sendText(message, true).join();
        }

        assertThat(server.next()).isEqualTo("opened");
        for (String message : messages) {
            assertThat(server.next()).isEqualTo(message);
            assertThat(client.next()).isEqualTo("heard " + message);
        }
    }

    @Test
    void aRequestThatIsRefusedGetsAnAnswer() throws Exception {
        Listener listener = listen(PING);
        assertThatThrownBy(() -> connect(listener, "/elsewhere", new Client()))
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        e -> assertThat(e.getResponse().statusCode()).isEqualTo(403));
        assertThat(server.events).isEmpty();
    }

    @Test
    void theServerClosesWithItsReason() throws Exception {
        Client client = new Client();
        connect(listen(PING), "/open", client);
        server.socket.get(10, TimeUnit.SECONDS).close(WebSocket.POLICY_VIOLATION, "not you");

        assertThat(client.next()).isEqualTo("1008 not you");
        assertThat(server.next()).isEqualTo("opened");
        assertThat(server.next()).isEqualTo("closed");
    }

    @Test
    void aListenerThatClosesSaysSo() throws Exception {
        Client client = new Client();
        Listener listener = listen(PING);
        connect(listener, "/open", client);
        assertThat(server.next()).isEqualTo("opened");

        listener.close();

        assertThat(client.next()).isEqualTo("1012 restart");
        assertThat(server.next()).isEqualTo("closed");
    }

    @Test
    void aHandlerThatFailsEndsItsSocket() throws Exception {
        Client client = new Client();
        Listener listener =
                edge.listen(
                        ListenerOptions.of("lns", "127.0.0.1", 0),
                        request ->
                                Response.webSocket(
                                        new Conversation() {
                                            @Override
                                            public void received(WebSocket socket, String message) {
                                                throw new IllegalStateException("as intended");
                                            }
                                        },
                                        PING));
        connect(listener, "/open", client).sendText("hello", true).join();
        assertThat(client.next()).isEqualTo("1011 internal error");
    }

    private static final String HANDSHAKE =
            RawClient.http(
                    """
                    GET /open HTTP/1.1
                    Host: x
                    Connection: Upgrade
                    Upgrade: websocket
                    Sec-WebSocket-Version: 13
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

                    """);

    @Test
    void aLongMessageIsOneFrame() throws Exception {
        try (RawClient client = RawClient.plain(listen(PING))) {
            assertThat(client.send(HANDSHAKE).readHead()).startsWith("HTTP/1.1 101 ");
            String config = "x".repeat(39_000);
            server.socket.get(10, TimeUnit.SECONDS).send(config);

            assertThat(client.in().readNBytes(4))
                    .containsExactly(0x81, 126, 39_000 >> 8, 39_000 & 0xFF);
            assertThat(new String(client.in().readNBytes(39_000), StandardCharsets.UTF_8))
                    .isEqualTo(config);
        }
    }

    @Test
    void aPeerThatAnswersNoPingIsGone() throws Exception {
        try (RawClient client = RawClient.plain(listen(Duration.ofMillis(50)))) {
            client.send(HANDSHAKE).readHead();
            assertThat(client.in().readNBytes(2)).containsExactly(0x89, 0); // ping
            assertThat(server.next()).isEqualTo("opened");
            assertThat(server.next()).isEqualTo("closed");
        }
    }

    @Test
    void aPeerThatIsPingedAndAnswersStays() throws Exception {
        Client client = new Client();
        java.net.http.WebSocket socket = connect(listen(Duration.ofMillis(50)), "/open", client);
        assertThat(server.next()).isEqualTo("opened");
        assertThat(server.events.poll(500, TimeUnit.MILLISECONDS)).isNull();
        socket.sendText("still here", true).join();
        assertThat(client.next()).isEqualTo("heard still here");
    }

    @Test
    void aPeerThatTakesNothingIsGone() throws Exception {
        try (RawClient client = RawClient.plain(listen(PING))) {
            client.send(HANDSHAKE).readHead();
            WebSocket socket = server.socket.get(10, TimeUnit.SECONDS);
            String message = "x".repeat(30_000);
            while (!server.events.contains("closed")) {
                socket.send(message);
            }
            assertThat(server.next()).isEqualTo("opened");
        }
    }
}
