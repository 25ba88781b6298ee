package dev.usher.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * The engines every repository is tested on. Each {@link #fresh} database is empty, migrated, and
 * its own; PostgreSQL is one embedded server per JVM, with {@code fsync} on as in production.
 */
public enum TestDatabase {
    SQLITE {
        @Override
        public DatabaseUrl freshUrl() {
            try {
                Path directory = Files.createTempDirectory("usher-sqlite-");
                Runtime.getRuntime()
                        .addShutdownHook(new Thread(() -> deleteRecursively(directory)));
                return DatabaseUrl.sqlite(directory.resolve("usher.db"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    },
    POSTGRESQL {
        @Override
        public DatabaseUrl freshUrl() {
            String name = "usher_" + COUNTER.incrementAndGet();
            try (Connection connection = Server.POSTGRES.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE " + name);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            return DatabaseUrl.parse(
                    "postgresql://postgres@localhost:" + Server.POSTGRES.getPort() + "/" + name);
        }
    };

    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final Map<TestDatabase, Database> EMPTIED = new ConcurrentHashMap<>();

    /** The migrations' own, and the one row that is always there. */
    private static final Set<String> KEPT = Set.of("flyway_schema_history", "audit_head");

    /** Where a new, empty database is; opening it migrates it. */
    public abstract DatabaseUrl freshUrl();

    public Database fresh() {
        return Database.open(freshUrl());
    }

    /**
     * The engine's one database for the tests of a JVM, opened once and emptied now: opening one
     * takes longer than most tests. Do not close it.
     */
    public Database emptied() {
        Database database = EMPTIED.computeIfAbsent(this, TestDatabase::fresh);
        database.write(
                handle -> {
                    List<String> tables =
                            handle.createQuery(listOfTables())
                                    .mapTo(String.class)
                                    .filter(name -> !KEPT.contains(name))
                                    .list();
                    empty(handle, tables);
                    return tables;
                });
        return database;
    }

    private String listOfTables() {
        return this == SQLITE
                ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                : "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    }

    private void empty(Handle handle, List<String> tables) {
        if (this == SQLITE) {
            handle.execute("PRAGMA defer_foreign_keys = ON");
            tables.forEach(table -> handle.execute("DELETE FROM " + table));
        } else {
            handle.execute("SET LOCAL session_replication_role = replica"); // no foreign keys
            tables.forEach(table -> handle.execute("DELETE FROM " + table));
        }
        handle.execute("UPDATE audit_head SET seq = 0, hash = ''");
    }

    private static final class Server {
        static final EmbeddedPostgres POSTGRES = start();

        private static EmbeddedPostgres start() {
            try {
                EmbeddedPostgres postgres =
                        EmbeddedPostgres.builder().setServerConfig("fsync", "on").start();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> close(postgres)));
                return postgres;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void close(EmbeddedPostgres postgres) {
            try {
                postgres.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void deleteRecursively(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
