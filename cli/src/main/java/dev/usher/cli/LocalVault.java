package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.keys.FileVault;
import dev.usher.keys.MasterKey;
import dev.usher.keys.Pkcs11Vault;
import dev.usher.keys.TokenPin;
import dev.usher.keys.Vault;
import dev.usher.keys.VaultException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * A vault on this machine that a command opens itself, without a server: a file vault or a token.
 * Its secret comes from a file or the environment, under the names {@code usher serve} knows.
 */
final class LocalVault {

    private static final String MASTER_KEY = "USHER_VAULT_MASTER_KEY";
    private static final String PIN = "USHER_VAULT_PIN";

    private final Terminal terminal;

    @Option(
            names = "--vault",
            paramLabel = "DIR",
            description = "The file vault in this directory of this machine, without a server.")
    private @Nullable Path directory;

    @Option(
            names = "--master-key-file",
            paramLabel = "FILE",
            description =
                    "What opens the file vault. Default: USHER_VAULT_MASTER_KEY_FILE,"
                            + " USHER_VAULT_MASTER_KEY, or master.key beside DIR.")
    private @Nullable Path masterKeyFile;

    @Option(
            names = "--library",
            paramLabel = "FILE",
            description = "Or the token of this PKCS#11 library, without a server.")
    private @Nullable Path library;

    @Option(
            names = "--token",
            paramLabel = "LABEL",
            description = "The token's label. Default: USHER_VAULT_TOKEN.")
    private @Nullable String token;

    @Option(
            names = "--pin-file",
            paramLabel = "FILE",
            description =
                    "The token's user PIN. Default: USHER_VAULT_PIN_FILE, or the PIN in"
                            + " USHER_VAULT_PIN.")
    private @Nullable Path pinFile;

    LocalVault(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    /** Whether the command line names one. */
    boolean isGiven() {
        return directory != null || library != null;
    }

    /**
     * Opens the vault, uses it, and closes it.
     *
     * @throws Failure if none is named or there is none, or with what the vault refuses
     */
    <T> T use(Function<Vault, T> use) {
        return use(use, false);
    }

    /** The same; a file vault that is not there yet is made, as for a key that is to come. */
    <T> T useOrMake(Function<Vault, T> use) {
        return use(use, true);
    }

    private <T> T use(Function<Vault, T> use, boolean make) {
        try (Vault vault = open(make)) {
            return use.apply(vault);
        } catch (VaultException e) {
            throw new Failure(
                    Terminal.visible(String.valueOf(e.getMessage())).replaceFirst("[.]$", "") + ".",
                    e);
        }
    }

    private Vault open(boolean make) {
        if (directory != null && library != null) {
            throw Failure.ofUsage(
                    "Which vault? Give --vault for one in files, or --library for a token.");
        }
        if (library != null) {
            return openToken(library);
        }
        if (directory == null) {
            throw Failure.ofUsage(
                    "Which vault? Give --vault DIR for one in files, or --library and --token.");
        }
        if (Files.isDirectory(directory.resolve("vault"))) {
            throw Failure.ofUsage(
                    "'"
                            + directory
                            + "' is a server's data directory: give --vault "
                            + directory.resolve("vault")
                            + ".");
        }
        if (!make && !Files.exists(directory.resolve("vault"))) {
            throw new Failure(
                    "There is no vault in '"
                            + directory
                            + "': correct --vault; 'usher vault transport-key' makes a new one.");
        }
        return FileVault.open(directory, masterKey(directory));
    }

    private MasterKey masterKey(Path directory) {
        Optional<Path> file =
                Optional.ofNullable(masterKeyFile)
                        .or(() -> terminal.variable(MASTER_KEY + "_FILE").map(Path::of));
        if (file.isEmpty() && terminal.variable(MASTER_KEY).isPresent()) {
            return MasterKey.environment(MASTER_KEY);
        }
        return MasterKey.file(
                file.orElseGet(() -> directory.toAbsolutePath().resolveSibling("master.key")));
    }

    private Vault openToken(Path library) {
        String label =
                Optional.ofNullable(token)
                        .or(() -> terminal.variable("USHER_VAULT_TOKEN"))
                        .orElseThrow(
                                () ->
                                        Failure.ofUsage(
                                                "Which token of "
                                                        + library
                                                        + "? Give --token LABEL."));
        return Pkcs11Vault.open(
                library,
                label,
                Optional.ofNullable(pinFile)
                        .or(() -> terminal.variable(PIN + "_FILE").map(Path::of))
                        .map(TokenPin::file)
                        .orElseGet(() -> TokenPin.environment(PIN)));
    }
}
