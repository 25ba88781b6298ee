package dev.usher.cli;

import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** How a change is made: only tried, or really, and then at most once. */
final class Change {

    @Option(
            names = "--dry-run",
            description = "Let the server check everything, but change nothing.")
    private boolean dryRun;

    @Option(
            names = "--idempotency-key",
            paramLabel = "KEY",
            description =
                    "Make the change once, however often this is sent with the same key. Default:"
                            + " a new key for each call.")
    private @Nullable String idempotencyKey;

    boolean isDryRun() {
        return dryRun;
    }

    /** The key the user chose, or a new one. */
    String key() {
        return Optional.ofNullable(idempotencyKey).orElseGet(() -> UUID.randomUUID().toString());
    }

    /** What is told of a deletion, whose answer is empty. */
    ObjectNode deleted(String what) {
        ObjectNode report = Json.object().put("deleted", what);
        return dryRun ? report.put("dryRun", true) : report;
    }
}
