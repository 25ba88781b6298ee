package dev.usher.store;

import static java.util.Objects.requireNonNull;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages from one node to all, itself included, over PostgreSQL's LISTEN and NOTIFY: within
 * milliseconds, in the order they were sent, and lost while a node cannot reach the database. So
 * nothing may depend on them that the database does not hold as well.
 *
 * <p>It listens and sends on two connections of its own, straight to the database: a pooler that
 * changes connections between transactions cannot stand between.
 */
public final class NodeChannel implements AutoCloseable {

    /** The longest message, in ASCII characters; PostgreSQL takes fewer than 8000 bytes. */
    public static final int LONGEST = 7999;

    private static final Logger LOG = LoggerFactory.getLogger(NodeChannel.class);
    private static final Duration SILENCE = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final DatabaseUrl url;
    private final Properties properties;
    private final String name;
    private final Consumer<String> received;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch listening = new CountDownLatch(1);
    private volatile @Nullable Connection listener;
    private @Nullable Connection sender; // guarded by this

    NodeChannel(DatabaseUrl url, Properties properties, String name, Consumer<String> received) {
        this.url = requireNonNull(url, "url");
        this.properties = requireNonNull(properties, "properties");
        if (!name.matches("[a-z_]{1,60}")) {
            throw new IllegalArgumentException("'" + name + "' is not a name of a channel");
        }
        this.name = name;
        this.received = requireNonNull(received, "received");
    }

    NodeChannel started() {
        Thread.ofPlatform().daemon().name("usher-" + name).start(this::listenUntilClosed);
        return this;
    }

    /**
     * Waits until this node hears what the others say.
     *
     * @return false if it does not yet
     */
    public boolean awaitListening(Duration longest) throws InterruptedException {
        return listening.await(longest.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void listenUntilClosed() {
        boolean heard = true;
        try {
            do {
                try (Connection connection = connect()) {
                    listener = connection;
                    listen(connection);
                } catch (SQLException e) {
                    if (heard && closing.getCount() > 0) {
                        LOG.warn("other nodes are not heard: {}", e.getMessage());
                    }
                    heard = false;
                }
            } while (!closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void listen(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("LISTEN " + name);
        }
        listening.countDown();
        PGConnection notified = connection.unwrap(PGConnection.class);
        while (closing.getCount() > 0) {
            PGNotification[] messages = notified.getNotifications((int) SILENCE.toMillis());
            if (messages == null || messages.length == 0) {
                if (!connection.isValid((int) SILENCE.toSeconds())) {
                    throw new SQLException("the database " + url + " is silent");
                }
                continue;
            }
            for (PGNotification message : messages) {
                handOver(message.getParameter());
            }
        }
    }

    private void handOver(String message) {
        try {
            received.accept(message);
        } catch (RuntimeException e) {
            LOG.error("a message of a node could not be handled", e);
        }
    }

    /**
     * Sends a message; it has left when this returns.
     *
     * @throws StoreException if the database cannot be reached; the message is lost
     */
    public synchronized void send(String message) {
        if (message.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "a message of " + message.length() + " characters is longer than " + LONGEST);
        }
        try {
            Connection connection = sender;
            if (connection == null) {
                connection = connect();
                sender = connection;
                try (Statement statement = connection.createStatement()) {
                    // A message need not survive a crash, so it need not wait for the disk.
                    statement.execute("SET synchronous_commit = off");
                }
            }
            try (PreparedStatement notify = connection.prepareStatement("SELECT pg_notify(?, ?)")) {
                notify.setString(1, name);
                notify.setString(2, message);
                notify.execute();
            }
        } catch (SQLException e) {
            abort(sender);
            sender = null;
            throw new StoreException("other nodes cannot be told: " + e.getMessage(), e);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(url.jdbcUrl(), properties);
    }

    private static void abort(@Nullable Connection connection) {
        try {
            if (connection != null) {
                connection.abort(Runnable::run); // close() would wait for whoever listens
            }
        } catch (SQLException e) {
            LOG.debug("a connection could not be closed", e);
        }
    }

    /** Neither listens nor sends any more. */
    @Override
    public void close() {
        closing.countDown();
        abort(listener);
        synchronized (this) {
            abort(sender);
            sender = null;
        }
    }
}
