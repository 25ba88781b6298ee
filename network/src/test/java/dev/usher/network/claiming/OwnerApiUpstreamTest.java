package dev.usher.network.claiming;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.usher.accounts.OwnerId;
import dev.usher.lorawan.Eui64;
import dev.usher.station.AuthorizationHeader;
import dev.usher.station.StationUri;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent to an Owner API, byte by byte, and what is understood of its answers. */
class OwnerApiUpstreamTest {

    private static final Eui64 EUI = Eui64.parse("00-00-00-FF-FE-00-0A-BC");

    private record Answer(int status, String body) {}

    private final HttpServer server;
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<String> received = new ArrayList<>();
    private final Deque<Answer> answers = new ArrayDeque<>();
    private final OwnerApiUpstream upstream;

    OwnerApiUpstreamTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        upstream = upstream(OwnerApiUpstream.Word.GATEWAY);
    }

    private OwnerApiUpstream upstream(OwnerApiUpstream.Word word) {
        return new OwnerApiUpstream(
                client,
                URI.create("http://localhost:" + server.getAddress().getPort()),
                OwnerId.parse("::1"),
                Optional.of("USHER.key"),
                word);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        received.add(
                "%s %s %s %s %s"
                        .formatted(
                                exchange.getRequestMethod(),
                                exchange.getRequestURI(),
                                exchange.getRequestHeaders().getFirst("Content-Type"),
                                exchange.getRequestHeaders().getFirst("Authorization"),
                                body));
        Answer answer = answers.remove();
        byte[] bytes = answer.body().getBytes(UTF_8);
        exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
        try (exchange;
                var out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private void willAnswer(String body) {
        answers.add(new Answer(200, body));
    }

    @AfterEach
    void close() {
        client.close();
        server.stop(0);
    }

    @Test
    void aClaim() throws UpstreamFailure {
        willAnswer("[{\"gateway\":\"0:ff:fe00:abc\"}]");
        assertThat(upstream.claim(EUI, "VfjK89h3")).isTrue();
        assertThat(received)
                .containsExactly(
                        "POST /api/v1/gateway/claim application/json Bearer USHER.key"
                                + " {\"ownerid\":\"::1\",\"gateway\":\"0:ff:fe00:abc\","
                                + "\"claim\":\"VfjK89h3\"}");
    }

    @Test
    void anOlderServerSaysRouter() throws UpstreamFailure {
        willAnswer("[{\"router\":\"0:ff:fe00:abc\"}]");
        assertThat(upstream(OwnerApiUpstream.Word.ROUTER).claim(EUI, "x")).isTrue();
        assertThat(received)
                .containsExactly(
                        "POST /api/v1/router/claim application/json Bearer USHER.key"
                                + " {\"ownerid\":\"::1\",\"router\":\"0:ff:fe00:abc\","
                                + "\"claim\":\"x\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{\"gateway\":\"0:ff:fe00:abc\",\"error\":\"claimed by ::2\"}]",
                "{\"error\":\"no\"}"
            })
    void aClaimThatIsRefused(String answer) throws UpstreamFailure {
        willAnswer(answer);
        assertThat(upstream.claim(EUI, "wrong")).isFalse();
    }

    @Test
    void aSetupOfCups() throws UpstreamFailure {
        willAnswer("[{\"gateway\":\"0:ff:fe00:abc\",\"notice\":\"CRLF added\"}]");
        upstream.setup(
                EUI,
                new UpstreamSetup(
                        StationUri.cups("https://eu1.example.com:443"),
                        Optional.of(new byte[] {0x30, 1, 2}),
                        Optional.of(
                                AuthorizationHeader.of("Authorization: SomeSecretToken!\r\n"))));
        assertThat(received)
                .containsExactly(
                        "POST /api/v1/gateway/setup application/json Bearer USHER.key"
                            + " {\"ownerid\":\"::1\",\"gateway\":\"0:ff:fe00:abc\","
                            + "\"cupsUri\":\"https://eu1.example.com:443\",\"cupsTrust\":\"MAEC\","
                            + "\"cupsKey\":\"QXV0aG9yaXphdGlvbjogU29tZVNlY3JldFRva2VuIQ0K\"}");
    }

    @Test
    void aSetupOfAnLnsWithoutTls() throws UpstreamFailure {
        willAnswer("[{\"gateway\":\"0:ff:fe00:abc\"}]");
        upstream.setup(
                EUI,
                new UpstreamSetup(
                        StationUri.lns("ws://192.168.2.2:1887"),
                        Optional.empty(),
                        Optional.empty()));
        assertThat(received)
                .containsExactly(
                        "POST /api/v1/gateway/setup application/json Bearer USHER.key"
                                + " {\"ownerid\":\"::1\",\"gateway\":\"0:ff:fe00:abc\","
                                + "\"lnsUri\":\"ws://192.168.2.2:1887\"}");
    }

    @Test
    void aSetupThatIsRefusedSaysWhy() {
        willAnswer("[{\"gateway\":\"0:ff:fe00:abc\",\"error\":\"cupsTrust: no\\ncertificate\"}]");
        assertThatExceptionOfType(UpstreamFailure.class)
                .isThrownBy(
                        () ->
                                upstream.setup(
                                        EUI,
                                        new UpstreamSetup(
                                                StationUri.lns("ws://192.168.2.2:1887"),
                                                Optional.empty(),
                                                Optional.empty())))
                .withMessageEndingWith(" refuses the setup: cupsTrust: no?certificate");
    }

    @Test
    void aReleaseThatWasDoneBeforeIsDone() throws UpstreamFailure {
        willAnswer("[{\"gateway\":\"0:ff:fe00:abc\",\"error\":\"not yours\"}]");
        willAnswer("[{\"gateway\":\"0:ff:fe00:abc\",\"error\":\"not yours\"}]");
        upstream.release(EUI);
        assertThat(received)
                .containsExactly(
                        "POST /api/v1/gateway/delete application/json Bearer USHER.key"
                                + " {\"ownerid\":\"::1\",\"gateway\":\"0:ff:fe00:abc\"}",
                        "POST /api/v1/gateway/info application/json Bearer USHER.key"
                                + " {\"ownerid\":\"::1\",\"gateway\":\"0:ff:fe00:abc\"}");
    }

    @Test
    void aReleaseThatIsRefusedIsAFailure() {
        willAnswer("[{\"gateway\":\"0:ff:fe00:abc\",\"error\":\"not today\"}]");
        willAnswer("[{\"gateway\":\"0:ff:fe00:abc\",\"ownerid\":\"::1\"}]");
        assertThatExceptionOfType(UpstreamFailure.class)
                .isThrownBy(() -> upstream.release(EUI))
                .withMessageEndingWith(" does not take it back: not today");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "401 | {}  | does not accept this network's own credentials (401)",
                "403 | {}  | does not accept this network's own credentials (403)",
                "503 | {}  | answered with status 503",
                "302 | {}  | answered with status 302",
                "200 | []  | answered without a result for the gateway",
                "200 | [1] | answered without a result for the gateway",
                "200 | <a> | answered something that is not JSON"
            })
    void anAnswerThatIsNoneIsAFailure(int status, String body, String message) {
        answers.add(new Answer(status, body));
        assertThatExceptionOfType(UpstreamFailure.class)
                .isThrownBy(() -> upstream.claim(EUI, "secret"))
                .withMessageContaining(message)
                .withMessageNotContainingAny("secret", "USHER.key");
    }

    @Test
    void anAnswerWithoutEndIsCutOff() {
        answers.add(new Answer(200, "[" + " ".repeat(2 << 20) + "]"));
        assertThatExceptionOfType(UpstreamFailure.class).isThrownBy(() -> upstream.claim(EUI, "x"));
    }

    @Test
    void aServerThatIsAwayIsAFailure() {
        server.stop(0);
        assertThatExceptionOfType(UpstreamFailure.class)
                .isThrownBy(() -> upstream.claim(EUI, "x"))
                .withMessageEndingWith(" cannot be reached");
    }

    @Test
    void theOwnersKeyFollowsNoRedirection() {
        try (HttpClient follows =
                HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () ->
                                    new OwnerApiUpstream(
                                            follows,
                                            URI.create("https://gwjs.example.com:9193"),
                                            OwnerId.parse("::1"),
                                            Optional.empty(),
                                            OwnerApiUpstream.Word.GATEWAY));
        }
    }
}
