package dev.usher.store;

import static java.util.Objects.requireNonNull;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * The prepared statements of one connection, for what is asked tens of thousands of times a second:
 * plain JDBC, each statement prepared once and kept with its connection.
 *
 * <p>Bind every parameter anew, close the result set, and do not keep a statement beyond the call
 * that got it.
 */
public final class Statements {

    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    Statements(Connection connection) {
        this.connection = requireNonNull(connection, "connection");
    }

    /** The statement for this SQL, which is one of the few that the code asks for. */
    public PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        } else {
            statement.clearBatch(); // what a failed use may have left
        }
        return statement;
    }

    /** Something asked or done through prepared statements. */
    @FunctionalInterface
    public interface Use<T> {
        T with(Statements statements) throws SQLException;
    }
}
