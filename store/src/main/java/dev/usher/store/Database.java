package dev.usher.store;

import static java.util.Objects.requireNonNull;

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
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionException;
import org.jspecify.annotations.Nullable;
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

    /**
     * How long a query waits for its turn. A fleet that comes back all at once is served one after
     * the other; whoever is turned away comes back later yet.
     */
    private static final long TURN_TIMEOUT_MILLIS = 10_000;

    /** PostgreSQL rolls one of two transactions back when each waits for the other. */
    private static final int ATTEMPTS = 10;

    private static final String ROLLED_BACK = "40"; // SQLState class: deadlock, serialization
    private static final String CONNECTION_EXCEPTION = "08";
    private static final String SHUT_DOWN = "57P";
    private static final String DISK_FULL = "53100"; // PostgreSQL's
    private static final int SQLITE_FULL = 13; // SQLite has no SQLState
    private static final Duration RECENTLY = Duration.ofMinutes(1);

    /** Any number will do, so long as every node uses the same one. */
    private static final long CHANGES_LOCK = 0x5553_4845_5201L;

    private final DatabaseUrl url;
    private final Map<Connections, HikariDataSource> pools;
    private final HikariDataSource readerPool;
    private final Jdbi readers;
    private final Semaphore readerGate;
    private final List<GroupCommit> commits = new CopyOnWriteArrayList<>();
    private final Grouped<Change<?>, @Nullable Object> changes;
    private final Grouped<Change<?>, @Nullable Object> changesSoon;

    /** By physical connection. */
    private final Map<Connection, Statements> prepared = new ConcurrentHashMap<>();

    /** SQLite has one writer, and the end of a checkpoint is one, too: they wait for each other. */
    private final ReentrantLock sqliteWriter = new ReentrantLock(true);

    /** Of the embedded database; closed last, as {@link Checkpoints} says. */
    private final Optional<FileChannel> file;

    private final Optional<Checkpoints> checkpoints;

    private volatile CommitObserver commitObserver = (_, _) -> {};

    /** The last transaction that writes, if it came to nothing for no fault of its own. */
    private volatile Optional<Failed> lastWrite = Optional.empty();

    private record Failed(String why, long nanoTime) {

        static Optional<Failed> because(String why) {
            return Optional.of(new Failed(why, System.nanoTime()));
        }

        /** A node that is given nothing to do, as it fails, must be tried again some time. */
        boolean isRecent() {
            return System.nanoTime() - nanoTime < RECENTLY.toNanos();
        }
    }

    private Database(DatabaseUrl url, Map<Connections, HikariDataSource> pools) {
        this.url = url;
        this.pools = Map.copyOf(pools);
        this.readerPool = pool(Connections.READERS);
        this.readers = jdbi(readerPool);
        // The pool is unfair when many virtual threads want a connection; the gate in front of it
        // is first come, first served.
        this.readerGate = new Semaphore(readerPool.getMaximumPoolSize(), true);
        this.file = url.file().map(Database::open);
        this.changes = changes(Connections.WRITERS);
        this.changesSoon =
                switch (url.engine()) {
                    case SQLITE -> changes; // they are on the disk with the next that are there
                    case POSTGRESQL -> changes(Connections.SOON);
                };
        this.checkpoints =
                file.map(
                        channel ->
                                new Checkpoints(
                                                pool(Connections.CHECKPOINTS),
                                                channel,
                                                sqliteWriter,
                                                Checkpoints.PAGES)
                                        .started());
    }

    private HikariDataSource pool(Connections role) {
        return requireNonNull(pools.get(role), role::name);
    }

    private static FileChannel open(Path file) {
        try {
            return FileChannel.open(file, StandardOpenOption.READ);
        } catch (IOException e) {
            throw new StoreException("the database file " + file + " cannot be opened", e);
        }
    }

    /** One after the other, on whichever node. */
    private Grouped<Change<?>, @Nullable Object> changes(Connections role) {
        GroupCommit.Together<Change<?>, @Nullable Object> each = Database::makeEach;
        String thread = "usher-changes" + (role == Connections.SOON ? "-soon" : "");
        return commits(role, thread, 1, this::awaitTurn).kind("changes", each);
    }

    private static List<@Nullable Object> makeEach(Handle handle, List<Change<?>> changes) {
        List<@Nullable Object> results = new ArrayList<>(changes.size());
        changes.forEach(change -> results.add(change.apply(handle)));
        return results;
    }

    private void awaitTurn(Handle handle) {
        if (url.engine() == Engine.POSTGRESQL) {
            handle.createQuery("SELECT pg_advisory_xact_lock(:lock)")
                    .bind("lock", CHANGES_LOCK)
                    .mapTo(String.class)
                    .list();
        }
    }

    /**
     * @param threads how many transactions there may be at a time
     * @param before what every transaction begins with
     */
    private GroupCommit commits(
            Connections role, String name, int threads, GroupCommit.Work before) {
        HikariDataSource pool = pool(role);
        Jdbi jdbi = jdbi(pool);
        GroupCommit.Transaction transaction =
                work ->
                        alone(
                                () ->
                                        transaction(
                                                pool,
                                                jdbi,
                                                handle -> {
                                                    before.with(handle);
                                                    work.with(handle);
                                                }));
        GroupCommit commit =
                new GroupCommit(
                        name,
                        threads,
                        transaction,
                        (kind, size) -> commitObserver.committed(kind, size));
        commits.add(commit);
        return commit;
    }

    private void transaction(HikariDataSource pool, Jdbi jdbi, GroupCommit.Work work) {
        try {
            jdbi.useTransaction(
                    handle -> {
                        try {
                            work.with(handle);
                        } finally {
                            evictIfBroken(pool, handle.getConnection());
                        }
                    });
            lastWrite = Optional.empty();
        } catch (SQLException e) {
            throw isAway(e) || isFull(e) ? unwritable(e) : failed(e);
        } catch (JdbiException e) {
            throw isAway(e) || isFull(e) || e instanceof TransactionException ? unwritable(e) : e;
        }
    }

    /** Statements are used past the pool, which therefore does not see that it broke. */
    private static void evictIfBroken(HikariDataSource pool, Connection connection)
            throws SQLException {
        if (isClosed(connection.unwrap(Connection.class))) {
            pool.evictConnection(connection);
        }
    }

    /**
     * Runs a transaction that writes: on SQLite while no other does, on PostgreSQL again if it was
     * rolled back for the sake of another.
     */
    private void alone(Runnable transaction) {
        switch (url.engine()) {
            case SQLITE -> {
                sqliteWriter.lock();
                try {
                    transaction.run();
                } finally {
                    sqliteWriter.unlock();
                }
            }
            case POSTGRESQL -> givingWay(transaction);
        }
    }

    private static void givingWay(Runnable transaction) {
        for (int attempt = 1; ; attempt++) {
            try {
                transaction.run();
                return;
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

    private static boolean isFull(Throwable failure) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e instanceof SQLException sql
                    && (sql.getErrorCode() == SQLITE_FULL || DISK_FULL.equals(sql.getSQLState()))) {
                return true;
            }
        }
        return false;
    }

    private static String sqlState(Throwable failure) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState();
            }
        }
        return "";
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
        Map<Connections, HikariDataSource> pools = new EnumMap<>(Connections.class);
        try {
            pools.put(Connections.WRITERS, Connections.WRITERS.open(url));
            migrate(url, pools.get(Connections.WRITERS));
            pools.put(Connections.READERS, Connections.READERS.open(url));
            Connections third =
                    switch (url.engine()) {
                        case SQLITE -> Connections.CHECKPOINTS;
                        case POSTGRESQL -> Connections.SOON;
                    };
            pools.put(third, third.open(url));
            return new Database(url, pools);
        } catch (RuntimeException e) {
            pools.values().forEach(HikariDataSource::close);
            throw e;
        }
    }

    private Jdbi jdbi(HikariDataSource pool) {
        Jdbi jdbi = Jdbi.create(pool);
        if (url.engine() == Engine.SQLITE) {
            jdbi.setStatementBuilderFactory(new StatementCache());
        }
        return jdbi;
    }

    private static void migrate(DatabaseUrl url, HikariDataSource pool) {
        try {
            Migrations.run(url.engine(), pool);
        } catch (FlywayException | SQLException | IOException e) {
            throw new StoreException(
                    "the tables of database "
                            + url
                            + " could not be brought up to date: "
                            + StoreException.rootMessage(e),
                    e);
        }
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
        try (Connection connection = readerPool.getConnection()) {
            try {
                return query.with(statements(connection.unwrap(Connection.class)));
            } finally {
                evictIfBroken(readerPool, connection);
            }
        } catch (SQLException e) {
            throw isAway(e) ? unreachable(e) : failed(e);
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
     * As {@link #write}, for what may be lost if the machine fails: on PostgreSQL it is durable a
     * moment after this returns, with the next change that is, or by itself. It waits for no disk
     * there; on SQLite it shares the commit of whatever else is written.
     */
    @SuppressWarnings({"unchecked", "NullAway"})
    public <T> T writeSoon(Change<T> change) {
        return (T) changesSoon.run(change);
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
        return grouped(name, 1, change);
    }

    /**
     * As the other one; on PostgreSQL, while one call of {@code change} waits for the disk the next
     * may run.
     *
     * @param atATime how many calls of {@code change} there may be at a time, on PostgreSQL
     */
    public <Q, R extends @Nullable Object> Grouped<Q, R> grouped(
            String name, int atATime, GroupedChange<Q, R> change) {
        requireNonNull(change, "change");
        GroupCommit commit =
                switch (url.engine()) {
                    case SQLITE -> commits.getFirst(); // the only one
                    case POSTGRESQL -> commits(Connections.WRITERS, name, atATime, _ -> {});
                };
        return commit.kind(name, (handle, requests) -> change.apply(statements(handle), requests));
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
                            new NodeChannel(
                                            url,
                                            Connections.WRITERS.properties(url),
                                            name,
                                            received)
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
        LOG.warn("the database {} cannot be reached: {}", url, StoreException.rootMessage(e));
        return new DatabaseUnreachable(
                "the database " + url + " cannot be reached at the moment", e);
    }

    private StoreException unwritable(Exception e) {
        if (!isFull(e)) {
            lastWrite = Failed.because("the database takes no changes");
            return unreachable(e);
        }
        if (lastWrite.isEmpty()) { // once, as there is little room for the log either
            LOG.error("the disk that the database {} is on is full: make room on it", url);
        }
        lastWrite = Failed.because("the disk that the database is on is full");
        return new DatabaseUnreachable(
                "the disk that the database is on is full: nothing was changed, and its operator"
                        + " must make room on it",
                e);
    }

    private StoreException failed(SQLException e) {
        return new StoreException(
                "the database " + url + " failed: " + StoreException.rootMessage(e), e);
    }

    /**
     * Why the database is of no use now, to be told to anybody; empty if it answers, and took the
     * last change that it was given, or was given none for a minute.
     */
    public Optional<String> trouble() {
        try (var connection = readerPool.getConnection()) {
            return connection.isValid(2)
                    ? lastWrite.filter(Failed::isRecent).map(Failed::why)
                    : Optional.of("the database cannot be reached");
        } catch (SQLException e) {
            return Optional.of("the database cannot be reached");
        }
    }

    /** Finishes the changes that are waiting, then closes every connection. */
    @Override
    public void close() {
        commits.forEach(GroupCommit::close);
        checkpoints.ifPresent(Checkpoints::close);
        pools.values().forEach(HikariDataSource::close);
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
