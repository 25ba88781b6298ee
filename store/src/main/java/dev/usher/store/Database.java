package dev.usher.store;

import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteOpenMode;

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

    /** Of each connection, at most. */
    private static final int SQLITE_CACHE_KIB = 16 * 1024;

    /**
     * How many pages of 4 KiB are written to the log before they are copied to their places: eight
     * times SQLite's own measure, because a page that changes often is copied only once.
     */
    private static final int SQLITE_CHECKPOINT_PAGES = 8000;

    /** No mutex of its own: sqlite-jdbc lets one thread at a time into a connection anyway. */
    private static final int SQLITE_OPEN_MODE =
            SQLiteOpenMode.READWRITE.flag
                    | SQLiteOpenMode.CREATE.flag
                    | SQLiteOpenMode.OPEN_URI.flag
                    | SQLiteOpenMode.NOMUTEX.flag;

    /** What the log has come to when a commit has to do what {@link Checkpoints} could not. */
    private static final int SQLITE_COMMIT_CHECKPOINT_PAGES = 8 * SQLITE_CHECKPOINT_PAGES;

    /**
     * For the changes, for each kind of grouped change, and for the migrations' lock and then the
     * checkpoints.
     */
    private static final int WRITERS = 6;

    private static final long CONNECTION_TIMEOUT_MILLIS = 2_000;

    /**
     * How long a query waits for its turn. A fleet that comes back all at once is served one after
     * the other; whoever is turned away comes back later yet.
     */
    private static final long TURN_TIMEOUT_MILLIS = 10_000;

    /**
     * How far apart the commits of grouped changes begin under load: that one becomes durable costs
     * as much CPU time as some ten joins in it.
     */
    private static final Duration BETWEEN_COMMITS = Duration.ofMillis(4);

    /** PostgreSQL rolls one of two transactions back when each waits for the other. */
    private static final int ATTEMPTS = 10;

    private static final String ROLLED_BACK = "40"; // SQLState class: deadlock, serialization
    private static final String CONNECTION_EXCEPTION = "08";
    private static final String SHUT_DOWN = "57P";

    /** Any number will do, so long as every node uses the same one. */
    private static final long CHANGES_LOCK = 0x5553_4845_5201L;

    private final DatabaseUrl url;
    private final HikariDataSource pool;
    private final HikariDataSource writerPool;
    private final HikariDataSource soonPool;
    private final Jdbi readers;
    private final Semaphore readerGate;
    private final Jdbi writer;
    private final Jdbi soonWriter;
    private final GroupCommit<Change<?>, @Nullable Object> changes;
    private final List<GroupCommit<?, ?>> grouped = new CopyOnWriteArrayList<>();

    /** By physical connection. */
    private final Map<Connection, Statements> prepared = new ConcurrentHashMap<>();

    /** SQLite has one writer, and waits for it badly; so its writers wait for each other here. */
    private final ReentrantLock sqliteWriter = new ReentrantLock(true);

    /** Of the embedded database; closed last, as {@link Checkpoints} says. */
    private final Optional<FileChannel> file;

    private final Optional<Checkpoints> checkpoints;

    private volatile CommitObserver commitObserver = (_, _) -> {};

    private Database(
            DatabaseUrl url,
            HikariDataSource pool,
            HikariDataSource writerPool,
            HikariDataSource soonPool) {
        this.url = url;
        this.pool = pool;
        this.writerPool = writerPool;
        this.soonPool = soonPool;
        this.file = url.file().map(Database::open);
        this.readers = jdbi(url, pool);
        // The pool is unfair when many virtual threads want a connection; the gate in front of it
        // is first come, first served.
        this.readerGate = new Semaphore(pool.getMaximumPoolSize(), true);
        this.writer = jdbi(url, writerPool);
        this.soonWriter = jdbi(url, soonPool);
        this.changes = new GroupCommit<>("usher-changes", Duration.ZERO, this::changeTogether);
        this.checkpoints =
                file.map(
                        channel ->
                                new Checkpoints(
                                                writerPool,
                                                channel,
                                                sqliteWriter,
                                                SQLITE_CHECKPOINT_PAGES)
                                        .started());
    }

    private static FileChannel open(Path file) {
        try {
            return FileChannel.open(file, StandardOpenOption.READ);
        } catch (IOException e) {
            throw new StoreException("the database file " + file + " cannot be opened", e);
        }
    }

    private List<@Nullable Object> changeTogether(List<Change<?>> group) {
        return change(
                writer,
                group.size(),
                handle -> {
                    List<@Nullable Object> results = new ArrayList<>(group.size());
                    group.forEach(change -> results.add(change.apply(handle)));
                    return results;
                });
    }

    private <T> T change(Jdbi jdbi, int size, Change<T> change) {
        try {
            T result =
                    alone(
                            () ->
                                    jdbi.inTransaction(
                                            handle -> {
                                                awaitTurn(handle);
                                                return change.apply(handle);
                                            }));
            commitObserver.committed("changes", size);
            return result;
        } catch (JdbiException e) {
            throw isAway(e) || e instanceof TransactionException ? unreachable(e) : e;
        }
    }

    private void awaitTurn(Handle handle) {
        if (url.engine() == Engine.POSTGRESQL) {
            handle.createQuery("SELECT pg_advisory_xact_lock(:lock)")
                    .bind("lock", CHANGES_LOCK)
                    .mapTo(String.class)
                    .list();
        }
    }

    private <Q, R extends @Nullable Object> List<R> changeTogether(
            GroupedChange<Q, R> change, List<Q> requests) {
        return alone(
                () ->
                        use(
                                writerPool,
                                (connection, statements) -> {
                                    connection.setAutoCommit(false);
                                    try {
                                        List<R> results = change.apply(statements, requests);
                                        connection.commit();
                                        return results;
                                    } catch (SQLException | RuntimeException | Error e) {
                                        rollBack(connection, e);
                                        throw e;
                                    } finally {
                                        if (!connection.isClosed()) {
                                            connection.setAutoCommit(true);
                                        }
                                    }
                                }));
    }

    /** A connection that broke has nothing left to roll back, and what broke it is what matters. */
    private static void rollBack(Connection connection, Throwable why) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            why.addSuppressed(e);
        }
    }

    /**
     * Runs a transaction that writes: on SQLite while no other does, on PostgreSQL again if it was
     * rolled back for the sake of another.
     */
    private <T> T alone(Supplier<T> transaction) {
        return switch (url.engine()) {
            case SQLITE -> {
                sqliteWriter.lock();
                try {
                    yield transaction.get();
                } finally {
                    sqliteWriter.unlock();
                }
            }
            case POSTGRESQL -> givingWay(transaction);
        };
    }

    private <T> T givingWay(Supplier<T> transaction) {
        for (int attempt = 1; ; attempt++) {
            try {
                return transaction.get();
            } catch (RuntimeException e) {
                if (!sqlState(e).startsWith(ROLLED_BACK) || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static boolean isAway(Exception failure) {
        String state = sqlState(failure);
        return failure instanceof ConnectionException
                || failure instanceof SQLTransientConnectionException // none became free in time
                || state.startsWith(CONNECTION_EXCEPTION)
                || state.startsWith(SHUT_DOWN);
    }

    private static String sqlState(Throwable failure) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState();
            }
        }
        return "";
    }

    private interface ConnectionUse<T> {
        T with(Connection connection, Statements statements) throws SQLException;
    }

    private <T> T use(HikariDataSource from, ConnectionUse<T> use) {
        try (Connection connection = from.getConnection()) {
            Connection physical = connection.unwrap(Connection.class);
            try {
                return use.with(connection, statements(physical));
            } finally {
                if (physical.isClosed()) { // it broke, and the pool has not seen it
                    from.evictConnection(connection);
                }
            }
        } catch (SQLException e) {
            throw isAway(e) ? unreachable(e) : failed(e);
        }
    }

    /** The prepared statements of the connection of a change, for one that writes many rows. */
    public Statements statements(Handle handle) {
        try {
            return statements(handle.getConnection().unwrap(Connection.class));
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private Statements statements(Connection physical) {
        Statements known = prepared.get(physical);
        if (known != null) {
            return known;
        }
        prepared.keySet().removeIf(Database::isClosed);
        Statements first = new Statements(url.engine(), physical);
        prepared.put(physical, first);
        return first;
    }

    private static boolean isClosed(Connection connection) {
        try {
            return connection.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    /**
     * Opens the database and brings its tables up to date.
     *
     * @throws StoreException if it cannot be reached or was made by a newer Usher
     */
    public static Database open(DatabaseUrl url) {
        requireNonNull(url, "url");
        List<HikariDataSource> pools = new ArrayList<>();
        try {
            HikariDataSource writerPool = connect(url, "writer", WRITERS);
            pools.add(writerPool);
            migrate(url, writerPool);
            HikariDataSource readerPool =
                    connect(
                            url,
                            "reader",
                            url.engine() == Engine.SQLITE
                                    ? SQLITE_READERS
                                    : POSTGRESQL_CONNECTIONS);
            pools.add(readerPool);
            HikariDataSource soonPool = connect(url, "soon", 1);
            pools.add(soonPool);
            return new Database(url, readerPool, writerPool, soonPool);
        } catch (RuntimeException e) {
            pools.forEach(HikariDataSource::close);
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
        if (url.engine() == Engine.SQLITE) {
            config.setMaxLifetime(0); // a file does not go away, and its statements are kept
            config.setConnectionInitSql(
                    "PRAGMA wal_autocheckpoint = " + SQLITE_COMMIT_CHECKPOINT_PAGES);
        } else if (role.equals("soon")) {
            // Not as a parameter of the connection's start, which poolers refuse.
            config.setConnectionInitSql("SET synchronous_commit = off");
        }
        try {
            return new HikariDataSource(config);
        } catch (RuntimeException e) {
            throw new StoreException(
                    "the database " + url + " cannot be opened: " + rootMessage(e), e);
        }
    }

    private static Jdbi jdbi(DatabaseUrl url, HikariDataSource pool) {
        Jdbi jdbi = Jdbi.create(pool);
        if (url.engine() == Engine.SQLITE) {
            jdbi.setStatementBuilderFactory(new StatementCache());
        }
        return jdbi;
    }

    private static Properties properties(DatabaseUrl url, String role) {
        Properties properties = url.credentials();
        switch (url.engine()) {
            case SQLITE -> {
                properties.setProperty("journal_mode", "WAL");
                properties.setProperty("synchronous", role.equals("soon") ? "NORMAL" : "FULL");
                properties.setProperty("busy_timeout", "10000");
                properties.setProperty("foreign_keys", "true");
                properties.setProperty("cache_size", "-" + SQLITE_CACHE_KIB);
                properties.setProperty("open_mode", Integer.toString(SQLITE_OPEN_MODE));
                // A change takes the write lock when it begins: upgrading a read lock later can
                // fail and cannot wait.
                properties.setProperty(
                        "transaction_mode", role.equals("reader") ? "DEFERRED" : "IMMEDIATE");
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
            Migrations.run(url.engine(), pool);
        } catch (FlywayException | SQLException | IOException e) {
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
        enterGate();
        try {
            return readers.withHandle(query::apply);
        } catch (JdbiException e) {
            throw isAway(e) ? unreachable(e) : e;
        } finally {
            readerGate.release();
        }
    }

    /** As {@link #read}, for the few queries that are asked all the time. */
    public <T> T readPrepared(Statements.Use<T> query) {
        requireNonNull(query, "query");
        enterGate();
        try {
            return use(pool, (_, statements) -> query.with(statements));
        } finally {
            readerGate.release();
        }
    }

    private void enterGate() {
        try {
            if (!readerGate.tryAcquire(TURN_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new DatabaseUnreachable(
                        "the database " + url + " is busy: no connection became free in time",
                        null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while waiting to read", e);
        }
    }

    /**
     * Runs the change, after every change before it and alone, and returns its result once it is
     * durable.
     *
     * @throws StoreException if the database cannot be reached; nothing was changed, except when
     *     the connection broke during the commit itself: then it may have been
     */
    @SuppressWarnings({"unchecked", "NullAway"}) // each change's own result comes back for it
    public <T> T write(Change<T> change) {
        return (T) changes.run(change);
    }

    /**
     * As {@link #write}, by this thread, and durable a moment after it returns: with the next
     * change that is, or by itself. For what may be lost if the machine fails; nobody waits for the
     * disk.
     */
    public <T> T writeSoon(Change<T> change) {
        return change(soonWriter, 1, requireNonNull(change, "change"));
    }

    /**
     * Prepares a kind of change of which there are many at a time: what callers ask for meanwhile
     * is made by one call of {@code change} and one commit.
     *
     * <p>Unlike with {@link #write}, on PostgreSQL other changes and other nodes run beside it. So
     * the change must hold by itself: its statements check what they depend on, and touch rows in
     * the order of their keys.
     */
    public <Q, R extends @Nullable Object> Grouped<Q, R> grouped(
            String name, GroupedChange<Q, R> change) {
        GroupCommit<Q, R> commits =
                new GroupCommit<>(
                        name,
                        BETWEEN_COMMITS,
                        requests -> {
                            List<R> results = changeTogether(change, requests);
                            commitObserver.committed(name, results.size());
                            return results;
                        });
        grouped.add(commits);
        return commits;
    }

    /**
     * Opens a channel to the other nodes on this database.
     *
     * @param name lower-case letters and underscores
     * @param received is called with each message, of this node too, one after the other
     * @return empty for the embedded database, which has one node
     */
    public Optional<NodeChannel> channel(String name, Consumer<String> received) {
        return switch (url.engine()) {
            case SQLITE -> Optional.empty();
            case POSTGRESQL ->
                    Optional.of(
                            new NodeChannel(url, properties(url, "channel"), name, received)
                                    .started());
        };
    }

    /** Is told of commits, to measure how many callers share one. */
    @FunctionalInterface
    public interface CommitObserver {

        /**
         * A commit became durable.
         *
         * @param kind as {@link Database#grouped} was told, or {@code changes} for {@link
         *     Database#write} and {@link Database#writeSoon}
         * @param size how many were asked for
         */
        void committed(String kind, int size);
    }

    /** Tells the observer of every commit from now on, and nobody else. */
    public void observe(CommitObserver observer) {
        commitObserver = requireNonNull(observer, "observer");
    }

    private StoreException unreachable(Exception e) {
        LOG.warn("the database {} cannot be reached: {}", url, rootMessage(e));
        return new DatabaseUnreachable(
                "the database " + url + " cannot be reached at the moment", e);
    }

    private StoreException failed(SQLException e) {
        return new StoreException("the database " + url + " failed: " + rootMessage(e), e);
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
        grouped.forEach(GroupCommit::close);
        checkpoints.ifPresent(Checkpoints::close);
        soonPool.close();
        writerPool.close();
        pool.close();
        file.ifPresent(Database::close);
    }

    private static void close(FileChannel file) {
        try {
            file.close();
        } catch (IOException e) {
            LOG.warn("the database file could not be closed: {}", e.getMessage());
        }
    }
}
