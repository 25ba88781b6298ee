package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.UUID;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** A change to many rows: only tried, or really, and then at most once for the same rows. */
final class BulkChange {

    private final Terminal terminal;

    @Mixin private final Bulk bulk;

    @Option(
            names = "--dry-run",
            description = "Let the server check everything, but change nothing.")
    private boolean dryRun;

    @Option(
            names = "--anew",
            description =
                    "Make the change of all rows again. Without it a server that has answered the"
                            + " same rows within a day gives the same answer, which makes it safe"
                            + " to repeat a run that was cut off.")
    private boolean anew;

    BulkChange(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
        this.bulk = new Bulk(terminal);
    }

    boolean isDryRun() {
        return dryRun;
    }

    Rows rows(List<ObjectNode> given, Fields fields) {
        return bulk.rows(given, fields);
    }

    /** What goes into the idempotency keys: nothing, unless a change is meant as a new one. */
    String salt(Rows rows) {
        return anew || rows.areTyped() ? UUID.randomUUID().toString() : "";
    }

    /** Makes the change to all rows, to the exit code: 1 if a row failed. */
    int run(Rows rows, Bulk.Job job, Listing results) {
        int exitCode = bulk.run(rows, job, results);
        if (exitCode != Usher.OK && !rows.areTyped() && !dryRun) {
            terminal.say(
                    "to try the failed rows again, put them right and repeat the command; with"
                            + " --anew if the rows themselves stay the same.");
        }
        return exitCode;
    }
}
