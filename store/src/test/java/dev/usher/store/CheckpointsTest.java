package dev.usher.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

class CheckpointsTest {

    private static final int PAGES = 20;

    @TempDir private Path directory;
    private final SQLiteDataSource database = new SQLiteDataSource();
    private FileChannel file;

    @BeforeEach
    void createTable() throws SQLException, IOException {
        database.setUrl("jdbc:sqlite:" + directory.resolve("test.db"));
        database.setJournalMode("WAL");
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE noise (bytes BLOB)");
        }
        file = FileChannel.open(directory.resolve("test.db"), StandardOpenOption.READ);
    }

    @AfterEach
    void closeFile() throws IOException {
        file.close();
    }

    @Test
    void copiesALogThatHasBecomeLong() throws SQLException, IOException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            Checkpoints checkpoints = new Checkpoints(database, file, new ReentrantLock(), PAGES);
            statement.execute("PRAGMA wal_autocheckpoint = 0");
            writePages(statement, 2 * PAGES);

            checkpoints.copyIfLong();

            Checkpoints.Log log = Checkpoints.log(statement, "NOOP");
            assertThat(log.pages()).isGreaterThan(2 * PAGES);
            assertThat(log.waiting()).isZero();
        }
    }

    @Test
    void theNextChangeBeginsTheLogAnew() throws SQLException, IOException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            Checkpoints checkpoints = new Checkpoints(database, file, new ReentrantLock(), PAGES);
            statement.execute("PRAGMA wal_autocheckpoint = 0");
            writePages(statement, 2 * PAGES);
            checkpoints.copyIfLong();

            writePages(statement, 1);

            assertThat(Checkpoints.log(statement, "NOOP").pages()).isLessThan(PAGES);
        }
    }

    @Test
    void leavesAShortLogAlone() throws SQLException, IOException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            Checkpoints checkpoints = new Checkpoints(database, file, new ReentrantLock(), 1000);
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
