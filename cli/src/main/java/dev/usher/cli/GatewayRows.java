package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes gateways of rows, each with a request of its own, so that each says at once what became of
 * it.
 *
 * @param common what counts for every row that does not say it itself
 * @param done what has become of a row, in a table
 */
record GatewayRows(RemoteServer server, String path, ObjectNode common, String done) {

    private static final String PLANS = "requencyPlanIds";

    GatewayRows {
        requireNonNull(server, "server");
        requireNonNull(path, "path");
        requireNonNull(common, "common");
        requireNonNull(done, "done");
    }

    List<Column> columns(boolean dryRun) {
        return List.of(
                Column.of("EUI", "eui"),
                Column.of("ID", "id"),
                new Column(
                        "RESULT",
                        result ->
                                Json.text(result, "error").isEmpty()
                                        ? dryRun ? "could be " + done : done
                                        : "failed: " + Json.text(result, "error")));
    }

    /**
     * @param salt what goes into the idempotency keys; empty: all is only tried
     */
    Bulk.Job job(Optional<String> salt) {
        return new Bulk.Job("eui", 1, this::prepare, rows -> send(rows, salt));
    }

    private ObjectNode prepare(ObjectNode row) {
        ObjectNode wish = common.deepCopy();
        row.forEachEntry((field, value) -> put(wish, field, value));
        wish.put("eui", Eui64.parse(Fields.text(row, "eui")).toString());
        if (!wish.has("collaborator")) {
            throw new IllegalArgumentException(
                    "nobody is named whose it is to be: give --user-id or --organization-id");
        }
        return wish;
    }

    /** Plans may be one text with commas, as they are in CSV. */
    private static void put(ObjectNode wish, String field, JsonNode value) {
        if (field.endsWith(PLANS) && value.isString()) {
            GatewayOptions.putPlans(wish.putArray(field), List.of(value.stringValue()));
        } else {
            wish.set(field, value);
        }
    }

    private ArrayNode send(ArrayNode rows, Optional<String> salt) {
        ArrayNode results = Json.array();
        for (JsonNode row : rows.values()) {
            ObjectNode result =
                    server.attempt(
                            path, row, salt.map(some -> server.idempotencyKey(path + some, row)));
            if (!result.has("eui")) {
                result.put("eui", Json.text(row, "eui"));
            }
            results.add(result);
        }
        return results;
    }
}
