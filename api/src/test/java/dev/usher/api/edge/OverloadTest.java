package dev.usher.api.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Beyond its limits a listener refuses nobody; peers wait outside until it is their turn. */
class OverloadTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    private static final int PEERS = 24;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @AutoClose private final Edge edge = Edge.create(meters);

    @ParameterizedTest
    @CsvSource({"4, 512", "10000, 4", "8, 4"})
    void servesEveryoneInTheEnd(int connections, int inFlight) throws Exception {
        CountDownLatch doors = new CountDownLatch(1);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        TestAuthority authority = new TestAuthority("Test Root");
        Listener listener =
                edge.listen(
                        ListenerOptions.of("gateway-api", "127.0.0.1", 0)
                                .withTls(TlsOptions.of(authority.server("localhost").forServer()))
                                .withLimits(
                                        Limits.DEFAULT
                                                .withConnections(connections)
                                                .withInFlight(inFlight)),
                        request -> {
                            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                            doors.await();
                            inside.decrementAndGet();
                            return Response.of(200, "text/plain", "served");
                        });

        List<Future<String>> answers = new ArrayList<>();
        try (ExecutorService peers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < PEERS; i++) {
                answers.add(
                        peers.submit(
                                () -> {
                                    try (RawClient peer =
                                            RawClient.tls(listener, authority.clientContext())) {
                                        return peer.send(GET).readAnswer();
                                    }
                                }));
            }
            int atOnce = Math.min(connections, inFlight);
            Awaitility.await().until(() -> inside.get() == atOnce);
            assertThat(listener.connections()).isLessThanOrEqualTo(connections);
            doors.countDown();
        }

        for (Future<String> answer : answers) {
            assertThat(answer.get()).startsWith("HTTP/1.1 200 ").endsWith("served");
        }
        assertThat(most).hasValueLessThanOrEqualTo(Math.min(connections, inFlight));
        assertThat(count("usher.edge.accept.pauses")).isPositive();
        assertThat(count("usher.edge.connections.accepted")).isEqualTo(PEERS);
        Awaitility.await().until(() -> listener.connections() == 0);
    }

    @Test
    void sendsAwayKeptAliveConnectionsWhenOthersWait() throws Exception {
        Listener listener =
                edge.listen(
                        ListenerOptions.of("web", "127.0.0.1", 0)
                                .withLimits(Limits.DEFAULT.withConnections(1)),
                        request -> Response.of(200));

        try (RawClient first = RawClient.plain(listener);
                RawClient second = RawClient.plain(listener)) {
            assertThat(first.send(GET).readToEnd()).contains("Connection: close");
            assertThat(second.send(GET).readAnswer()).startsWith("HTTP/1.1 200");
        }
    }

    private double count(String meter) {
        return meters.get(meter).functionCounter().count();
    }
}
