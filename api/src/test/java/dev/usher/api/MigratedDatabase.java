package dev.usher.api;

import dev.usher.store.Database;
import dev.usher.store.DatabaseUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * SQLite databases that have all tables when they are opened: copies of one that is migrated once
 * per JVM. Migrating each anew is a good part of what the tests of the faces would cost.
 */
final class MigratedDatabase {

    private static final byte[] FILE = migrate();

    private MigratedDatabase() {}

    private static byte[] migrate() {
        try {
            Path directory = Files.createTempDirectory("usher-migrated-");
            Path file = directory.resolve("usher.db");
            Database.open(DatabaseUrl.sqlite(file)).close();
            byte[] bytes = Files.readAllBytes(file);
            Files.delete(file);
            Files.delete(directory); // fails if the log was not brought into the file
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new one, in {@code usher.db} of {@code directory}. */
    static Database in(Path directory) {
        Path file = directory.resolve("usher.db");
        try {
            Files.write(file, FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Database.open(DatabaseUrl.sqlite(file));
    }
}
