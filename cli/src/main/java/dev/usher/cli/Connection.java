package dev.usher.cli;

import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Finds the server a command speaks to: from its options, else the environment, else what {@code
 * usher serve} left in the local data directory. What lies there is for the local server only: the
 * administrator's key is never sent to another host.
 */
final class Connection {

    private static final String REST_PORT = "8885";

    @Mixin private final ServerOptions options;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description =
                    "The server, as in https://usher.example.com:8885. Default: USHER_URL, or this"
                            + " machine.")
    private @Nullable String url;

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            description =
                    "The API key, or @FILE for the file it is in. Default: USHER_API_KEY, or"
                            + " admin.key in the data directory of this machine's server.")
    private @Nullable Secret apiKey;

    Connection(Terminal terminal) {
        this.options = new ServerOptions(terminal);
    }

    /** The REST API, as an administrator or an owner. */
    RemoteServer rest() {
        URI server =
                options.given(url, "USHER_URL")
                        .map(ServerOptions::server)
                        .orElseGet(() -> options.local("USHER_WEB_PORT", REST_PORT));
        Optional<String> key =
                options.key(apiKey)
                        .or(() -> options.isLocal(server) ? options.adminKey() : Optional.empty());
        if (key.isEmpty()) {
            throw new Failure(
                    "There is no API key for "
                            + server
                            + ": give one with --api-key @FILE or USHER_API_KEY, or name the data"
                            + " directory of this machine's server with --data-dir.");
        }
        return options.open(server, key, Optional.empty());
    }
}
