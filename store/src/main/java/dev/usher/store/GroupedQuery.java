package dev.usher.store;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One kind of query, asked for many callers at once with as few statements as possible ({@link
 * Database#groupedReads}). If it fails, it is asked again for each caller alone.
 *
 * @param <Q> what one caller asks for
 * @param <R> what it is told
 */
@FunctionalInterface
public interface GroupedQuery<Q, R extends @Nullable Object> {

    /**
     * Reads what they ask for.
     *
     * @return a result for each request, in their order
     */
    List<R> apply(Statements statements, List<Q> requests) throws SQLException;
}
