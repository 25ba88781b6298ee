package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rows of a bulk command, read as they are needed: CSV whose first line names the columns, or
 * JSON, either one array or one value after the other. A JSON text instead of an object is a row of
 * its main field alone, so the list one command prints is the input of another.
 */
final class Rows implements Iterator<Rows.Row>, AutoCloseable {

    private static final int LOOK_AHEAD = 1024;
    private static final int BYTE_ORDER_MARK = 0xFEFF;

    /**
     * One row.
     *
     * @param where its place, for messages: {@code line 7}
     * @param values its values as they were written
     * @param error why it cannot be understood
     */
    record Row(String where, ObjectNode values, Optional<String> error) {

        Row {
            requireNonNull(where, "where");
            requireNonNull(values, "values");
            requireNonNull(error, "error");
        }

        /** Its values may be secrets. */
        @Override
        public String toString() {
            return "Row[" + where + "]";
        }
    }

    private final String source;
    private final Iterator<Row> rows;
    private final Optional<Reader> input;

    private Rows(String source, Iterator<Row> rows, Optional<Reader> input) {
        this.source = source;
        this.rows = rows;
        this.input = input;
    }

    /** Rows that were given on the command line. */
    static Rows of(List<ObjectNode> rows) {
        return new Rows(
                "the command line",
                rows.stream()
                        .map(row -> new Row("the command line", row, Optional.empty()))
                        .iterator(),
                Optional.empty());
    }

    /**
     * @throws Failure if the file cannot be read, or its header line is wrong
     */
    static Rows ofFile(Path file, Fields fields) {
        try {
            return of("'" + file + "'", Files.newInputStream(file), fields);
        } catch (IOException e) {
            throw LocalFile.unreadable(file, e);
        }
    }

    /**
     * @param source what is read, in the words of a person
     */
    static Rows of(String source, InputStream stream, Fields fields) {
        try {
            Reader text =
                    new BufferedReader(
                            new InputStreamReader(
                                    withoutMark(new BufferedInputStream(stream)),
                                    StandardCharsets.UTF_8));
            String start = start(text);
            Iterator<Row> rows =
                    start.startsWith("[") || start.startsWith("{")
                            ? new JsonRows(text, fields)
                            : new CsvRows(source, text, separator(start), fields);
            return new Rows(source, rows, Optional.of(text));
        } catch (IOException e) {
            throw broken(source, e);
        }
    }

    private static InputStream withoutMark(InputStream stream) throws IOException {
        stream.mark(3);
        byte[] mark = Character.toString(BYTE_ORDER_MARK).getBytes(StandardCharsets.UTF_8);
        if (!java.util.Arrays.equals(stream.readNBytes(mark.length), mark)) {
            stream.reset();
        }
        return stream;
    }

    /** The first line, or its start; nothing of it is consumed. */
    private static String start(Reader text) throws IOException {
        text.mark(LOOK_AHEAD);
        StringBuilder start = new StringBuilder();
        for (int c = text.read(); c >= 0 && start.length() < LOOK_AHEAD - 1; c = text.read()) {
            if (c == '\n' && !start.toString().isBlank()) {
                break;
            }
            start.append((char) c);
        }
        text.reset();
        return start.toString().strip();
    }

    /** Spreadsheets write semicolons where the comma is the decimal sign. */
    private static char separator(String header) {
        return header.indexOf(',') >= 0 ? ',' : header.indexOf(';') >= 0 ? ';' : ',';
    }

    @Override
    public boolean hasNext() {
        return read(rows::hasNext);
    }

    @Override
    public Row next() {
        return read(rows::next);
    }

    private <T> T read(Supplier<T> step) {
        try {
            return step.get();
        } catch (CsvParseException | JacksonException e) {
            throw new Failure(
                    "Cannot read on in "
                            + source
                            + " after "
                            + place()
                            + ": what follows is neither CSV (RFC 4180) nor JSON.",
                    e);
        } catch (UncheckedIOException e) {
            throw broken(source, requireNonNull(e.getCause()));
        }
    }

    /** Whether somebody typed them, instead of keeping them in a file. */
    boolean areTyped() {
        return input.isEmpty();
    }

    private String place() {
        return rows instanceof Placed placed ? placed.place() : "the start";
    }

    @Override
    public void close() {
        try {
            if (input.isPresent()) {
                input.get().close();
            }
        } catch (IOException e) {
            throw broken(source, e);
        }
    }

    private static Failure broken(String source, IOException e) {
        return new Failure("Cannot read " + source + ": " + e.getMessage() + ".", e);
    }

    private static Row read(String where, ObjectNode values, Fields fields) {
        try {
            return new Row(where, fields.read(values), Optional.empty());
        } catch (IllegalArgumentException e) {
            return bad(where, values, fields, String.valueOf(e.getMessage()));
        }
    }

    private static Row bad(String where, ObjectNode values, Fields fields, String why) {
        ObjectNode named = Json.object().put(fields.main(), fields.name(values));
        return new Row(where, named, Optional.of(where + ": " + why));
    }

    /** Knows where in the input it is. */
    private interface Placed {
        String place();
    }

    private static final class CsvRows implements Iterator<Row>, Placed {

        private final Iterator<CsvRecord> records;
        private final List<String> header;
        private final Fields fields;
        private long line;

        CsvRows(String source, Reader text, char separator, Fields fields) {
            this.fields = fields;
            this.records =
                    CsvReader.builder()
                            .fieldSeparator(separator)
                            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                            .ofCsvRecord(text)
                            .iterator();
            try {
                if (!records.hasNext()) {
                    throw new Failure(source + " is empty: give CSV with a header line, or JSON.");
                }
                this.header = records.next().getFields();
                this.line = 1;
                fields.check(header);
            } catch (CsvParseException e) {
                throw new Failure("The first line of " + source + " is not CSV (RFC 4180).", e);
            } catch (IllegalArgumentException e) {
                throw new Failure("Cannot use " + source + ": " + e.getMessage() + ".", e);
            }
        }

        @Override
        public String place() {
            return "line " + line;
        }

        @Override
        public boolean hasNext() {
            return records.hasNext();
        }

        @Override
        public Row next() {
            CsvRecord record = records.next();
            line = record.getStartingLineNumber();
            ObjectNode values = Json.object();
            for (int i = 0; i < Math.min(header.size(), record.getFieldCount()); i++) {
                if (!record.getField(i).isBlank()) {
                    values.put(header.get(i), record.getField(i));
                }
            }
            return record.getFieldCount() == header.size()
                    ? read(place(), values, fields)
                    : bad(
                            place(),
                            values,
                            fields,
                            "it has "
                                    + record.getFieldCount()
                                    + " values for "
                                    + header.size()
                                    + " columns");
        }
    }

    private static final class JsonRows implements Iterator<Row>, Placed {

        private final MappingIterator<JsonNode> values;
        private final Fields fields;
        private long count;

        JsonRows(Reader text, Fields fields) {
            this.values = Json.MAPPER.readerFor(JsonNode.class).readValues(text);
            this.fields = fields;
        }

        @Override
        public String place() {
            return count == 0 ? "the start" : "row " + count;
        }

        @Override
        public boolean hasNext() {
            return values.hasNextValue();
        }

        @Override
        public Row next() {
            if (!values.hasNextValue()) {
                throw new NoSuchElementException();
            }
            JsonNode value = values.nextValue();
            count++;
            return switch (value) {
                case ObjectNode object -> read(place(), object, fields);
                case JsonNode text when text.isString() ->
                        read(place(), Json.object().set(fields.main(), text), fields);
                default ->
                        bad(place(), Json.object(), fields, "it is neither an object nor a text");
            };
        }
    }
}
