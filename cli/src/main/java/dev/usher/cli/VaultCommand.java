package dev.usher.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code usher vault}: where the server keeps its root keys. */
@Command(
        name = "vault",
        description = "Show the server's vault: its kind, the keys in it, its transport key.",
        footer = {"%nExamples:", "  usher vault", "  usher vault --transport-key > twin.pem"})
final class VaultCommand implements Callable<Integer> {

    @Mixin private final Connection connection;
    @Mixin private final Output output;

    @Option(
            names = "--transport-key",
            description = "Print only the public key that others wrap keys with for this vault.")
    private boolean transportKey;

    VaultCommand(Terminal terminal) {
        this.connection = new Connection(terminal);
        this.output = new Output(terminal);
    }

    @Override
    public @Nullable Integer call() {
        JsonNode vault = connection.rest().get("/api/v1/vault");
        if (transportKey) {
            output.print(Json.text(vault, "transportKey").strip() + "\n");
        } else {
            output.show(vault);
        }
        return Usher.OK;
    }
}
