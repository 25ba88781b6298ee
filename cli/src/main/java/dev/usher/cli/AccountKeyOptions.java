package dev.usher.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A new API key with rights, as options; and what all do with such keys. */
final class AccountKeyOptions {

    @Option(names = "--name", paramLabel = "NAME", description = "A name for people.")
    private @Nullable String name;

    @Option(
            names = {"--right", "--rights"},
            required = true,
            split = ",",
            paramLabel = "RIGHT",
            description =
                    "What it allows, as in RIGHT_GATEWAY_INFO or RIGHT_GATEWAY_ALL; several with"
                            + " commas. Never more than you may do yourself.")
    private List<String> rights = List.of();

    @Option(
            names = {"--expires-at", "--api-key-expiry"},
            paramLabel = "TIME",
            description = "It is worthless from then on. Default: never.")
    private @Nullable Time expiresAt;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write it into this new file (mode 0600) instead.")
    private @Nullable Path out;

    /**
     * Makes a key.
     *
     * @param thing the path of what it is a key of
     */
    void create(Connection connection, Change change, Output output, String thing) {
        if (out != null) {
            LocalFile.requireNew(out);
        }
        ObjectNode wish = Json.object();
        if (name != null) {
            wish.put("name", name);
        }
        ArrayNode names = wish.putArray("rights");
        rights.stream()
                .flatMap(some -> Arrays.stream(some.split(",", -1)))
                .map(String::strip)
                .forEach(names::add);
        if (expiresAt != null) {
            wish.put("expiresAt", expiresAt.toString());
        }
        ObjectNode made = (ObjectNode) connection.rest().post(thing + "/api-keys", wish, change);
        if (out != null && !change.isDryRun()) {
            LocalFile.writeSecret(
                    out, (Json.text(made, "key") + "\n").getBytes(StandardCharsets.UTF_8));
            made.put("key", "@" + out);
        }
        output.show(made);
    }

    static void list(Connection connection, Output output, String thing) {
        try (Listing keys =
                output.listing(
                        List.of(
                                Column.of("ID", "id"),
                                Column.of("NAME", "name"),
                                Column.of("RIGHTS", "rights"),
                                Column.of("CREATED", "createdAt"),
                                Column.of("EXPIRES", "expiresAt")))) {
            connection.rest().list(thing + "/api-keys", Map.of(), Long.MAX_VALUE, keys::add);
            keys.finish();
        }
    }

    static void delete(
            Connection connection, Change change, Output output, String thing, String id) {
        connection.rest().delete(thing + "/api-keys/" + RemoteServer.segment(id), change);
        output.show(change.deleted(id));
    }
}
