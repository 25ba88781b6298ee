package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Provisions the devices of a file, however many they are. */
final class DevicesImport {

    private static final String DEV_EUI = "devEui";
    private static final Set<String> TRUE_OR_FALSE =
            Set.of("strict", "resetsJoinNonces", "appSKeyInClear");

    private static final Fields FIELDS =
            new Fields()
                    .require(DEV_EUI, "eui")
                    .allow("joinEui", "appEui")
                    .allow("appKey")
                    .allow("nwkKey")
                    .allow("kekLabel")
                    .allow("macVersion", "lorawanVersion")
                    .allow("profileId")
                    .allow("serialNumber", "serial")
                    .allow("ownerToken", "token")
                    .allow("homeNetId")
                    .allow("homeNsId")
                    .allow("asId")
                    .allow("asKekLabel")
                    .allow("asKek")
                    .allow("appSKeyInClear")
                    .allow("roamingNetIds")
                    .allow("strict")
                    .allow("resetsJoinNonces")
                    .allow("lifetime")
                    .ignore("label", "qr", "result");

    private final RemoteServer server;
    private final Terminal terminal;
    private final ObjectNode common;

    /**
     * @param common what holds for rows that do not say it themselves
     */
    DevicesImport(RemoteServer server, Terminal terminal, ObjectNode common) {
        this.server = requireNonNull(server, "server");
        this.terminal = requireNonNull(terminal, "terminal");
        this.common = requireNonNull(common, "common");
    }

    /** Sends the rows, to the exit code. */
    int run(BulkChange change, Output output) {
        Rows rows = change.rows(List.of(), FIELDS);
        String salt = change.salt(rows);
        Listing results =
                output.listing(
                        List.of(
                                Column.of("DEVEUI", DEV_EUI),
                                new Column("RESULT", result -> outcome(result, change.isDryRun())),
                                Column.of("LABEL", "label")));
        int exitCode =
                change.run(
                        rows,
                        new Bulk.Job(
                                DEV_EUI,
                                this::prepare,
                                some -> send(some, change.isDryRun(), salt)),
                        results);
        if (exitCode != Usher.OK && !change.isDryRun()) {
            terminal.say(
                    "keep this output: once rows were put right, the next run does not tell the"
                            + " owner tokens of this one again.");
        }
        return exitCode;
    }

    /** In CSV all is text. */
    private ObjectNode prepare(ObjectNode row) {
        ObjectNode device = common.deepCopy();
        row.forEachEntry(
                (field, value) -> {
                    if (value.isNull()) {
                        return;
                    }
                    String text = Json.text(value).strip();
                    if (field.equals("roamingNetIds")) {
                        ArrayNode netIds = device.putArray(field);
                        for (String netId : text.split("[,\\s]+", -1)) {
                            if (!netId.isEmpty()) {
                                netIds.add(netId);
                            }
                        }
                    } else if (TRUE_OR_FALSE.contains(field)
                            && (text.equals("true") || text.equals("false"))) {
                        device.put(field, Boolean.parseBoolean(text));
                    } else if (field.equals("lifetime") && text.matches("[0-9]{1,18}")) {
                        device.put(field, Long.parseLong(text));
                    } else {
                        device.put(field, text);
                    }
                });
        return device.put(DEV_EUI, Eui64.parseOfDevice(Json.text(device, DEV_EUI)).toString());
    }

    private ArrayNode send(ArrayNode devices, boolean dryRun, String salt) {
        String path = DevicesCommand.PATH + "/import";
        ArrayNode results = Json.array();
        server.lines(
                dryRun ? path + "?dryRun=true" : path,
                devices,
                dryRun
                        ? Optional.empty()
                        : Optional.of(server.idempotencyKey(path + salt, devices)),
                line -> results.add(result(line, devices.path(results.size()))));
        return results;
    }

    private static ObjectNode result(JsonNode line, JsonNode device) {
        if (!line.has("line")) {
            throw new Failure("The server stopped: " + Json.text(line, "error") + ".");
        }
        ObjectNode result = Json.object().put(DEV_EUI, Json.text(device, DEV_EUI));
        line.forEachEntry(
                (field, value) -> {
                    if (!field.equals("line")) {
                        result.set(field, value);
                    }
                });
        return result;
    }

    private static String outcome(JsonNode result, boolean dryRun) {
        String error = Json.text(result, "error");
        if (!error.isEmpty()) {
            return "failed: " + error;
        }
        String outcome = Json.text(result, "result");
        return dryRun && outcome.equals("created") ? "could be created" : outcome;
    }
}
