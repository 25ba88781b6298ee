package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** A KEK that is given, or made by the server and told once. */
final class KekOptions {

    private final Terminal terminal;

    @Option(
            names = "--kek",
            paramLabel = "HEX",
            description =
                    "The KEK, 128, 192 or 256 bits: hex, @FILE, or - for stdin. Default: one is"
                            + " made and shown this once.")
    private @Nullable Secret kek;

    @Option(
            names = "--bits",
            paramLabel = "BITS",
            description = "How long a KEK to make. Default: 128.")
    private @Nullable Integer bits;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write a KEK made here into this new file (mode 0600).")
    private @Nullable Path out;

    KekOptions(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    void put(ObjectNode wish) {
        if (out != null && kek != null) {
            throw Failure.ofUsage("--out is for a KEK made here: leave out --kek, or --out.");
        }
        if (out != null) {
            LocalFile.requireNew(out);
        }
        if (kek != null) {
            wish.put("kek", kek.reveal(terminal));
        }
        if (bits != null) {
            wish.put("bits", bits);
        }
    }

    ObjectNode keep(ObjectNode made, Change change) {
        if (out != null && !change.isDryRun()) {
            LocalFile.writeSecret(
                    out, (Json.text(made, "kek") + "\n").getBytes(StandardCharsets.UTF_8));
            made.put("kek", "@" + out);
        }
        return made;
    }
}
