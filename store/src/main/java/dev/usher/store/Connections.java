package dev.usher.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.Locale;
import java.util.Properties;
import org.sqlite.SQLiteOpenMode;

/**
 * The connections to a database, by what they are for.
 *
 * <p>Durable means on disk: SQLite runs in WAL mode with {@code synchronous=FULL}, PostgreSQL with
 * its own {@code fsync}.
 */
enum Connections {
    /** For queries. */
    READERS,

    /**
     * For changes. On SQLite it is one, and a second while there are migrations: only one can write
     * at a time, and the pages that it has in memory stay right for as long as no other writes. On
     * PostgreSQL it is one for each kind of grouped change, and two for joins.
     */
    WRITERS,

    /** For changes that do not wait for the disk, on PostgreSQL. */
    SOON,

    /** For {@link Checkpoints}, on SQLite. */
    CHECKPOINTS;

    private static final int SQLITE_READERS = 4;
    private static final int SQLITE_WRITERS = 2;
    private static final int POSTGRESQL_READERS = 16;
    private static final int POSTGRESQL_WRITERS = 7;

    /** Of each connection, at most. */
    private static final int SQLITE_CACHE_KIB = 16 * 1024;

    /** Of the one that changes are made on, which reads what it changes. */
    private static final int SQLITE_WRITER_CACHE_KIB = 64 * 1024;

    /** No mutex of its own: sqlite-jdbc lets one thread at a time into a connection anyway. */
    private static final int SQLITE_OPEN_MODE =
            SQLiteOpenMode.READWRITE.flag
                    | SQLiteOpenMode.CREATE.flag
                    | SQLiteOpenMode.OPEN_URI.flag
                    | SQLiteOpenMode.NOMUTEX.flag;

    /** What the log has come to when a commit has to do what {@link Checkpoints} could not. */
    private static final int SQLITE_COMMIT_CHECKPOINT_PAGES = 8 * Checkpoints.PAGES;

    private static final long TIMEOUT_MILLIS = 2_000;

    /**
     * Opens the first of them.
     *
     * @throws StoreException if the database cannot be reached
     */
    HikariDataSource open(DatabaseUrl url) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("usher-" + name().toLowerCase(Locale.ROOT));
        config.setJdbcUrl(url.jdbcUrl());
        config.setDataSourceProperties(properties(url));
        config.setMaximumPoolSize(most(url.engine()));
        config.setMinimumIdle(1);
        config.setConnectionTimeout(TIMEOUT_MILLIS);
        if (url.engine() == Engine.SQLITE) {
            config.setMaxLifetime(0); // a file does not go away, and its statements are kept
            config.setConnectionInitSql(
                    "PRAGMA wal_autocheckpoint = " + SQLITE_COMMIT_CHECKPOINT_PAGES);
        } else if (this == SOON) {
            // Not as a parameter of the connection's start, which poolers refuse.
            config.setConnectionInitSql("SET synchronous_commit = off");
        }
        try {
            return new HikariDataSource(config);
        } catch (RuntimeException e) {
            throw new StoreException(
                    "the database " + url + " cannot be opened: " + StoreException.rootMessage(e),
                    e);
        }
    }

    private int most(Engine engine) {
        boolean sqlite = engine == Engine.SQLITE;
        return switch (this) {
            case READERS -> sqlite ? SQLITE_READERS : POSTGRESQL_READERS;
            case WRITERS -> sqlite ? SQLITE_WRITERS : POSTGRESQL_WRITERS;
            case SOON, CHECKPOINTS -> 1;
        };
    }

    /** What a connection is opened with. */
    Properties properties(DatabaseUrl url) {
        Properties properties = url.credentials();
        switch (url.engine()) {
            case SQLITE -> {
                properties.setProperty("journal_mode", "WAL");
                properties.setProperty("synchronous", "FULL");
                properties.setProperty("busy_timeout", "10000");
                properties.setProperty("foreign_keys", "true");
                properties.setProperty(
                        "cache_size",
                        "-" + (this == WRITERS ? SQLITE_WRITER_CACHE_KIB : SQLITE_CACHE_KIB));
                properties.setProperty("open_mode", Integer.toString(SQLITE_OPEN_MODE));
                // A change takes the write lock when it begins: upgrading a read lock later can
                // fail and cannot wait.
                properties.setProperty(
                        "transaction_mode", this == READERS ? "DEFERRED" : "IMMEDIATE");
            }
            case POSTGRESQL -> {
                properties.setProperty("ApplicationName", "usher");
                properties.setProperty("reWriteBatchedInserts", "true");
                properties.setProperty("connectTimeout", "5");
                properties.setProperty("socketTimeout", "60");
                properties.setProperty("tcpKeepAlive", "true");
            }
        }
        return properties;
    }
}
