package dev.usher.cli;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code usher audit}: who changed what. */
@Command(
        name = "audit",
        description = "Who changed what, and the proof that nobody changed that.",
        addMethodSubcommands = false)
final class AuditCommand {

    private static final String PATH = "/api/v1/audit";

    @Command(
            name = "list",
            description = "List the changes that were made, oldest first.",
            footer = {
                "%nExamples:",
                "  usher audit list --subject 58A0CBFFFE800BE7",
                "  usher audit list --after 1000 -o json"
            })
    void list(
            @Mixin Connection connection,
            @Mixin Output output,
            @Option(
                            names = "--after",
                            paramLabel = "SEQ",
                            description = "Only what came after this entry.")
                    @Nullable Long after,
            @Option(
                            names = "--subject",
                            paramLabel = "SUBJECT",
                            description = "Only changes to this gateway, batch or owner.")
                    @Nullable String subject,
            @Option(
                            names = "--limit",
                            paramLabel = "COUNT",
                            description = "At most so many. Default: all.")
                    @Nullable Long limit) {
        Map<String, String> query = new TreeMap<>();
        if (after != null) {
            query.put("after", after.toString());
        }
        if (subject != null) {
            query.put("subject", subject);
        }
        try (Listing entries =
                output.listing(
                        List.of(
                                Column.of("SEQ", "seq"),
                                Column.of("AT", "at"),
                                Column.of("ACTOR", "actor"),
                                Column.of("ACTION", "action"),
                                Column.of("SUBJECT", "subject"),
                                Column.of("OWNER", "owner")))) {
            connection
                    .rest()
                    .list(PATH, query, limit == null ? Long.MAX_VALUE : limit, entries::add);
            entries.finish();
        }
    }

    @Command(
            name = "verify",
            description = {
                "Check the chain of hashes over the whole audit log.",
                "Keep the head it shows elsewhere: it proves everything up to it."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {"0:The log is intact.", "1:It is broken, or could not be checked."},
            footer = {"%nExample:", "  usher audit verify"})
    int verify(@Mixin Connection connection, @Mixin Output output) {
        JsonNode verdict = connection.rest().get(PATH + "/verify");
        output.show(verdict);
        return verdict.path("intact").asBoolean(false) ? Usher.OK : Usher.FAILED;
    }
}
