package dev.usher.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Server-sent events as they come (HTML Living Standard section 9.2): their ids and data. */
final class EventStream implements AutoCloseable {

    private final BufferedReader lines;
    private Optional<String> lastId;

    /**
     * @param lastId the id of the last event that was seen, on an earlier stream
     */
    EventStream(InputStream stream, Optional<String> lastId) {
        this.lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
        this.lastId = lastId;
    }

    /** The data of the next event; empty at the end, also where the connection broke off. */
    Optional<String> next() {
        StringBuilder data = new StringBuilder();
        String id = lastId.orElse("");
        for (String line = readLine(); line != null; line = readLine()) {
            if (line.isEmpty() && !data.isEmpty()) {
                lastId = Optional.of(id).filter(text -> !text.isEmpty());
                return Optional.of(data.toString());
            }
            id = value(line, "id").orElse(id);
            value(line, "data")
                    .ifPresent(part -> data.append(data.isEmpty() ? "" : "\n").append(part));
        }
        return Optional.empty();
    }

    /** The id of the event that was seen last. */
    Optional<String> lastId() {
        return lastId;
    }

    private @Nullable String readLine() {
        try {
            return lines.readLine();
        } catch (IOException _) {
            return null; // servers come and go; whoever follows asks again
        }
    }

    private static Optional<String> value(String line, String field) {
        return line.startsWith(field + ":")
                ? Optional.of(line.substring(field.length() + 1).replaceFirst("^ ", ""))
                : Optional.empty();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
