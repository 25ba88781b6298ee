package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.interop.ClientIdentity;
import dev.usher.lorawan.Eui64;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which owner speaks to which Owner API, and how the owner proves who they are. */
final class OwnerConnection {

    private final Terminal terminal;

    @Mixin private final Connection connection;

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
        this.connection = new Connection(terminal);
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
        return new OwnerApi(connection.ownerApi(identity()), owner, router ? "router" : "gateway");
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
