package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.interop.ClientIdentity;
import dev.usher.lorawan.Eui64;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which owner speaks to which Owner API, and how the owner proves who they are. */
final class OwnerConnection {

    private static final String OWNER_API_PORT = "9193";

    private final Terminal terminal;

    @Mixin private final ServerOptions options;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description =
                    "The Owner API, as in https://usher.example.com:9193. Default:"
                            + " USHER_OWNER_URL, or port 9193 of the host in USHER_URL, or of this"
                            + " machine.")
    private @Nullable String url;

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            description =
                    "The owner's API key, or @FILE for the file it is in. Default: USHER_API_KEY.")
    private @Nullable Secret apiKey;

    @Option(
            names = "--ownerid",
            paramLabel = "ID",
            description = "The owner, as in ::1. Default: USHER_OWNERID.")
    private @Nullable String ownerId;

    @Option(
            names = "--cert",
            paramLabel = "FILE",
            description = "The owner's client certificate (PEM), instead of an API key.")
    private @Nullable Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "The private key (PEM) of --cert.")
    private @Nullable Path key;

    @Option(
            names = "--router",
            description = "Speak to an older server, which says router instead of gateway.")
    private boolean router;

    OwnerConnection(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
        this.options = new ServerOptions(terminal);
    }

    OwnerApi open() {
        String owner =
                Optional.ofNullable(ownerId)
                        .or(() -> terminal.variable("USHER_OWNERID"))
                        .orElseThrow(
                                () ->
                                        Failure.ofUsage(
                                                "Which owner? Give --ownerid ID, or set"
                                                        + " USHER_OWNERID."));
        try {
            Eui64.parse(owner);
        } catch (IllegalArgumentException e) {
            throw Failure.ofUsage("--ownerid: " + e.getMessage() + ".");
        }
        return new OwnerApi(server(identity()), owner, router ? "router" : "gateway");
    }

    private RemoteServer server(Optional<ClientIdentity> identity) {
        URI server =
                options.given(url, "USHER_OWNER_URL")
                        .map(ServerOptions::server)
                        .or(
                                () ->
                                        terminal.variable("USHER_URL")
                                                .map(OwnerConnection::ownerApiOfHost))
                        .orElseGet(() -> options.local("USHER_OWNER_API_PORT", OWNER_API_PORT));
        Optional<String> key = options.key(apiKey);
        if (key.isEmpty() && identity.isEmpty()) {
            throw new Failure(
                    "There is no credential of an owner for "
                            + server
                            + ": give --api-key @FILE (or USHER_API_KEY), or --cert and --key; an"
                            + " administrator makes them with 'usher owners api-keys create' and"
                            + " 'usher owners certificate create'.");
        }
        return options.open(server, key, identity);
    }

    /** USHER_URL names the REST API; the Owner API of the same server has a port of its own. */
    private static URI ownerApiOfHost(String restUrl) {
        return URI.create(
                "https://" + ServerOptions.server(restUrl).getHost() + ":" + OWNER_API_PORT);
    }

    private Optional<ClientIdentity> identity() {
        Path chain = certificate;
        Path privateKey = key;
        if (chain == null && privateKey == null) {
            return Optional.empty();
        }
        if (chain == null || privateKey == null) {
            throw Failure.ofUsage("--cert and --key belong together: give both.");
        }
        return Optional.of(new ClientIdentity(Pem.certificates(chain), Pem.privateKey(privateKey)));
    }
}
