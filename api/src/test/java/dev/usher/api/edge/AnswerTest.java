package dev.usher.api.edge;

import static dev.usher.api.edge.RawClient.http;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What goes over the wire when all is well. */
class AnswerTest {

    @AutoClose private final Edge edge = Edge.create();

    private final TestAuthority authority = new TestAuthority("Test Root");

    @Test
    void answersAStationWithExactlyTheseBytes() throws Exception {
        ListenerOptions options =
                ListenerOptions.of("gateway-api", "127.0.0.1", 0)
                        .withTls(TlsOptions.of(authority.server("localhost").forServer()))
                        .withSilent(true);
        Listener listener =
                edge.listen(
                        options,
                        request -> {
                            assertThat(request.method()).isEqualTo("POST");
                            assertThat(request.path()).isEqualTo("/update-info");
                            assertThat(request.header("host")).contains("localhost:9191");
                            assertThat(request.body()).hasSize(15);
                            return Response.of(200, "application/octet-stream", new byte[14]);
                        });

        try (RawClient station = RawClient.tls(listener, authority.clientContext(), "TLSv1.2")) {
            // As basicstation 2.0.6 writes it: no User-Agent, no Accept, five columns for the
            // length.
            station.send(
                    http(
                            """
                            POST /update-info HTTP/1.1
                            Host: localhost:9191
                            Content-Type: application/json
                            Content-Length:    15

                            {"router":"::1"}\
                            """));

            assertThat(station.readAnswer())
                    .isEqualTo(
                            http(
                                            """
                                            HTTP/1.1 200 OK
                                            Content-Type: application/octet-stream
                                            Content-Length: 14

                                            """)
                                    + "\0".repeat(14));
        }
    }

    @Test
    void keepsTheConnectionForTheNextRequest() throws Exception {
        Listener listener = echo();

        try (RawClient client = RawClient.plain(listener)) {
            client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none");
            assertThat(client.readAnswer()).endsWith("\r\n\r\none");
            client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\ntwo");
            assertThat(client.readAnswer()).endsWith("\r\n\r\ntwo");
        }
    }

    @Test
    void answersRequestsSentAheadInTheirOrder() throws Exception {
        Listener listener = echo();

        try (RawClient client = RawClient.plain(listener)) {
            String request = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n";
            client.send(request + "1" + request + "2" + request + "3");

            assertThat(client.readAnswer()).endsWith("1");
            assertThat(client.readAnswer()).endsWith("2");
            assertThat(client.readAnswer()).endsWith("3");
        }
    }

    @Test
    void closesAfterAnHttp10Answer() throws Exception {
        Listener listener = echo();

        try (RawClient client = RawClient.plain(listener)) {
            client.send("POST /a HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi");

            assertThat(client.readToEnd())
                    .isEqualTo(
                            http(
                                    """
                                    HTTP/1.0 200 OK
                                    Content-Type: text/plain
                                    Content-Length: 2

                                    hi\
                                    """));
        }
    }

    @Test
    void readsChunkedRequests() throws Exception {
        Listener listener = echo();

        try (RawClient client = RawClient.plain(listener)) {
            client.send(
                    http(
                            """
                            POST /a HTTP/1.1
                            Host: x
                            Transfer-Encoding: chunked

                            3
                            abc
                            2
                            de
                            0

                            """));

            assertThat(client.readAnswer()).endsWith("\r\n\r\nabcde");
        }
    }

    @Test
    void saysContinueToAClientThatWaitsForIt() throws Exception {
        Listener listener = echo();

        try (RawClient client = RawClient.plain(listener)) {
            client.send(
                    http(
                            """
                            POST /a HTTP/1.1
                            Host: x
                            Expect: 100-continue
                            Content-Length: 2

                            """));
            assertThat(client.readHead()).startsWith("HTTP/1.1 100 Continue");
            client.send("hi");
            assertThat(client.readAnswer()).startsWith("HTTP/1.1 200").endsWith("hi");
        }
    }

    @Test
    void neverSaysContinueOnASilentListener() throws Exception {
        Listener listener =
                edge.listen(
                        ListenerOptions.of("silent", "127.0.0.1", 0).withSilent(true),
                        request -> Response.of(200, "text/plain", request.body()));

        try (RawClient client = RawClient.plain(listener)) {
            client.send(
                    http(
                            """
                            POST /a HTTP/1.1
                            Host: x
                            Expect: 100-continue
                            Content-Length: 2

                            hi\
                            """));
            assertThat(client.readAnswer()).startsWith("HTTP/1.1 200 OK").endsWith("hi");
        }
    }

    @Test
    void answersHeadWithTheLengthAndNoBody() throws Exception {
        Listener listener =
                edge.listen(
                        ListenerOptions.of("web", "127.0.0.1", 0),
                        request -> Response.of(200, "text/plain", "some text"));

        try (RawClient client = RawClient.plain(listener)) {
            client.send("HEAD / HTTP/1.0\r\n\r\n");

            assertThat(client.readToEnd()).endsWith("Content-Length: 9\r\n\r\n");
        }
    }

    @Test
    void showsTheHandlerTheWholeRequest() throws Exception {
        Listener listener =
                edge.listen(
                        ListenerOptions.of("web", "127.0.0.1", 0),
                        request -> {
                            assertThat(Thread.currentThread().isVirtual()).isTrue();
                            assertThat(request.remoteAddress().getAddress().isLoopbackAddress())
                                    .isTrue();
                            return Response.of(
                                            200,
                                            "text/plain; charset=utf-8",
                                            request.segments()
                                                    + " "
                                                    + request.query()
                                                    + " "
                                                    + request.headers().get("x-key"))
                                    .withHeader("Cache-Control", "no-store")
                                    .withHeader("Set-Cookie", "a=1")
                                    .withHeader("Set-Cookie", "b=2");
                        });

        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    client.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "http://127.0.0.1:"
                                                            + listener.port()
                                                            + "/api/%3A%3A1/x+y?q=a%20b&q=c&flag"))
                                    .header("X-Key", "one")
                                    .header("X-Key", "two")
                                    .build(),
                            HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));

            assertThat(answer.body()).isEqualTo("[api, ::1, x+y] {q=[a b, c], flag=[]} [one, two]");
            assertThat(answer.headers().allValues("Set-Cookie")).containsExactly("a=1", "b=2");
        }
    }

    private Listener echo() throws IOException {
        return edge.listen(
                ListenerOptions.of("echo", "127.0.0.1", 0),
                request -> Response.of(200, "text/plain", request.body()));
    }
}
