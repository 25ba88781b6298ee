package dev.usher.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usher.store.Database;
import dev.usher.store.DatabaseUrl;
import dev.usher.store.StoreException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts of all modules, as a server finds them. */
class MigrationsTest {

    private @TempDir Path directory;

    private Database open() {
        return Database.open(DatabaseUrl.sqlite(directory.resolve("usher.db")));
    }

    private void change(String sql) {
        try (Database database = open()) {
            database.write(handle -> handle.execute(sql));
        }
    }

    @Test
    void areNotLookedThroughAgainWhenTheFileHasHadThemAll() {
        // A history that Flyway would complain of.
        change("UPDATE flyway_schema_history SET checksum = checksum + 1");

        try (Database database = open()) {
            assertThat(database.isReachable()).isTrue();
        }
    }

    @Test
    void areLookedThroughWhenTheFileHasHadOthers() {
        change("UPDATE flyway_schema_history SET checksum = checksum + 1");
        change("PRAGMA user_version = 7");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(this::open)
                .withMessageContaining("could not be brought up to date");
    }
}
