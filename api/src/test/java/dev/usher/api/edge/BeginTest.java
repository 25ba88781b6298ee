package dev.usher.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** A handler that needs no thread answers from the event loop, at once or later. */
class BeginTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    private static final String GET_TWICE = GET + GET;

    @AutoClose private final Edge edge = Edge.create(new SimpleMeterRegistry());

    /** Says on which thread it was made. */
    private static Response here() {
        return here("");
    }

    private static Response here(String text) {
        return Response.of(
                200,
                "text/plain",
                text + (Thread.currentThread().isVirtual() ? "a thread" : "the loop"));
    }

    private Listener listener(
            boolean silent,
            int inFlight,
            BiFunction<Request, Executor, Optional<CompletableFuture<Response>>> begin)
            throws Exception {
        return edge.listen(
                ListenerOptions.of("backend", "127.0.0.1", 0)
                        .withSilent(silent)
                        .withLimits(Limits.DEFAULT.withInFlight(inFlight)),
                new Handler() {
                    @Override
                    public Response handle(Request request) {
                        return here();
                    }

                    @Override
                    public Optional<CompletableFuture<Response>> begin(
                            Request request, Executor loop) {
                        return begin.apply(request, loop);
                    }
                });
    }

    @Test
    void answersAtOnceOnTheEventLoop() throws Exception {
        Listener listener =
                listener(
                        false, 8, (_, _) -> Optional.of(CompletableFuture.completedFuture(here())));

        try (RawClient client = RawClient.plain(listener)) {
            assertThat(client.send(GET).readAnswer())
                    .startsWith("HTTP/1.1 200")
                    .endsWith("the loop");
            client.send(GET_TWICE);
            assertThat(client.readAnswer()).endsWith("the loop");
            assertThat(client.readAnswer()).endsWith("the loop");
        }
    }

    @Test
    void whatItDoesNotBeginIsHandledOnAThread() throws Exception {
        Listener listener = listener(false, 8, (_, _) -> Optional.empty());

        try (RawClient client = RawClient.plain(listener)) {
            assertThat(client.send(GET).readAnswer()).endsWith("a thread");
        }
    }

    @Test
    void answersLaterAndManyHoldNoThread() throws Exception {
        Queue<CompletableFuture<String>> waiting = new ConcurrentLinkedQueue<>();
        Listener listener =
                listener(
                        false,
                        100,
                        (_, loop) -> {
                            CompletableFuture<String> shared = new CompletableFuture<>();
                            waiting.add(shared);
                            return Optional.of(shared.thenApplyAsync(BeginTest::here, loop));
                        });

        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 50; i++) {
                clients.add(RawClient.plain(listener).send(GET));
            }
            Awaitility.await().until(() -> waiting.size() == 50);
            waiting.forEach(shared -> shared.complete("done on "));
            for (RawClient client : clients) {
                assertThat(client.readAnswer()).endsWith("done on the loop");
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void whoComesWhenAllAreBusyWaitsForAThread() throws Exception {
        CompletableFuture<Response> first = new CompletableFuture<>();
        Listener listener = listener(false, 1, (_, _) -> Optional.of(first));

        try (RawClient busy = RawClient.plain(listener);
                RawClient next = RawClient.plain(listener)) {
            busy.send(GET);
            Awaitility.await().until(() -> listener.permits().availablePermits() == 0);
            next.send(GET);
            first.complete(here());
            assertThat(busy.readAnswer()).startsWith("HTTP/1.1 200");
            assertThat(next.readAnswer()).startsWith("HTTP/1.1 200");
        }
        assertThat(listener.permits().availablePermits()).isEqualTo(1);
    }

    @Test
    void whateverGoesWrongIsAnAnswerToo() throws Exception {
        RuntimeException wrong = new IllegalStateException("wrong");
        List<BiFunction<Request, Executor, Optional<CompletableFuture<Response>>>> failures =
                List.of(
                        (_, _) -> {
                            throw wrong;
                        },
                        (_, _) -> Optional.of(CompletableFuture.failedFuture(wrong)),
                        (_, loop) ->
                                Optional.of(
                                        CompletableFuture.supplyAsync(
                                                () -> {
                                                    throw wrong;
                                                },
                                                loop)));
        for (var failure : failures) {
            Listener listener = listener(false, 1, failure);
            try (RawClient client = RawClient.plain(listener)) {
                assertThat(client.send(GET).readAnswer()).startsWith("HTTP/1.1 500 ");
                assertThat(client.send(GET).readAnswer()).startsWith("HTTP/1.1 500 ");
            }
            Listener silent = listener(true, 1, failure);
            try (RawClient client = RawClient.plain(silent)) {
                assertThatThrownBy(client.send(GET)::readToEnd).hasMessageContaining("reset");
            }
        }
    }

    @Test
    void aPeerThatGoesAwayLeavesNothingBehind() throws Exception {
        CompletableFuture<Response> late = new CompletableFuture<>();
        Listener listener = listener(false, 1, (_, _) -> Optional.of(late));

        try (RawClient client = RawClient.plain(listener)) {
            client.send(GET);
            Awaitility.await().until(() -> listener.permits().availablePermits() == 0);
        }
        Awaitility.await().until(() -> listener.connections() == 0);
        late.complete(here());
        assertThat(listener.permits().availablePermits()).isEqualTo(1);
        try (RawClient client = RawClient.plain(listener)) {
            assertThat(client.send(GET).readAnswer()).startsWith("HTTP/1.1 200");
        }
    }
}
