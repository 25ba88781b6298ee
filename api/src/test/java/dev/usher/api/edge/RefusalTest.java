package dev.usher.api.edge;

import static dev.usher.api.edge.RawClient.http;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** What goes over the wire, and into the log, when something is wrong. */
class RefusalTest {

    private static final Pattern FAILED =
            Pattern.compile(
                    http(
                            """
                            HTTP/1.1 500 Internal Server Error
                            X-Request-Id: ([0-9a-f]{16})
                            Content-Length: 0

                            """));
    private static final Limits TEN_BYTES = Limits.DEFAULT.withBodyBytes(10);

    @AutoClose private final Edge edge = Edge.create();

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listenToTheLog() {
        log.start();
        rootLogger().addAppender(log);
    }

    @AfterEach
    void stopListening() {
        rootLogger().detachAppender(log);
    }

    static Stream<Arguments> badRequests() {
        String tenAndOne = "x".repeat(11);
        return Stream.of(
                Arguments.of("no HTTP at all", "hello\r\n\r\n", 400),
                Arguments.of(
                        "TLS on a plain port", "\u0016\u0003\u0001\u0002\0\u0001\0\r\n\r\n", 400),
                Arguments.of("bad length", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
                Arguments.of(
                        "two lengths",
                        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                        400),
                Arguments.of(
                        "space in a header name", "GET / HTTP/1.1\r\nBad Name: x\r\n\r\n", 400),
                Arguments.of("not a path", "GET x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
                Arguments.of("bad escape", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
                Arguments.of("zero byte", "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
                Arguments.of("another HTTP", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 400),
                Arguments.of("no HTTP version", "GET /\r\n\r\n", 400),
                Arguments.of("long line", "GET /" + "x".repeat(5000) + " HTTP/1.1\r\n\r\n", 414),
                Arguments.of(
                        "long header",
                        "GET / HTTP/1.1\r\nX: " + "x".repeat(9000) + "\r\n\r\n",
                        431),
                Arguments.of(
                        "announced too long",
                        "POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n" + tenAndOne,
                        413),
                Arguments.of(
                        "announced longer than any memory",
                        "POST / HTTP/1.1\r\nContent-Length: 9223372036854775807\r\n\r\n",
                        413),
                Arguments.of(
                        "waits for permission to send too much",
                        "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n",
                        413),
                Arguments.of(
                        "too many chunks",
                        http("POST / HTTP/1.1\nTransfer-Encoding: chunked\n\nb\n")
                                + tenAndOne
                                + "\r\n0\r\n\r\n",
                        413));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badRequests")
    void anOpenListenerSaysWhatIsWrong(String name, String request, int status) throws Exception {
        Listener listener = edge.listen(options().withLimits(TEN_BYTES), unreachable());

        try (RawClient client = RawClient.plain(listener)) {
            String answer = client.send(request).readToEnd();

            assertThat(answer).as(name).matches("(?s)HTTP/1\\.[01] " + status + " .*");
            assertThat(answer).containsIgnoringCase("Content-Length: 0\r\n").endsWith("\r\n\r\n");
        }
        assertThat(log.list).noneMatch(RefusalTest::isStackTrace);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badRequests")
    void aSilentListenerSaysNothing(String name, String request, int status) throws Exception {
        Listener listener =
                edge.listen(options().withSilent(true).withLimits(TEN_BYTES), unreachable());

        try (RawClient client = RawClient.plain(listener)) {
            client.send(request);
            assertThatThrownBy(client::readToEnd)
                    .as(name + ", elsewhere " + status)
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        assertThat(log.list).noneMatch(RefusalTest::isStackTrace);
    }

    @Test
    void aFailedHandlerIs500WithAnIdThatIsInTheLog() throws Exception {
        Listener listener = edge.listen(options(), failing());

        try (RawClient client = RawClient.plain(listener)) {
            String answer = client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").readAnswer();

            Matcher failed = FAILED.matcher(answer);
            assertThat(failed.matches()).as(answer).isTrue();
            String id = failed.group(1);
            assertThat(log.list)
                    .anySatisfy(
                            event -> {
                                assertThat(event.getFormattedMessage()).contains(id, "web");
                                assertThat(event.getThrowableProxy().getMessage())
                                        .isEqualTo("broken on purpose");
                            });
        }
    }

    @Test
    void aFailedHandlerOfASilentListenerIsAClosedConnection() throws Exception {
        Listener listener = edge.listen(options().withSilent(true), failing());

        try (RawClient client = RawClient.plain(listener)) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThatThrownBy(client::readToEnd).isInstanceOf(SocketException.class);
        }
        assertThat(log.list).anyMatch(event -> event.getLevel() == Level.ERROR);
    }

    @Test
    void aHandlerMayCloseWithoutAByte() throws Exception {
        TestAuthority authority = new TestAuthority("Test Root");
        Listener listener =
                edge.listen(
                        options().withTls(TlsOptions.of(authority.server("localhost").forServer())),
                        request -> Response.close());

        for (String protocol : new String[] {"TLSv1.2", "TLSv1.3"}) {
            try (RawClient client = RawClient.tls(listener, authority.clientContext(), protocol)) {
                client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThatThrownBy(client::readToEnd).isInstanceOf(IOException.class);
            }
        }
        Awaitility.await().until(() -> listener.connections() == 0);
    }

    @Test
    void aSlowHeaderIsCutOffAndKeepsNobodyWaiting() throws Exception {
        Listener listener =
                edge.listen(
                        options().withTimeouts(Timeouts.DEFAULT.withHead(Duration.ofSeconds(1))),
                        request -> Response.of(200));

        try (RawClient slow = RawClient.plain(listener);
                RawClient quick = RawClient.plain(listener)) {
            Thread trickle = trickle(slow, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");

            assertThat(quick.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").readAnswer())
                    .startsWith("HTTP/1.1 200");
            assertThatThrownBy(slow::readToEnd).isInstanceOf(SocketException.class);
            trickle.join();
        }
    }

    @Test
    void aSlowBodyIsCutOff() throws Exception {
        Listener listener =
                edge.listen(
                        options().withTimeouts(Timeouts.DEFAULT.withBody(Duration.ofMillis(300))),
                        unreachable());

        try (RawClient slow = RawClient.plain(listener)) {
            Thread trickle = trickle(slow, "POST / HTTP/1.1\r\nContent-Length: 500\r\n\r\n");

            assertThatThrownBy(slow::readToEnd).isInstanceOf(SocketException.class);
            trickle.join();
        }
    }

    @Test
    void anIdleConnectionIsCutOff() throws Exception {
        Listener listener =
                edge.listen(
                        options().withTimeouts(Timeouts.DEFAULT.withIdle(Duration.ofMillis(200))),
                        request -> Response.of(200));

        try (RawClient client = RawClient.plain(listener)) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").readAnswer();
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void aHandshakeThatNeverEndsIsCutOff() throws Exception {
        TestAuthority authority = new TestAuthority("Test Root");
        Listener listener =
                edge.listen(
                        options()
                                .withTls(TlsOptions.of(authority.server("localhost").forServer()))
                                .withTimeouts(
                                        Timeouts.DEFAULT.withHandshake(Duration.ofMillis(200))),
                        unreachable());

        try (RawClient client = RawClient.plain(listener)) {
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void aSlowHandlerIsNotTheEdgesBusiness() throws Exception {
        Duration blink = Duration.ofMillis(500);
        Listener listener =
                edge.listen(
                        options().withTimeouts(new Timeouts(blink, blink, blink, blink, blink)),
                        request -> {
                            assertThat(new CountDownLatch(1).await(1, TimeUnit.SECONDS)).isFalse();
                            return Response.of(200);
                        });

        try (RawClient client = RawClient.plain(listener)) {
            assertThat(client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").readAnswer())
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        Listener listener = edge.listen(options(), unreachable());

        assertThatThrownBy(
                        () ->
                                edge.listen(
                                        ListenerOptions.of("other", "127.0.0.1", listener.port()),
                                        unreachable()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("other cannot listen on 127.0.0.1:" + listener.port())
                .hasMessageContaining("already in use");
    }

    private static boolean isStackTrace(ILoggingEvent event) {
        return event.getThrowableProxy() != null && event.getLevel().isGreaterOrEqual(Level.INFO);
    }

    private static ListenerOptions options() {
        return ListenerOptions.of("web", "127.0.0.1", 0);
    }

    private static Handler unreachable() {
        return request -> {
            throw new AssertionError("the handler was called");
        };
    }

    private static Handler failing() {
        return request -> {
            throw new IllegalStateException("broken on purpose");
        };
    }

    /** Sends a byte every 20 ms until the other side has had enough. */
    private static Thread trickle(RawClient client, String start) throws IOException {
        client.send(start);
        return Thread.startVirtualThread(
                () -> {
                    try {
                        while (true) {
                            client.send("x");
                            Thread.sleep(20);
                        }
                    } catch (IOException | InterruptedException e) {
                        // That is the end of it.
                    }
                });
    }

    private static Logger rootLogger() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }
}
