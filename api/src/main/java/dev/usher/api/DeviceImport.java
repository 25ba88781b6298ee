package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Conflict;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.devices.NewDevice;
import dev.usher.devices.ProvisionResult;
import dev.usher.devices.Provisioning;
import dev.usher.keys.VaultException;
import dev.usher.lorawan.Eui64;
import dev.usher.store.Change;
import dev.usher.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Gatherers;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.node.ObjectNode;

/**
 * Provisions a long list of devices, some hundreds in each change, and answers meanwhile: one line
 * for each row, sent when it is durable. A client that was cut off sends the same list again; with
 * the same Idempotency-Key it is told the same owner tokens again.
 */
final class DeviceImport {

    /** Few enough that joins hardly wait for the change. */
    private static final int AT_ONCE = 500;

    private final Provisioning provisioning;
    private final Changes changes;

    DeviceImport(Provisioning provisioning, Changes changes) {
        this.provisioning = requireNonNull(provisioning, "provisioning");
        this.changes = requireNonNull(changes, "changes");
    }

    /** Answers a request whose body is a {@link DeviceRows list}. */
    Response answer(Principal caller, Request request, Routes.Variables path) {
        Iterator<DeviceRows.Row> rows = DeviceRows.of(request.body());
        return Response.stream(
                200, Answers.LINES_TYPE, out -> provision(caller, request, rows, out));
    }

    private void provision(
            Principal caller, Request request, Iterator<DeviceRows.Row> rows, OutputStream out)
            throws IOException {
        boolean dryRun = Changes.isDryRun(request);
        int[] parts = {0};
        try {
            stream(rows)
                    .gather(Gatherers.windowFixed(AT_ONCE))
                    .map(some -> new Part(parts[0]++, some))
                    // The next ones are made ready while these are written.
                    .gather(
                            Gatherers.mapConcurrent(
                                    2, part -> new Ready(part, prepare(caller, part, dryRun))))
                    .forEachOrdered(ready -> send(out, make(caller, request, ready, dryRun)));
        } catch (UncheckedIOException e) {
            throw requireNonNull(e.getCause());
        } catch (StoreException | VaultException | Conflict | BadRequest e) {
            // What was sent before is done; there is no status any more to refuse the rest with.
            Answers.writeLine(
                    out,
                    Fields.JSON
                            .createObjectNode()
                            .put("error", e.getMessage() + ": nothing was done from here on"));
        }
    }

    private static <T> Stream<T> stream(Iterator<T> iterator) {
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(
                        iterator, Spliterator.ORDERED | Spliterator.NONNULL),
                /* parallel= */ false);
    }

    /**
     * @param number which of the list's parts it is, from 0
     */
    private record Part(int number, List<DeviceRows.Row> rows) {

        byte[] content() {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            for (DeviceRows.Row row : rows) {
                content.writeBytes(row.content());
                content.write('\n');
            }
            return content.toByteArray();
        }
    }

    private record Ready(Part part, Change<String> change) {}

    /** A row as it was understood, or why it was not. */
    private record Read(long line, Optional<NewDevice> device, String error) {

        static Read of(DeviceRows.Row row) {
            try {
                return new Read(row.line(), Optional.of(row.device()), "");
            } catch (BadRequest | IllegalArgumentException e) {
                return new Read(row.line(), Optional.empty(), String.valueOf(e.getMessage()));
            }
        }
    }

    /** The change that answers with a line for each row. */
    private Change<String> prepare(Principal caller, Part part, boolean dryRun) {
        List<Read> rows = part.rows().stream().map(Read::of).toList();
        List<NewDevice> devices = rows.stream().flatMap(row -> row.device().stream()).toList();
        Change<List<ProvisionResult>> change = provisioning.provision(caller, devices, dryRun);
        return handle -> lines(rows, change.apply(handle).iterator());
    }

    private static String lines(List<Read> rows, Iterator<ProvisionResult> results) {
        StringBuilder lines = new StringBuilder();
        for (Read row : rows) {
            ObjectNode line = Fields.JSON.createObjectNode().put("line", row.line());
            row.device()
                    .ifPresentOrElse(
                            device -> write(line, device, results.next()),
                            () -> line.put("error", row.error()));
            lines.append(line).append('\n');
        }
        return lines.toString();
    }

    /** Writes what became of a device. */
    static void write(ObjectNode node, NewDevice device, ProvisionResult result) {
        node.put("devEui", result.devEui().toString());
        switch (result) {
            case ProvisionResult.Created(Eui64 _, Optional<String> token) -> {
                node.put("result", "created");
                token.ifPresent(
                        made ->
                                node.put("ownerToken", made)
                                        .put("label", device.label(made).text()));
            }
            case ProvisionResult.Unchanged _ -> node.put("result", "unchanged");
            case ProvisionResult.Failed(Eui64 _, String error) -> node.put("error", error);
        }
    }

    private String make(Principal caller, Request request, Ready ready, boolean dryRun) {
        return changes.makePart(
                caller,
                request,
                ready.part().number(),
                dryRun,
                ready.part().content(),
                ready.change());
    }

    private static void send(OutputStream out, String lines) {
        try {
            out.write(lines.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
