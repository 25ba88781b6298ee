package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends many rows in chunks, prints what became of each in the order of the rows, and counts the
 * failures. A row that cannot be understood is not sent and fails alone.
 */
final class Bulk {

    /** Well below what a server takes as one request, also when each row has certificates. */
    private static final int LARGEST_CHUNK_CHARACTERS = 256 * 1024;

    private final Terminal terminal;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description =
                    "Take the rows from this file, CSV or JSON; - or nothing for stdin. See the"
                            + " examples.")
    private @Nullable Path file;

    @Option(
            names = "--chunk",
            paramLabel = "ROWS",
            defaultValue = "250",
            description = "How many rows go into one request. Default: ${DEFAULT-VALUE}.")
    private int chunkRows;

    Bulk(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    /** Makes of a row what is sent for it. */
    @FunctionalInterface
    interface Preparation {
        /**
         * Makes it.
         *
         * @throws IllegalArgumentException if the row is wrong; the message says how
         */
        ObjectNode prepare(ObjectNode row);
    }

    /** Sends rows to a server. */
    @FunctionalInterface
    interface Sender {
        /** Sends them, to one result for each row, in their order. */
        JsonNode send(ArrayNode rows);
    }

    /**
     * What is done with rows.
     *
     * @param id the field that names a row, in what is sent and in the answers
     * @param most how many rows the server takes as one request
     */
    record Job(String id, int most, Preparation preparation, Sender sender) {

        Job(String id, Preparation preparation, Sender sender) {
            this(id, Integer.MAX_VALUE, preparation, sender);
        }
    }

    /** The rows to work on: those of the command line, or else of the file or stdin. */
    Rows rows(List<ObjectNode> given, Fields fields) {
        if (!given.isEmpty()) {
            if (file != null) {
                throw Failure.ofUsage("Name gateways or give --file, not both.");
            }
            return Rows.of(given);
        }
        if (file != null && !file.toString().equals("-")) {
            return Rows.ofFile(file, fields);
        }
        if (file == null && terminal.isInteractive(Terminal.Stream.IN)) {
            throw Failure.ofUsage(
                    "Name a gateway, or give many as CSV or JSON with --file FILE or on stdin.");
        }
        return Rows.of("stdin", terminal.in(), fields);
    }

    /** Does the job for all rows, to the exit code: 1 if a row failed. */
    int run(Rows rows, Job job, Listing results) {
        if (chunkRows < 1) {
            throw Failure.ofUsage("--chunk is " + chunkRows + ": use 1 row or more.");
        }
        long done = 0;
        long failed = 0;
        try (rows;
                results;
                Progress progress = new Progress(terminal, "rows", Progress.UNKNOWN)) {
            while (rows.hasNext()) {
                Chunk chunk = next(rows, job);
                failed += chunk.send(job.sender(), results);
                done += chunk.results.size();
                progress.advance(chunk.results.size());
            }
            if (done == 0) {
                throw new Failure("There are no rows: give at least one.");
            }
            results.finish();
        } catch (Failure e) {
            throw done == 0 ? e : cutOff(e, done);
        }
        if (failed > 0 && done > 1) {
            terminal.say(failed + " of " + done + " rows failed; their errors say why.");
        }
        return failed > 0 ? Usher.FAILED : Usher.OK;
    }

    private static Failure cutOff(Failure e, long done) {
        return new Failure(
                e.getMessage()
                        + " The first "
                        + done
                        + " rows are done; run the same command again to go on.",
                e);
    }

    private Chunk next(Rows rows, Job job) {
        Chunk chunk = new Chunk();
        int most = Math.min(chunkRows, job.most());
        while (rows.hasNext()
                && chunk.results.size() < most
                && chunk.characters < LARGEST_CHUNK_CHARACTERS) {
            chunk.add(rows.next(), job);
        }
        return chunk;
    }

    /** Rows that go into one request; beside each of them, its result if that is known already. */
    private static final class Chunk {

        private final ArrayNode sent = Json.array();
        private final List<@Nullable ObjectNode> results = new ArrayList<>();
        private long characters;

        void add(Rows.Row row, Job job) {
            if (row.error().isPresent()) {
                results.add(failed(row, job.id(), row.error().get()));
                return;
            }
            try {
                ObjectNode prepared = job.preparation().prepare(row.values());
                characters += prepared.toString().length();
                sent.add(prepared);
                results.add(null);
            } catch (IllegalArgumentException | Failure e) {
                results.add(failed(row, job.id(), row.where() + ": " + e.getMessage()));
            }
        }

        private static ObjectNode failed(Rows.Row row, String id, String error) {
            return Json.object()
                    .put(id, Terminal.visible(Json.text(row.values(), id)))
                    .put("error", error);
        }

        /** How many rows failed. */
        long send(Sender sender, Listing listing) {
            List<JsonNode> answers =
                    sent.isEmpty() ? List.of() : new ArrayList<>(sender.send(sent).values());
            if (answers.size() != sent.size()) {
                throw new Failure(
                        "The server answered "
                                + answers.size()
                                + " results for "
                                + sent.size()
                                + " rows, so nobody knows which are done: run the command again.");
            }
            long failed = 0;
            int next = 0;
            for (@Nullable ObjectNode known : results) {
                JsonNode result = known != null ? known : answers.get(next++);
                failed += Json.text(result, "error").isEmpty() ? 0 : 1;
                listing.add(result);
            }
            return failed;
        }
    }
}
