package dev.usher.cli;

import dev.usher.lorawan.Eui64;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher owners api-key}: the API keys of an owner. */
@Command(name = "api-key", description = "The API keys of an owner.", addMethodSubcommands = false)
final class OwnersApiKeyCommand {

    @Shows(Shows.Result.OWNERS_KEY)
    @Command(
            name = "create",
            description = "Make an API key; it is shown this once.",
            footer = {
                "%nExamples:",
                "  usher owners api-key create ::1 --name laptop --out acme.apikey",
                "  usher owner list --ownerid ::1 --api-key @acme.apikey"
            })
    void create(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "OWNERID", description = "As in ::1.") Eui64 owner,
            @Option(names = "--name", paramLabel = "NAME", description = "A name for people.")
                    @Nullable String name,
            @Option(
                            names = "--expires-at",
                            paramLabel = "TIME",
                            description = "It is worthless from then on. Default: never.")
                    @Nullable Time expiresAt,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            description = "Write it into this new file (mode 0600) instead.")
                    @Nullable Path out) {
        if (out != null) {
            LocalFile.requireNew(out);
        }
        ObjectNode wish = Json.object();
        if (name != null) {
            wish.put("name", name);
        }
        if (expiresAt != null) {
            wish.put("expiresAt", expiresAt.toString());
        }
        ObjectNode made = (ObjectNode) connection.rest().post(path(owner), wish, change);
        if (out != null && !change.isDryRun()) {
            LocalFile.writeSecret(
                    out, (Json.text(made, "key") + "\n").getBytes(StandardCharsets.UTF_8));
            made.put("key", "@" + out);
        }
        output.show(made);
    }

    @Command(
            name = "list",
            description = "List an owner's API keys, without the keys themselves.",
            footer = {"%nExample:", "  usher owners api-key list ::1"})
    void list(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "OWNERID", description = "As in ::1.") Eui64 owner) {
        try (Listing keys =
                output.listing(
                        List.of(
                                Column.of("ID", "id"),
                                Column.of("NAME", "name"),
                                Column.of("CREATED", "createdAt"),
                                Column.of("EXPIRES", "expiresAt")))) {
            connection.rest().list(path(owner), Map.of(), Long.MAX_VALUE, keys::add);
            keys.finish();
        }
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            description = "Delete an API key: it is worthless at once.",
            footer = {"%nExample:", "  usher owners api-key delete ::1 7f3k2m"})
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(index = "0", paramLabel = "OWNERID", description = "As in ::1.")
                    Eui64 owner,
            @Parameters(index = "1", paramLabel = "KEYID", description = "As 'list' shows it.")
                    String id) {
        connection.rest().delete(path(owner) + "/" + RemoteServer.segment(id), change);
        output.show(change.deleted(id));
    }

    private static String path(Eui64 owner) {
        return OwnersCommand.path(owner) + "/api-keys";
    }
}
