package dev.usher.store;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One kind of change, made for many callers at once with as few statements as possible ({@link
 * Database#grouped}).
 *
 * <p>It may be run again after a rollback, alone or with others, so it must have no effect but on
 * the database.
 *
 * @param <Q> what one caller asks for
 * @param <R> what it is told
 */
@FunctionalInterface
public interface GroupedChange<Q, R extends @Nullable Object> {

    /**
     * Makes the changes inside the transaction of the statements' connection.
     *
     * @return a result for each request, in their order
     */
    List<R> apply(Statements statements, List<Q> requests) throws SQLException;
}
