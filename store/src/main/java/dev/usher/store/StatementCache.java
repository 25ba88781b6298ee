package dev.usher.store;

import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.statement.DefaultStatementBuilder;
import org.jdbi.v3.core.statement.StatementBuilder;
import org.jdbi.v3.core.statement.StatementBuilderFactory;
import org.jdbi.v3.core.statement.StatementContext;
import org.sqlite.SQLiteConnection;

/**
 * Keeps the prepared statements of each SQLite connection for their next use, as pgjdbc does by
 * itself: preparing one costs SQLite more than running it.
 *
 * <p>A statement in use is not in the cache, so the same SQL may run inside itself.
 */
final class StatementCache implements StatementBuilderFactory {

    private static final int STATEMENTS_PER_CONNECTION = 128;

    /** Never cleaned: the pool keeps SQLite's few connections for as long as it lives. */
    private final Map<Connection, Statements> connections = new ConcurrentHashMap<>();

    @Override
    public StatementBuilder createStatementBuilder(Connection pooled) {
        try {
            return connections.computeIfAbsent(
                    pooled.unwrap(SQLiteConnection.class), Statements::new);
        } catch (SQLException e) {
            return new DefaultStatementBuilder();
        }
    }

    /** Of one connection, which one thread uses at a time. */
    private static final class Statements extends DefaultStatementBuilder {
        private final Connection connection;
        private final Map<String, PreparedStatement> idle =
                new LinkedHashMap<>(STATEMENTS_PER_CONNECTION, 0.75f, true);

        Statements(Connection connection) {
            this.connection = connection;
        }

        @Override
        public PreparedStatement create(Connection pooled, String sql, StatementContext context)
                throws SQLException {
            PreparedStatement statement = idle.remove(sql);
            return statement != null ? statement : super.create(connection, sql, context);
        }

        @Override
        public void close(Connection pooled, String sql, Statement statement) throws SQLException {
            if (!(statement instanceof PreparedStatement prepared)
                    || statement instanceof CallableStatement
                    || statement.isClosed()) {
                super.close(pooled, sql, statement);
                return;
            }
            prepared.clearBatch();
            prepared.clearParameters();
            PreparedStatement other = idle.put(sql, prepared);
            if (other != null) {
                other.close();
            }
            if (idle.size() > STATEMENTS_PER_CONNECTION) {
                evictEldest();
            }
        }

        private void evictEldest() throws SQLException {
            var eldest = idle.entrySet().iterator();
            PreparedStatement evicted = eldest.next().getValue();
            eldest.remove();
            evicted.close();
        }
    }
}
