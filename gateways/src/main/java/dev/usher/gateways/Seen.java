package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.EuiRows;
import dev.usher.lorawan.Eui64;
import dev.usher.station.Why;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a gateway reported when it last checked in, and why it was answered what it was.
 *
 * @param at when it last checked in
 * @param keyCrcs CRC-32 of each of its signature keys
 * @param why newest first
 */
public record Seen(
        Eui64 gateway,
        Instant at,
        Optional<String> station,
        Optional<String> model,
        Optional<String> packageVersion,
        List<Integer> keyCrcs,
        Optional<String> cupsUri,
        Optional<String> lnsUri,
        int cupsCredCrc,
        int lnsCredCrc,
        List<Why> why) {

    private static final JsonMapper JSON = JsonMapper.shared();

    public Seen {
        requireNonNull(gateway, "gateway");
        requireNonNull(at, "at");
        requireNonNull(station, "station");
        requireNonNull(model, "model");
        requireNonNull(packageVersion, "packageVersion");
        keyCrcs = List.copyOf(keyCrcs);
        requireNonNull(cupsUri, "cupsUri");
        requireNonNull(lnsUri, "lnsUri");
        why = List.copyOf(why);
    }

    static Optional<Seen> find(Handle handle, Eui64 eui) {
        return handle.createQuery("SELECT * FROM gateway_seen WHERE eui = ?")
                .bind(0, eui.value())
                .map(Seen::read)
                .findOne();
    }

    static Map<Eui64, Seen> findAll(Handle handle, Collection<Eui64> euis) {
        Map<Eui64, Seen> found = new HashMap<>();
        EuiRows.read(
                handle,
                "SELECT * FROM gateway_seen WHERE eui IN (<euis>)",
                Map.of(),
                euis,
                Seen::read,
                seen -> found.put(seen.gateway(), seen));
        return found;
    }

    /** The signature keys that these gateways reported, of those that have reported anything. */
    static Map<Eui64, List<Integer>> keyCrcs(Handle handle, Collection<Eui64> euis) {
        Map<Eui64, List<Integer>> found = new HashMap<>();
        EuiRows.read(
                handle,
                "SELECT eui, key_crcs FROM gateway_seen WHERE eui IN (<euis>)",
                Map.of(),
                euis,
                (row, _) ->
                        Map.entry(new Eui64(row.getLong("eui")), crcs(row.getString("key_crcs"))),
                entry -> found.put(entry.getKey(), entry.getValue()));
        return found;
    }

    static Seen read(ResultSet row, StatementContext context) throws SQLException {
        return new Seen(
                new Eui64(row.getLong("eui")),
                Instant.ofEpochMilli(row.getLong("at")),
                Optional.ofNullable(row.getString("station")),
                Optional.ofNullable(row.getString("model")),
                Optional.ofNullable(row.getString("package")),
                crcs(row.getString("key_crcs")),
                Optional.ofNullable(row.getString("cups_uri")),
                Optional.ofNullable(row.getString("lns_uri")),
                row.getInt("cups_crc"),
                row.getInt("lns_crc"),
                whys(row.getString("why")));
    }

    static String whyColumn(List<Why> why) {
        return JSON.writeValueAsString(why);
    }

    private static List<Why> whys(String column) {
        return JSON.readValue(column, new TypeReference<List<Why>>() {});
    }

    static String column(List<Integer> crcs) {
        return crcs.stream().map(Integer::toUnsignedString).collect(Collectors.joining(","));
    }

    private static List<Integer> crcs(String column) {
        return Stream.of(column.split(","))
                .filter(crc -> !crc.isEmpty())
                .map(Integer::parseUnsignedInt)
                .toList();
    }
}
