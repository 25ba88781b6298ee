package dev.usher.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

class CheckpointsTest {

    private static final int PAGES = 20;

    @TempDir private Path directory;
    private final SQLiteDataSource database = new SQLiteDataSource();

    @BeforeEach
    void createTable() throws SQLException {
        database.setUrl("jdbc:sqlite:" + directory.resolve("test.db"));
        database.setJournalMode("WAL");
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE noise (bytes BLOB)");
        }
    }

    @Test
    void copiesALogThatHasBecomeLong() throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            Checkpoints checkpoints = new Checkpoints(database, new ReentrantLock(), PAGES);
            statement.execute("PRAGMA wal_autocheckpoint = 0");
            writePages(statement, 2 * PAGES);

            checkpoints.copyIfLong();

            Checkpoints.Log log = Checkpoints.log(statement, "NOOP");
            assertThat(log.pages()).isGreaterThan(2 * PAGES);
            assertThat(log.waiting()).isZero();
        }
    }

    @Test
    void theNextChangeBeginsTheLogAnew() throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            Checkpoints checkpoints = new Checkpoints(database, new ReentrantLock(), PAGES);
            statement.execute("PRAGMA wal_autocheckpoint = 0");
            writePages(statement, 2 * PAGES);
            checkpoints.copyIfLong();

            writePages(statement, 1);

            assertThat(Checkpoints.log(statement, "NOOP").pages()).isLessThan(PAGES);
        }
    }

    @Test
    void leavesAShortLogAlone() throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            Checkpoints checkpoints = new Checkpoints(database, new ReentrantLock(), 1000);
            statement.execute("PRAGMA wal_autocheckpoint = 0");
            writePages(statement, PAGES);

            checkpoints.copyIfLong();

            assertThat(Checkpoints.log(statement, "NOOP").copied()).isZero();
        }
    }

    private static void writePages(Statement statement, int pages) throws SQLException {
        for (int i = 0; i < pages; i++) {
            statement.execute("INSERT INTO noise VALUES (randomblob(4096))");
        }
    }
}
