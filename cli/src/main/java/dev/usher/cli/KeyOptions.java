package dev.usher.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** A new API key, as options; and what all do with API keys. */
final class KeyOptions {

    private static final Column ID = Column.of("ID", "id");
    private static final Column NAME = Column.of("NAME", "name");
    private static final Column RIGHTS = Column.of("RIGHTS", "rights");
    private static final Column CREATED = Column.of("CREATED", "createdAt");
    private static final Column EXPIRES = Column.of("EXPIRES", "expiresAt");

    @Option(names = "--name", paramLabel = "NAME", description = "A name for people.")
    private @Nullable String name;

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
     * @param path of the keys
     * @param wish what else is to be said of it
     */
    void create(Connection connection, Change change, Output output, String path, ObjectNode wish) {
        if (out != null) {
            LocalFile.requireNew(out);
        }
        if (name != null) {
            wish.put("name", name);
        }
        if (expiresAt != null) {
            wish.put("expiresAt", expiresAt.toString());
        }
        ObjectNode made = (ObjectNode) connection.rest().post(path, wish, change);
        if (out != null && !change.isDryRun()) {
            LocalFile.writeSecret(
                    out, (Json.text(made, "key") + "\n").getBytes(StandardCharsets.UTF_8));
            made.put("key", "@" + out);
        }
        output.show(made);
    }

    static void list(Connection connection, Output output, String path) {
        list(connection, output, path, List.of(ID, NAME, CREATED, EXPIRES));
    }

    static void listWithRights(Connection connection, Output output, String path) {
        list(connection, output, path, List.of(ID, NAME, RIGHTS, CREATED, EXPIRES));
    }

    private static void list(
            Connection connection, Output output, String path, List<Column> columns) {
        try (Listing keys = output.listing(columns)) {
            connection.rest().list(path, Map.of(), Long.MAX_VALUE, keys::add);
            keys.finish();
        }
    }

    static void delete(
            Connection connection, Change change, Output output, String path, String id) {
        connection.rest().delete(path + "/" + RemoteServer.segment(id), change);
        output.show(change.deleted(id));
    }
}
