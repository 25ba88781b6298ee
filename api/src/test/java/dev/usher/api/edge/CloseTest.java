package dev.usher.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A listener that closes lets go of nothing that it has begun. */
class CloseTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @Test
    void answersWhatIsInFlightAndAcceptsNoMore() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch finish = new CountDownLatch(1);
        Edge edge = Edge.create(meters);
        Listener listener =
                edge.listen(
                        options(),
                        request -> {
                            begun.countDown();
                            finish.await();
                            return Response.of(200, "text/plain", "done");
                        });

        try (RawClient idle = RawClient.plain(listener);
                RawClient busy = RawClient.plain(listener)) {
            busy.send(GET);
            begun.await();
            Thread closing = Thread.startVirtualThread(() -> edge.close(Duration.ofSeconds(10)));

            assertThat(idle.readToEnd()).isEmpty();
            // The kernel lets go of the port a moment after the channel is closed.
            Awaitility.await()
                    .untilAsserted(
                            () ->
                                    assertThatThrownBy(() -> RawClient.plain(listener).close())
                                            .isInstanceOf(ConnectException.class));
            finish.countDown();
            assertThat(busy.readAnswer()).startsWith("HTTP/1.1 200 ").endsWith("done");
            assertThat(busy.readToEnd()).isEmpty();
            assertThat(closing.join(Duration.ofSeconds(5))).isTrue();
        }
        assertThat(meters.find("usher.edge.connections").gauge()).isNull();
    }

    @Test
    void interruptsAHandlerThatTakesTooLong() throws Exception {
        CompletableFuture<String> end = new CompletableFuture<>();
        CountDownLatch begun = new CountDownLatch(1);
        Edge edge = Edge.create(meters);
        Listener listener =
                edge.listen(
                        options(),
                        request -> {
                            begun.countDown();
                            try {
                                Thread.sleep(Duration.ofHours(1));
                                end.complete("slept");
                            } catch (InterruptedException e) {
                                end.complete("interrupted");
                            }
                            return Response.of(200);
                        });

        try (RawClient client = RawClient.plain(listener)) {
            client.send(GET);
            begun.await();
            Instant start = Instant.now();
            edge.close(Duration.ofMillis(200));

            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(5));
            assertThat(end.get(1, TimeUnit.SECONDS)).isEqualTo("interrupted");
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void waitsForNobodyWhoHasNotSpokenYet() throws Exception {
        TestAuthority authority = new TestAuthority("Test Root");
        Edge edge = Edge.create(meters);
        Listener listener =
                edge.listen(
                        options().withTls(TlsOptions.of(authority.server("localhost").forServer())),
                        request -> Response.of(200));

        try (RawClient mute = RawClient.plain(listener);
                RawClient idle = RawClient.tls(listener, authority.clientContext())) {
            idle.send(GET).readAnswer();
            Instant start = Instant.now();
            edge.close(Duration.ofSeconds(30));

            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(5));
            assertThat(mute.readToEnd()).isEmpty();
        }
    }

    @Test
    void closesOneListenerAndLeavesTheOthers() throws Exception {
        try (Edge edge = Edge.create(meters)) {
            Listener first = edge.listen(options(), request -> Response.of(200));
            Listener second =
                    edge.listen(
                            ListenerOptions.of("second", "127.0.0.1", 0),
                            request -> Response.of(204));
            int port = first.port();
            first.close();
            first.close();

            try (RawClient client = RawClient.plain(second)) {
                assertThat(client.send(GET).readHead()).startsWith("HTTP/1.1 204");
            }
            Listener again =
                    edge.listen(
                            ListenerOptions.of("again", "127.0.0.1", port),
                            request -> Response.of(200));
            try (RawClient client = RawClient.plain(again)) {
                assertThat(client.send(GET).readAnswer()).startsWith("HTTP/1.1 200");
            }
        }
    }

    @Test
    void countsRequestsByListenerAndStatusAlone() throws IOException {
        try (Edge edge = Edge.create(meters)) {
            Listener listener = edge.listen(options(), request -> Response.of(404));

            try (RawClient client = RawClient.plain(listener)) {
                client.send(GET).readAnswer();
                client.send(GET).readAnswer();
                assertThat(meters.get("usher.edge.connections").gauge().value()).isEqualTo(1);
            }
            Awaitility.await()
                    .untilAsserted(
                            () ->
                                    assertThat(
                                                    meters.get("usher.edge.requests")
                                                            .tags(
                                                                    "listener",
                                                                    "web",
                                                                    "status",
                                                                    "404")
                                                            .timer()
                                                            .count())
                                            .isEqualTo(2));
            assertThat(meters.getMeters())
                    .allSatisfy(
                            meter ->
                                    assertThat(meter.getId().getTags())
                                            .extracting(tag -> tag.getKey())
                                            .isSubsetOf("listener", "status"));
        }
    }

    private static ListenerOptions options() {
        return ListenerOptions.of("web", "127.0.0.1", 0);
    }
}
