package dev.usher.store;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;

/**
 * The scripts under {@code db/migration} on the class path, which bring the tables of a database up
 * to date.
 *
 * <p>Flyway does it, and takes a good part of a start to find that there is nothing to do. So an
 * SQLite file says itself which scripts it has had: {@code user_version} is the CRC-32 of them all.
 */
final class Migrations {

    private static final String FOLDER = "db/migration";

    private Migrations() {}

    /**
     * Runs the scripts that the database has not had.
     *
     * @throws FlywayException if one fails, was changed since, or the database had one that only a
     *     newer Usher has
     */
    static void run(Engine engine, HikariDataSource pool) throws SQLException, IOException {
        switch (engine) {
            case SQLITE -> {
                int version = version();
                if (userVersion(pool) != version) {
                    migrate(engine, pool);
                    setUserVersion(pool, version);
                }
            }
            case POSTGRESQL -> migrate(engine, pool);
        }
    }

    private static void migrate(Engine engine, HikariDataSource pool) {
        Flyway flyway =
                Flyway.configure()
                        .dataSource(pool)
                        .locations("classpath:" + FOLDER)
                        .loggers("slf4j")
                        .placeholders(dialect(engine))
                        .load();
        refuseNewer(flyway);
        flyway.migrate();
    }

    /** Flyway itself would go on, with tables that this program does not know. */
    private static void refuseNewer(Flyway flyway) {
        for (MigrationInfo applied : flyway.info().applied()) {
            if (applied.getState() == MigrationState.FUTURE_SUCCESS
                    || applied.getState() == MigrationState.FUTURE_FAILED) {
                throw new FlywayException(
                        "they are those of a newer Usher (they have had script V"
                                + applied.getVersion()
                                + ", which this one does not know): start the newer Usher, or"
                                + " restore the backup that was made before it ran");
            }
        }
    }

    /**
     * The two words in which the tables differ: the type of a 64-bit key (as INTEGER it is SQLite's
     * own row number, so that the table needs no index for it), and what keeps the rows of a table
     * with a composite key in that key's tree.
     */
    private static Map<String, String> dialect(Engine engine) {
        return switch (engine) {
            case SQLITE -> Map.of("int64", "INTEGER", "clustered", "WITHOUT ROWID");
            case POSTGRESQL -> Map.of("int64", "BIGINT", "clustered", "");
        };
    }

    private static int userVersion(HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA user_version")) {
            return row.getInt(1);
        }
    }

    private static void setUserVersion(HikariDataSource pool, int version) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = " + version);
        }
    }

    /** Of all scripts by name; never 0, which is a new file's. */
    private static int version() throws IOException {
        CRC32 crc = new CRC32();
        for (Map.Entry<String, URL> script : scripts().entrySet()) {
            crc.update(script.getKey().getBytes(StandardCharsets.UTF_8));
            try (InputStream text = script.getValue().openStream()) {
                crc.update(text.readAllBytes());
            }
        }
        return Math.max(1, (int) (crc.getValue() & Integer.MAX_VALUE));
    }

    private static SortedMap<String, URL> scripts() throws IOException {
        ClassLoader classes = Migrations.class.getClassLoader();
        SortedMap<String, URL> scripts = new TreeMap<>();
        for (URL folder : Collections.list(classes.getResources(FOLDER))) {
            for (String name : names(folder)) {
                scripts.put(name, URI.create(folder + "/" + name).toURL());
            }
        }
        return scripts;
    }

    private static List<String> names(URL folder) throws IOException {
        if (folder.openConnection() instanceof JarURLConnection jar) {
            return jar.getJarFile().stream()
                    .map(ZipEntry::getName)
                    .filter(name -> name.startsWith(FOLDER + "/") && !name.endsWith("/"))
                    .map(name -> name.substring(FOLDER.length() + 1))
                    .toList();
        }
        try (Stream<Path> files = Files.list(Path.of(URI.create(folder.toString())))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
