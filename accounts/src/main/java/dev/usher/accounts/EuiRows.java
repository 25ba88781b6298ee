package dev.usher.accounts;

import dev.usher.lorawan.Eui64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * Reads the rows of many gateways or devices, in parts: a database takes only so many parameters at
 * once.
 */
public final class EuiRows {

    private static final int PER_QUERY = 500;

    private EuiRows() {}

    /**
     * Hands over every row that is found.
     *
     * @param sql with {@code IN (<euis>)} in it
     * @param arguments the other parameters of the query, by name
     * @param euis which rows; one named twice is read once
     */
    public static <T> void read(
            Handle handle,
            String sql,
            Map<String, ?> arguments,
            Collection<Eui64> euis,
            RowMapper<T> mapper,
            Consumer<T> consumer) {
        List<Long> ids = euis.stream().map(Eui64::value).distinct().toList();
        for (int from = 0; from < ids.size(); from += PER_QUERY) {
            handle.createQuery(sql)
                    .bindMap(arguments)
                    .bindList("euis", ids.subList(from, Math.min(ids.size(), from + PER_QUERY)))
                    .map(mapper)
                    .forEach(consumer);
        }
    }
}
