package dev.usher.store;

import static java.util.Objects.requireNonNull;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The prepared statements of one connection, for what is asked tens of thousands of times a second:
 * plain JDBC, each statement prepared once and kept with its connection.
 *
 * <p>Bind every parameter anew, close the result set, and do not keep a statement beyond the call
 * that got it.
 */
public final class Statements {

    private final Engine engine;
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    Statements(Engine engine, Connection connection) {
        this.engine = requireNonNull(engine, "engine");
        this.connection = requireNonNull(connection, "connection");
    }

    public Engine engine() {
        return engine;
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

    /** Adds the rows to a table. */
    public void insert(String table, Rows rows) throws SQLException {
        if (rows.size() == 0) {
            return;
        }
        String into = "INSERT INTO " + table + " (" + rows.names() + ") ";
        switch (engine) {
            case SQLITE -> runForEach(into + "VALUES (" + rows.parameters() + ")", rows);
            case POSTGRESQL ->
                    withArrays(into + "SELECT * FROM " + rows.unnest(), rows).executeUpdate();
        }
    }

    /**
     * Makes a change for each of the rows.
     *
     * @param each the statement for one, with a parameter for each column
     * @param all the statement for all, of PostgreSQL: {@code %s} stands for the rows, which have
     *     the columns' names and {@code place}; it returns the places of those that changed
     *     something
     * @return of each, whether it changed something; of two that change the same, one does
     */
    public boolean[] change(String each, String all, Rows rows) throws SQLException {
        boolean[] changed = new boolean[rows.size()];
        if (rows.size() == 0) {
            return changed;
        }
        switch (engine) {
            case SQLITE -> {
                int[] counts = runForEach(each, rows);
                for (int i = 0; i < counts.length; i++) {
                    changed[i] = counts[i] > 0;
                }
            }
            case POSTGRESQL -> {
                String source =
                        rows.unnest() + " WITH ORDINALITY AS given (" + rows.names() + ", place)";
                try (ResultSet row = withArrays(all.formatted(source), rows).executeQuery()) {
                    while (row.next()) {
                        changed[row.getInt(1) - 1] = true;
                    }
                }
            }
        }
        return changed;
    }

    private int[] runForEach(String sql, Rows rows) throws SQLException {
        PreparedStatement statement = prepare(sql);
        for (@Nullable Object[] row : rows.all()) {
            for (int i = 0; i < row.length; i++) {
                statement.setObject(i + 1, row[i]);
            }
            statement.addBatch();
        }
        return statement.executeBatch();
    }

    private PreparedStatement withArrays(String sql, Rows rows) throws SQLException {
        PreparedStatement statement = prepare(sql);
        for (int i = 0; i < rows.columns().size(); i++) {
            statement.setArray(
                    i + 1,
                    connection.createArrayOf(
                            rows.columns().get(i).postgresqlType(), rows.values(i)));
        }
        return statement;
    }

    /** Something asked or done through prepared statements. */
    @FunctionalInterface
    public interface Use<T> {
        T with(Statements statements) throws SQLException;
    }
}
