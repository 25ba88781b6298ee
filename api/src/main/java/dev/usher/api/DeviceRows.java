package dev.usher.api;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.usher.devices.NewDevice;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A long list of new devices: one JSON object a line, or CSV (RFC 4180) whose first line names the
 * columns as the objects name their fields. Each row is taken apart when it is looked at.
 */
final class DeviceRows {

    private static final Set<String> TRUE_OR_FALSE =
            Set.of("strict", "resetsJoinNonces", "appSKeyInClear");

    private static final byte[] UTF_8_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    /** What may be repeated as the name of a column; where there is none, it may be a key. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z_ -]{0,23}");

    private DeviceRows() {}

    /**
     * One row.
     *
     * @param line where it begins in the list, from 1
     * @param content for the row itself; two rows of the same content ask for the same
     */
    record Row(long line, byte[] content, Supplier<Fields> fields) {

        /**
         * The device.
         *
         * @throws IllegalArgumentException if it is none
         * @throws BadRequest likewise
         */
        NewDevice device() {
            return DeviceJson.newDevice(fields.get());
        }
    }

    /**
     * The rows of a list, which are not all in memory at once.
     *
     * @throws BadRequest from here if it is no list of devices, from the rows if it breaks off
     */
    static Iterator<Row> of(byte[] list) {
        int start = start(list);
        int first = start;
        while (first < list.length && isBlank(list[first])) {
            first++;
        }
        if (first == list.length) {
            throw new BadRequest("there is no device: send one JSON object a line, or CSV");
        }
        return switch (list[first]) {
            case '{' -> new Lines(list, start);
            case '[' ->
                    throw new BadRequest(
                            "the list begins with [: send one JSON object a line, without brackets"
                                    + " around them and commas between them");
            default -> new Records(list);
        };
    }

    /** After the byte order mark that some editors write before UTF-8. */
    private static int start(byte[] list) {
        return list.length >= UTF_8_MARK.length
                        && Arrays.mismatch(list, UTF_8_MARK) == UTF_8_MARK.length
                ? UTF_8_MARK.length
                : 0;
    }

    private static boolean isBlank(byte octet) {
        return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
    }

    private static final class Lines implements Iterator<Row> {

        private final byte[] list;
        private int next;
        private long line = 1;

        Lines(byte[] list, int start) {
            this.list = list;
            this.next = start;
            skipBlanks();
        }

        private void skipBlanks() {
            while (next < list.length && isBlank(list[next])) {
                line += list[next] == '\n' ? 1 : 0;
                next++;
            }
        }

        @Override
        public boolean hasNext() {
            return next < list.length;
        }

        @Override
        public Row next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            int end = next;
            while (end < list.length && list[end] != '\n') {
                end++;
            }
            byte[] content = Arrays.copyOfRange(list, next, end);
            Row row = new Row(line, content, () -> object(content));
            next = end;
            skipBlanks();
            return row;
        }

        private static Fields object(byte[] line) {
            JsonNode node;
            try {
                node = Fields.JSON.readTree(line);
            } catch (JacksonException e) {
                // What Jackson found may be a key.
                throw new BadRequest("the line is not one JSON object");
            }
            if (!node.isObject()) {
                throw new BadRequest("the line is not one JSON object");
            }
            return Fields.of(node, "", DeviceJson.NEW);
        }
    }

    private static final class Records implements Iterator<Row> {

        private final Iterator<CsvRecord> records;
        private final List<String> columns;
        private long line = 1;

        Records(byte[] list) {
            records =
                    CsvReader.builder()
                            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                            .detectBomHeader(true)
                            .ofCsvRecord(new ByteArrayInputStream(list), StandardCharsets.UTF_8)
                            .iterator();
            if (!hasNext()) {
                throw new BadRequest("there is no device: send one JSON object a line, or CSV");
            }
            columns = records.next().getFields().stream().map(String::strip).toList();
            checkColumns();
        }

        private void checkColumns() {
            Set<String> seen = new HashSet<>();
            for (String column : columns) {
                if (!DeviceJson.NEW.contains(column)) {
                    throw new BadRequest(
                            (NAME.matcher(column).matches()
                                            ? "'" + column + "' in the first line is not a column"
                                            : "the first line does not name columns, with commas"
                                                    + " between them")
                                    + ": known are "
                                    + String.join(", ", new TreeSet<>(DeviceJson.NEW)));
                }
                if (!seen.add(column)) {
                    throw new BadRequest("column " + column + " is named twice in the first line");
                }
            }
        }

        @Override
        public boolean hasNext() {
            try {
                return records.hasNext();
            } catch (CsvParseException e) {
                throw new BadRequest("what follows line " + line + " is not CSV (RFC 4180)");
            }
        }

        @Override
        public Row next() {
            CsvRecord record = records.next();
            line = record.getStartingLineNumber();
            byte[] content = String.join("\0", record.getFields()).getBytes(StandardCharsets.UTF_8);
            return new Row(line, content, () -> object(record));
        }

        private Fields object(CsvRecord record) {
            if (record.getFieldCount() != columns.size()) {
                throw new BadRequest(
                        "the line has "
                                + record.getFieldCount()
                                + " values for "
                                + columns.size()
                                + " columns");
            }
            ObjectNode object = Fields.JSON.createObjectNode();
            for (int i = 0; i < columns.size(); i++) {
                String value = record.getField(i).strip();
                if (!value.isEmpty()) {
                    put(object, columns.get(i), value);
                }
            }
            return Fields.of(object, "", DeviceJson.NEW);
        }

        /** What is no text in JSON is none here, if it can be read as what it should be. */
        private static void put(ObjectNode object, String column, String value) {
            if (TRUE_OR_FALSE.contains(column) && (value.equals("true") || value.equals("false"))) {
                object.put(column, Boolean.parseBoolean(value));
            } else if (column.equals("lifetime") && value.matches("[0-9]{1,18}")) {
                object.put(column, Long.parseLong(value));
            } else if (column.equals("roamingNetIds")) {
                var netIds = object.putArray(column);
                for (String netId : value.split("\\s+", -1)) {
                    netIds.add(netId);
                }
            } else {
                object.put(column, value);
            }
        }
    }
}
