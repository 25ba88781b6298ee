package dev.usher.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Answers written piece by piece. */
class StreamTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    @AutoClose private final Edge edge = Edge.create();

    @Test
    void sendsSixMegabytesWithTheirExactLength() throws Exception {
        byte[] firmware = new byte[6_000_000];
        new Random(1).nextBytes(firmware);
        byte[] prefix = {1, 2, 3};
        TestAuthority authority = new TestAuthority("Test Root");
        Listener listener =
                edge.listen(
                        options().withTls(TlsOptions.of(authority.server("localhost").forServer())),
                        request ->
                                Response.stream(
                                        200,
                                        "application/octet-stream",
                                        prefix.length + firmware.length,
                                        out -> {
                                            out.write(prefix);
                                            out.write(firmware);
                                        }));

        try (RawClient client = RawClient.tls(listener, authority.clientContext())) {
            for (int round = 1; round <= 2; round++) {
                assertThat(client.send(GET).readHead())
                        .isEqualTo(
                                RawClient.http(
                                        """
                                        HTTP/1.1 200 OK
                                        Content-Type: application/octet-stream
                                        Content-Length: 6000003

                                        """));
                assertThat(client.in().readNBytes(3)).isEqualTo(prefix);
                assertThat(Arrays.equals(client.in().readNBytes(firmware.length), firmware))
                        .isTrue();
            }
        }
    }

    @Test
    void writesNoFasterThanThePeerReads() throws Exception {
        AtomicLong written = new AtomicLong();
        long length = 1L << 30;
        Listener listener =
                edge.listen(
                        options().withTimeouts(Timeouts.DEFAULT.withWrite(Duration.ofMillis(500))),
                        request ->
                                Response.stream(
                                        200,
                                        "application/octet-stream",
                                        length,
                                        out -> {
                                            byte[] piece = new byte[1 << 16];
                                            for (long sent = 0; sent < length; sent += 1 << 16) {
                                                out.write(piece);
                                                written.set(sent);
                                            }
                                        }));

        try (RawClient client = RawClient.plain(listener)) {
            client.send(GET).readHead();
            // The peer reads no more: the kernels' buffers fill, and after half a second it is
            // over.
            Awaitility.await().until(() -> listener.connections() == 0);

            assertThat(written.get()).isLessThan(64 << 20);
            assertThatThrownBy(client::readToEnd).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void sendsLinesAsTheyCome() throws Exception {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Listener listener =
                edge.listen(
                        options(),
                        request ->
                                Response.stream(
                                        200,
                                        "application/x-ndjson",
                                        out -> {
                                            try {
                                                for (String line = lines.take();
                                                        !line.isEmpty();
                                                        line = lines.take()) {
                                                    out.write(
                                                            line.getBytes(StandardCharsets.UTF_8));
                                                    out.flush();
                                                }
                                            } catch (InterruptedException e) {
                                                throw new IOException(e);
                                            }
                                        }));

        try (RawClient client = RawClient.plain(listener)) {
            client.send(GET);
            lines.add("{\"n\":1}\n");
            assertThat(client.readHead().toLowerCase(Locale.ROOT))
                    .contains("transfer-encoding: chunked")
                    .doesNotContain("content-length");
            assertThat(client.readLine()).isEqualTo("8\r");
            assertThat(client.readLine()).isEqualTo("{\"n\":1}");
            assertThat(client.readLine()).isEqualTo("\r");
            lines.add("{\"n\":2}\n");
            assertThat(client.readLine()).isEqualTo("8\r");
            assertThat(client.readLine()).isEqualTo("{\"n\":2}");
            assertThat(client.readLine()).isEqualTo("\r");
            lines.add("");
            assertThat(client.readLine()).isEqualTo("0\r");
        }
    }

    @Test
    void endsAStreamOfUnknownLengthWithTheConnectionInHttp10() throws Exception {
        Listener listener =
                edge.listen(
                        options(),
                        request ->
                                Response.stream(
                                        200,
                                        "text/plain",
                                        out -> out.write(new byte[] {'h', 'i'})));

        try (RawClient client = RawClient.plain(listener)) {
            client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertThat(client.readToEnd())
                    .doesNotContainIgnoringCase("transfer-encoding")
                    .endsWith("\r\n\r\nhi");
        }
    }

    @Test
    void breaksOffAnAnswerThatIsShorterOrLongerThanAnnounced() throws Exception {
        for (int length : new int[] {9, 11}) {
            Listener listener =
                    edge.listen(
                            ListenerOptions.of("web" + length, "127.0.0.1", 0),
                            request ->
                                    Response.stream(
                                            200,
                                            "text/plain",
                                            length,
                                            out -> out.write(new byte[10])));

            try (RawClient client = RawClient.plain(listener)) {
                assertThatThrownBy(() -> client.send(GET).readToEnd())
                        .isInstanceOf(SocketException.class);
            }
        }
    }

    @Test
    void tellsTheWriterThatThePeerHasGone() throws Exception {
        CompletableFuture<IOException> gone = new CompletableFuture<>();
        Listener listener =
                edge.listen(
                        options(),
                        request ->
                                Response.stream(
                                        200,
                                        "text/event-stream",
                                        out -> {
                                            try {
                                                while (true) {
                                                    out.write(new byte[1000]);
                                                    out.flush();
                                                }
                                            } catch (IOException e) {
                                                gone.complete(e);
                                                throw e;
                                            }
                                        }));

        RawClient client = RawClient.plain(listener);
        client.send(GET).readHead();
        client.close();

        assertThat(gone.get(10, TimeUnit.SECONDS)).hasMessageContaining("went away");
    }

    private static ListenerOptions options() {
        return ListenerOptions.of("web", "127.0.0.1", 0);
    }
}
