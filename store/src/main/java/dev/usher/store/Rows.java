package dev.usher.store;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rows that one statement is to write ({@link Statements#insert}, {@link Statements#change}).
 *
 * <p>PostgreSQL takes all of them as one array a column: planned once and executed once, that costs
 * it a fraction of what a statement a row does, or one with a list of values a row. SQLite takes
 * them one after the other.
 */
public final class Rows {

    /** A column by its name, with the type of what goes into it, which may be {@code null}. */
    public static final class Column {

        private final String name;
        private final String postgresqlType;
        private final IntFunction<@Nullable Object[]> array;

        private Column(String name, String postgresqlType, IntFunction<@Nullable Object[]> array) {
            this.name = requireNonNull(name, "name");
            this.postgresqlType = postgresqlType;
            this.array = array;
        }

        /** Of {@link Long}s. */
        public static Column int64(String name) {
            return new Column(name, "int8", Long[]::new);
        }

        /** Of {@link Integer}s. */
        public static Column int32(String name) {
            return new Column(name, "int4", Integer[]::new);
        }

        /** Of {@link String}s. */
        public static Column text(String name) {
            return new Column(name, "text", String[]::new);
        }

        /** Of byte arrays. */
        public static Column bytes(String name) {
            return new Column(name, "bytea", byte[][]::new);
        }

        String postgresqlType() {
            return postgresqlType;
        }
    }

    private final List<Column> columns;
    private final List<@Nullable Object[]> rows = new ArrayList<>();

    /** None yet. */
    public Rows(List<Column> columns) {
        this.columns = List.copyOf(columns);
    }

    /**
     * Adds a row.
     *
     * @param values one for each column, in their order
     */
    public void add(@Nullable Object... values) {
        if (values.length != columns.size()) {
            throw new IllegalArgumentException(
                    values.length + " values for " + columns.size() + " columns");
        }
        rows.add(values);
    }

    public int size() {
        return rows.size();
    }

    List<@Nullable Object[]> all() {
        return rows;
    }

    List<Column> columns() {
        return columns;
    }

    /** The names, with commas between. */
    String names() {
        return columns.stream().map(column -> column.name).collect(Collectors.joining(", "));
    }

    /** A parameter for each column of a row. */
    String parameters() {
        return columns.stream().map(_ -> "?").collect(Collectors.joining(", "));
    }

    /** What makes rows of an array for each column. */
    String unnest() {
        return columns.stream()
                .map(column -> "?::" + column.postgresqlType + "[]")
                .collect(Collectors.joining(", ", "unnest(", ")"));
    }

    /** The values of a column. */
    @Nullable Object[] values(int column) {
        @Nullable Object[] values = columns.get(column).array.apply(rows.size());
        for (int i = 0; i < values.length; i++) {
            values[i] = rows.get(i)[column];
        }
        return values;
    }
}
