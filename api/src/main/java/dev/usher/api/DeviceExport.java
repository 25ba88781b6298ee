package dev.usher.api;

import de.siegmar.fastcsv.writer.CsvWriter;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.devices.Device;
import dev.usher.lorawan.Printable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes all devices of a list while they are read, one JSON object a line or as CSV. */
final class DeviceExport {

    private static final List<String> COLUMNS =
            List.of(
                    "devEui",
                    "joinEui",
                    "maker",
                    "owner",
                    "macVersion",
                    "profileId",
                    "serialNumber",
                    "hasNwkKey",
                    "hasAppKey",
                    "claimable",
                    "locked",
                    "homeNetId",
                    "homeNsId",
                    "asId",
                    "asKekLabel",
                    "appSKeyInClear",
                    "roamingNetIds",
                    "strict",
                    "resetsJoinNonces",
                    "lifetime",
                    "lastJoinNonce",
                    "lastDevNonce",
                    "lastRjCount1",
                    "createdAt",
                    "claimedAt");

    private DeviceExport() {}

    /** Hands over devices, one after the other. */
    @FunctionalInterface
    interface Source {
        void forEach(Consumer<Device> consumer);
    }

    /**
     * Answers a request for an export in the format it asks for.
     *
     * @param shown which devices of the source are written
     */
    static Response answer(Request request, Source source, Predicate<Device> shown) {
        String format = request.query("format").orElse("ndjson");
        return switch (format) {
            case "ndjson" ->
                    Response.stream(
                            200,
                            Answers.LINES_TYPE,
                            out -> write(source, shown, device -> writeLine(out, device)));
            case "csv" ->
                    Response.stream(
                            200, "text/csv; charset=utf-8", out -> writeCsv(source, shown, out));
            default ->
                    throw new BadRequest(
                            "format is '" + Printable.of(format) + "': use ndjson or csv");
        };
    }

    private static void write(Source source, Predicate<Device> shown, Consumer<Device> writer)
            throws IOException {
        try {
            source.forEach(
                    device -> {
                        if (shown.test(device)) {
                            writer.accept(device);
                        }
                    });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void writeLine(OutputStream out, Device device) {
        try {
            Answers.writeLine(out, object(device));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void writeCsv(Source source, Predicate<Device> shown, OutputStream out)
            throws IOException {
        try (CsvWriter csv = CsvWriter.builder().build(out, StandardCharsets.UTF_8)) {
            csv.writeRecord(COLUMNS);
            write(
                    source,
                    shown,
                    device -> {
                        ObjectNode object = object(device);
                        csv.writeRecord(
                                COLUMNS.stream().map(name -> cell(object.path(name))).toList());
                    });
        }
    }

    private static ObjectNode object(Device device) {
        ObjectNode object = Fields.JSON.createObjectNode();
        DeviceJson.write(object, device);
        return object;
    }

    private static String cell(JsonNode value) {
        return switch (value) {
            case JsonNode missing when missing.isMissingNode() -> "";
            case JsonNode list when list.isArray() ->
                    list.values().stream()
                            .map(JsonNode::stringValue)
                            .collect(Collectors.joining(" "));
            default -> plain(value.asString());
        };
    }

    /** A spreadsheet takes a cell that starts like this for a formula and would run it. */
    private static String plain(String cell) {
        return !cell.isEmpty() && "=+-@\t\r".indexOf(cell.charAt(0)) >= 0 ? "'" + cell : cell;
    }
}
