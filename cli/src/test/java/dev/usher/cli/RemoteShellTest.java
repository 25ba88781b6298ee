package dev.usher.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.api.edge.Edge;
import dev.usher.api.edge.Listener;
import dev.usher.api.edge.ListenerOptions;
import dev.usher.api.edge.Response;
import dev.usher.api.edge.ServerCertificate;
import dev.usher.api.edge.TlsOptions;
import dev.usher.api.edge.WebSocket;
import dev.usher.api.edge.WebSocketHandler;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code usher network shell}, with a server whose gateway knows one command. */
@Timeout(60)
class RemoteShellTest {

    @TempDir private Path directory;
    @AutoClose private final Edge edge = Edge.create();
    private final Certificates certificates = new Certificates();
    private Cli cli;

    @BeforeEach
    void listen() throws Exception {
        Certificates.Issued own = certificates.issue("localhost");
        Listener web =
                edge.listen(
                        ListenerOptions.of("web", "127.0.0.1", 0)
                                .withTls(
                                        TlsOptions.of(
                                                ServerCertificate.of(
                                                        own.certificate(), own.key()))),
                        request ->
                                request.path().equals("/api/v1/network/gateways/gtw1/shell")
                                                && request.query("term")
                                                        .filter("vt100"::equals)
                                                        .isPresent()
                                                && request.header("Authorization")
                                                        .filter("Bearer secret-key"::equals)
                                                        .isPresent()
                                        ? Response.webSocket(new Echo(), Duration.ofSeconds(30))
                                        : Response.of(
                                                409,
                                                "application/problem+json",
                                                "{\"detail\":\"gateway gtw2 is not connected\"}"));
        Path ca = certificates.authority().writeCertificate(directory.resolve("ca.pem"));
        cli =
                Cli.alone(directory)
                        .with("USHER_URL", "https://localhost:" + web.port())
                        .with("USHER_CA", ca.toString())
                        .with("USHER_API_KEY", "secret-key")
                        .with("TERM", "vt100");
    }

    private static final class Echo implements WebSocketHandler {

        @Override
        public void opened(WebSocket socket) {
            socket.send("# ".getBytes(UTF_8));
        }

        @Override
        public void received(WebSocket socket, String message) {}

        @Override
        public void received(WebSocket socket, byte[] message) {
            if (message.length == 1 && message[0] == 4) {
                socket.close(WebSocket.NORMAL, "the shell has ended");
            } else {
                socket.send(message);
            }
        }

        @Override
        public void closed(WebSocket socket) {}
    }

    @Test
    void showsWhatTheShellSaysUntilItEnds() {
        Cli.Run run = cli.withInput("uptime\n").run("network shell gtw1");
        assertThat(run.err()).isEqualTo("usher: the shell has ended\n");
        assertThat(run.out()).isEqualTo("# uptime\n");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void saysThatThereIsNone() {
        Cli.Run run = cli.run("network shell gtw2");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("usher: gateway gtw2 is not connected.\n");
    }
}
