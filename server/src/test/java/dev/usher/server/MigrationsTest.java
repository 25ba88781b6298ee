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
            assertThat(database.trouble()).isEmpty();
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

    @Test
    void ofANewerUsherAreNotTouched() {
        change(
                "INSERT INTO flyway_schema_history (installed_rank, version, description, type,"
                        + " script, checksum, installed_by, execution_time, success)"
                        + " VALUES (999, '999', 'later', 'SQL', 'V999__later.sql', 1, '', 1, 1)");
        change("PRAGMA user_version = 7");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(this::open)
                .withMessageEndingWith(
                        "they are those of a newer Usher (they have had script V999, which this one"
                                + " does not know): start the newer Usher, or restore the backup"
                                + " that was made before it ran");
    }
}
