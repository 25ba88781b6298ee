package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.interop.ClientIdentity;
import dev.usher.interop.Tls;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a server is reached and known, whichever of its APIs is asked. */
final class ServerOptions {

    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final Terminal terminal;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description =
                    "The CA (PEM) the server's certificate must come from. Default: USHER_CA, or"
                            + " ca.pem in the data directory for this machine's server, else the"
                            + " system's CAs.")
    private @Nullable Path ca;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description =
                    "Where this machine's server keeps its data. Default: USHER_DATA_DIR, or data"
                            + " in the current directory.")
    private @Nullable Path dataDirectory;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long to wait for an answer. Default: ${DEFAULT-VALUE}.")
    private int timeoutSeconds;

    ServerOptions(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    RemoteServer open(URI server, Optional<String> key, Optional<ClientIdentity> identity) {
        if (timeoutSeconds < 1) {
            throw Failure.ofUsage("--timeout is " + timeoutSeconds + ": use 1 second or more.");
        }
        Optional<Path> authority =
                Optional.ofNullable(ca)
                        .or(() -> terminal.variable("USHER_CA").map(Path::of))
                        .or(
                                () ->
                                        Optional.of(dataDirectory().resolve("ca.pem"))
                                                .filter(_ -> isLocal(server))
                                                .filter(Files::exists));
        List<X509Certificate> authorities = authority.map(Pem::certificates).orElse(List.of());
        return new RemoteServer(
                server,
                key,
                identity,
                tls(authorities, identity),
                authority.map(Path::toString).orElse("the system's CAs"),
                Duration.ofSeconds(timeoutSeconds));
    }

    Optional<String> given(@Nullable String option, String variable) {
        return Optional.ofNullable(option).or(() -> terminal.variable(variable));
    }

    /** The API key of this option, else of the environment. */
    Optional<String> key(@Nullable Secret option) {
        return Optional.ofNullable(option)
                .or(() -> terminal.variable("USHER_API_KEY").map(Secret::new))
                .map(Secret::reveal)
                .map(ServerOptions::headerSafe);
    }

    /** What {@code usher serve} left here for its administrator. */
    Optional<String> adminKey() {
        return Optional.of(dataDirectory().resolve("admin.key"))
                .filter(Files::exists)
                .map(LocalFile::readLine)
                .map(ServerOptions::headerSafe);
    }

    private static String headerSafe(String key) {
        if (key.isEmpty() || !key.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
            throw new Failure(
                    "The API key is empty or has characters no key has: give it as it was shown,"
                            + " or as @FILE.");
        }
        return key;
    }

    private Path dataDirectory() {
        return dataDirectory(terminal, Optional.ofNullable(dataDirectory));
    }

    /** Where this machine's server keeps its data: as given, else USHER_DATA_DIR, else ./data. */
    static Path dataDirectory(Terminal terminal, Optional<Path> given) {
        return given.or(() -> terminal.variable("USHER_DATA_DIR").map(Path::of))
                .orElse(Path.of("data"));
    }

    /** The server that {@code usher serve} starts here with the same environment. */
    URI local(String portVariable, String port) {
        String host = terminal.variable("USHER_HOSTNAME").orElse("localhost");
        return server("https://" + host + ":" + terminal.variable(portVariable).orElse(port));
    }

    boolean isLocal(URI server) {
        return LOOPBACK.contains(server.getHost())
                || terminal.variable("USHER_HOSTNAME").filter(server.getHost()::equals).isPresent();
    }

    static URI server(String url) {
        try {
            URI server = new URI(url.strip().replaceFirst("/+$", ""));
            if ("https".equals(server.getScheme())
                    && server.getHost() != null
                    && server.getRawUserInfo() == null
                    && server.getRawQuery() == null
                    && server.getRawFragment() == null) {
                return server;
            }
        } catch (URISyntaxException _) {
            // Refused below like every other text that is no address of a server.
        }
        throw Failure.ofUsage(
                "'"
                        + Terminal.visible(url)
                        + "' is not the address of a server: write it like"
                        + " https://usher.example.com:8885.");
    }

    private static SSLContext tls(
            List<X509Certificate> authorities, Optional<ClientIdentity> identity) {
        try {
            return Tls.of(authorities, identity).context();
        } catch (IllegalStateException e) {
            throw new Failure(e.getMessage() + ".", e);
        }
    }
}
