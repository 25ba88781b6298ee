package dev.usher.network.registry;

import dev.usher.lorawan.Eui64;
import dev.usher.station.StationUri;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Reads and writes rows of network_gateway, and says which changed. */
final class GatewayTable {

    /** So many changes are remembered; a node that missed more reads everything again. */
    private static final int CHANGES_KEPT = 100_000;

    private GatewayTable() {}

    static Optional<NetworkGateway> find(Handle handle, GatewayId id) {
        return handle.createQuery("SELECT * FROM network_gateway WHERE id = :id")
                .bind("id", id.value())
                .map((row, _) -> gateway(row))
                .findOne();
    }

    static Optional<NetworkGateway> find(Handle handle, Eui64 eui) {
        return handle.createQuery("SELECT * FROM network_gateway WHERE eui = :eui")
                .bind("eui", eui.value())
                .map((row, _) -> gateway(row))
                .findOne();
    }

    static void insert(
            Handle handle, Eui64 eui, GatewayId id, GatewaySettings settings, Instant now) {
        handle.execute(
                """
                INSERT INTO network_gateway (eui, id, name, description, frequency_plan_ids,
                    address, require_authentication, enforce_duty_cycle, target_cups_uri,
                    target_changed_at, created_at, revision)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
                """,
                eui.value(),
                id.value(),
                settings.name(),
                settings.description(),
                String.join(",", settings.frequencyPlanIds()),
                text(settings.address()),
                settings.requireAuthenticatedConnection() ? 1 : 0,
                settings.enforceDutyCycle() ? 1 : 0,
                text(settings.targetCupsUri()),
                now.toEpochMilli(),
                now.toEpochMilli());
        changed(handle, eui);
    }

    static void update(Handle handle, Eui64 eui, GatewaySettings settings) {
        handle.execute(
                """
                UPDATE network_gateway SET name = ?, description = ?, frequency_plan_ids = ?,
                    address = ?, require_authentication = ?, enforce_duty_cycle = ?,
                    target_cups_uri = ?
                WHERE eui = ?
                """,
                settings.name(),
                settings.description(),
                String.join(",", settings.frequencyPlanIds()),
                text(settings.address()),
                settings.requireAuthenticatedConnection() ? 1 : 0,
                settings.enforceDutyCycle() ? 1 : 0,
                text(settings.targetCupsUri()),
                eui.value());
        changed(handle, eui);
    }

    static void delete(Handle handle, Eui64 eui) {
        handle.execute("DELETE FROM network_gateway WHERE eui = ?", eui.value());
        changed(handle, eui);
    }

    /** Lets every node know, and gives the row its next revision. */
    static void changed(Handle handle, Eui64 eui) {
        long revision =
                handle.createQuery(
                                "SELECT COALESCE(MAX(revision), 0) + 1 FROM network_gateway_change")
                        .mapTo(Long.class)
                        .one();
        handle.execute(
                "INSERT INTO network_gateway_change (revision, eui) VALUES (?, ?)",
                revision,
                eui.value());
        handle.execute(
                "DELETE FROM network_gateway_change WHERE revision <= ?", revision - CHANGES_KEPT);
        handle.execute(
                "UPDATE network_gateway SET revision = ? WHERE eui = ?", revision, eui.value());
    }

    private static @Nullable String text(Optional<?> value) {
        return value.map(Object::toString).orElse(null);
    }

    static NetworkGateway gateway(ResultSet row) throws SQLException {
        return new NetworkGateway(
                new GatewayId(row.getString("id")),
                new Eui64(row.getLong("eui")),
                settings(row),
                claim(row),
                time(row, "code_until"),
                time(row, "created_at").orElseThrow(),
                time(row, "target_changed_at").orElseThrow(),
                time(row, "working_at"),
                time(row, "reverted_at"));
    }

    private static GatewaySettings settings(ResultSet row) throws SQLException {
        return new GatewaySettings(
                row.getString("name"),
                row.getString("description"),
                list(row.getString("frequency_plan_ids")),
                Optional.ofNullable(row.getString("address")).map(GatewayServerAddress::parse),
                row.getInt("require_authentication") != 0,
                row.getInt("enforce_duty_cycle") != 0,
                Optional.ofNullable(row.getString("target_cups_uri")).map(StationUri::cups));
    }

    private static ClaimState claim(ResultSet row) throws SQLException {
        String state = row.getString("claim_state");
        String upstream = row.getString("claim_upstream");
        return switch (state) {
            case null -> new ClaimState.Registered();
            case "claiming" ->
                    new ClaimState.Claiming(upstream, time(row, "claim_until").orElseThrow());
            case "transferred" -> new ClaimState.Transferred(upstream);
            case "claimed" ->
                    new ClaimState.Claimed(upstream, time(row, "claimed_at").orElseThrow());
            default -> throw new IllegalStateException("there is no claim state " + state);
        };
    }

    /** Words with commas between them; none if empty. */
    static List<String> list(String text) {
        return text.isEmpty() ? List.of() : Arrays.asList(text.split(",", -1));
    }

    static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }
}
