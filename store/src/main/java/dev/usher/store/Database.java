package dev.usher.store;

import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database, opened and migrated: {@link #read} runs on a connection of its own, {@link #write}
 * through the group commit.
 *
 * <p>Changes are serial: one transaction of changes at a time, on SQLite because it has one writer,
 * on PostgreSQL because each takes one advisory lock first, whichever node it comes from. So a
 * change may check and then write without thinking of any other. Throughput comes from many changes
 * sharing one commit.
 *
 * <p>Durable means on disk: SQLite runs in WAL mode with {@code synchronous=FULL}, PostgreSQL with
 * its own {@code fsync}.
 */
public final class Database implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);

    private static final int POSTGRESQL_CONNECTIONS = 16;
    private static final int SQLITE_READERS = 4;
    private static final long CONNECTION_TIMEOUT_MILLIS = 2_000;

    /** Any number will do, so long as every node uses the same one. */
    private static final long CHANGES_LOCK = 0x5553_4845_5201L;

    private final DatabaseUrl url;
    private final HikariDataSource pool;
    private final HikariDataSource writerPool;
    private final Jdbi readers;
    private final Semaphore readerGate;
    private final GroupCommit changes;

    private Database(DatabaseUrl url, HikariDataSource pool, HikariDataSource writerPool) {
        this.url = url;
        this.pool = pool;
        this.writerPool = writerPool;
        this.readers = Jdbi.create(pool);
        // The pool is unfair when many virtual threads want a connection; the gate in front of it
        // is first come, first served.
        this.readerGate = new Semaphore(pool.getMaximumPoolSize(), true);
        Jdbi writer = Jdbi.create(writerPool);
        this.changes =
                new GroupCommit(
                        "usher-changes",
                        body ->
                                writer.useTransaction(
                                        handle -> {
                                            if (url.engine() == Engine.POSTGRESQL) {
                                                handle.createQuery(
                                                                "SELECT"
                                                                    + " pg_advisory_xact_lock(:lock)")
                                                        .bind("lock", CHANGES_LOCK)
                                                        .mapTo(String.class)
                                                        .list();
                                            }
                                            body.accept(handle);
                                        }));
    }

    /**
     * Opens the database and brings its tables up to date.
     *
     * @throws StoreException if it cannot be reached or was made by a newer Usher
     */
    public static Database open(DatabaseUrl url) {
        requireNonNull(url, "url");
        // One writes; the second is for the migrations' lock.
        HikariDataSource writerPool = connect(url, "writer", 2);
        HikariDataSource readerPool = null;
        try {
            migrate(url, writerPool);
            readerPool =
                    connect(
                            url,
                            "reader",
                            url.engine() == Engine.SQLITE
                                    ? SQLITE_READERS
                                    : POSTGRESQL_CONNECTIONS);
            return new Database(url, readerPool, writerPool);
        } catch (RuntimeException e) {
            writerPool.close();
            if (readerPool != null) {
                readerPool.close();
            }
            throw e;
        }
    }

    private static HikariDataSource connect(DatabaseUrl url, String role, int connections) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("usher-" + role);
        config.setJdbcUrl(url.jdbcUrl());
        config.setDataSourceProperties(properties(url, role));
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECTION_TIMEOUT_MILLIS);
        try {
            return new HikariDataSource(config);
        } catch (RuntimeException e) {
            throw new StoreException(
                    "the database " + url + " cannot be opened: " + rootMessage(e), e);
        }
    }

    private static Properties properties(DatabaseUrl url, String role) {
        Properties properties = url.credentials();
        switch (url.engine()) {
            case SQLITE -> {
                properties.setProperty("journal_mode", "WAL");
                properties.setProperty("synchronous", "FULL");
                properties.setProperty("busy_timeout", "10000");
                properties.setProperty("foreign_keys", "true");
                // A change takes the write lock when it begins: upgrading a read lock later can
                // fail and cannot wait.
                properties.setProperty(
                        "transaction_mode", role.equals("writer") ? "IMMEDIATE" : "DEFERRED");
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

    private static void migrate(DatabaseUrl url, HikariDataSource pool) {
        try {
            Flyway.configure()
                    .dataSource(pool)
                    .locations("classpath:db/migration")
                    .loggers("slf4j")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new StoreException(
                    "the tables of database "
                            + url
                            + " could not be brought up to date: "
                            + rootMessage(e),
                    e);
        }
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage())
                .lines()
                .findFirst()
                .orElse(root.getClass().getSimpleName());
    }

    public Engine engine() {
        return url.engine();
    }

    /**
     * Runs a query on a connection of its own; it sees every change that was acknowledged before.
     */
    public <T> T read(Function<Handle, T> query) {
        requireNonNull(query, "query");
        try {
            if (!readerGate.tryAcquire(CONNECTION_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new StoreException(
                        "the database " + url + " is busy: no connection became free in time",
                        null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while waiting to read", e);
        }
        try {
            return readers.withHandle(query::apply);
        } catch (ConnectionException e) {
            throw unreachable(e);
        } finally {
            readerGate.release();
        }
    }

    /**
     * Runs the change, after every change before it and alone, and returns its result once it is
     * durable.
     *
     * @throws StoreException if the database cannot be reached; nothing was changed, except when
     *     the connection broke during the commit itself: then it may have been
     */
    public <T> T write(Change<T> change) {
        try {
            return changes.commit(change);
        } catch (ConnectionException | TransactionException e) {
            throw unreachable(e);
        }
    }

    private StoreException unreachable(RuntimeException e) {
        LOG.warn("the database {} cannot be reached: {}", url, rootMessage(e));
        return new StoreException("the database " + url + " cannot be reached at the moment", e);
    }

    /** Whether the database answers now. */
    public boolean isReachable() {
        try (var connection = pool.getConnection()) {
            return connection.isValid(2);
        } catch (SQLException e) {
            return false;
        }
    }

    /** Finishes the changes that are waiting, then closes every connection. */
    @Override
    public void close() {
        changes.close();
        writerPool.close();
        pool.close();
    }
}
