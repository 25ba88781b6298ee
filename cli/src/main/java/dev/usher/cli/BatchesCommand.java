package dev.usher.cli;

import dev.usher.lorawan.EuiRange;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher batches}: ranges of gateway EUIs whose secrets follow from one root key. */
@Command(
        name = "batches",
        aliases = "batch",
        description = "Ranges of gateways whose secrets follow from one root key.",
        addMethodSubcommands = false)
final class BatchesCommand {

    private static final String PATH = "/api/v1/batches";

    @Shows(Shows.Result.BATCH)
    @Command(
            name = "create",
            description = "Create a batch; its root key is made in the vault if it is not there.",
            footer = {
                "%nExamples:",
                "  usher batches create femto-2026 --range 58A0CBFFFE800000/44 --flavor femto",
                "  usher batches create femto-2026 --range 58A0CBFFFE800000/44 \\",
                "      --wrapped-key femto.wrapped"
            })
    void create(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "NAME", description = "The batch.") String name,
            @Option(
                            names = "--range",
                            required = true,
                            paramLabel = "RANGE",
                            description = "Its EUIs: PREFIX/BITS or FIRST-LAST.")
                    EuiRange range,
            @Option(names = "--flavor", paramLabel = "FLAVOR", description = "The kind of gateway.")
                    @Nullable String flavor,
            @Option(
                            names = "--key-label",
                            paramLabel = "LABEL",
                            description = "The root key's name in the vault. Default: NAME.")
                    @Nullable String keyLabel,
            @Option(
                            names = "--wrapped-key",
                            paramLabel = "FILE",
                            description = "Import the root key, as 'vault export' wrote it.")
                    @Nullable Path wrappedKey,
            @Option(
                            names = "--maker-ca",
                            paramLabel = "FILE",
                            description =
                                    "Gateways of the batch may also authenticate with certificates"
                                            + " of this CA (PEM).")
                    @Nullable Path makerCa,
            @Option(
                            names = "--retire-pin-on-release",
                            arity = "0..1",
                            fallbackValue = "true",
                            paramLabel = "true|false",
                            description = "A release makes the PIN on the old label worthless.")
                    @Nullable Boolean retirePin) {
        ObjectNode batch = Json.object().put("name", name).put("range", range.toString());
        put(batch, "flavor", flavor);
        put(batch, "keyLabel", keyLabel);
        if (wrappedKey != null) {
            batch.put(
                    "wrappedKey",
                    Base64.getEncoder().encodeToString(VaultCommand.wrappedKey(wrappedKey)));
        }
        if (makerCa != null) {
            batch.put("makerCa", text(makerCa));
        }
        if (retirePin != null) {
            batch.putObject("policy").put("retirePinOnRelease", retirePin);
        }
        output.show(connection.rest().post(PATH, batch, change));
    }

    @Command(
            name = "list",
            description = "List all batches.",
            footer = {"%nExample:", "  usher batches list"})
    void list(@Mixin Connection connection, @Mixin Output output) {
        try (Listing batches =
                output.listing(
                        List.of(
                                Column.of("NAME", "name"),
                                Column.of("RANGE", "range"),
                                Column.of("SIZE", "size"),
                                Column.of("CLAIMED", "claimed"),
                                Column.of("FLAVOR", "flavor"),
                                Column.of("CREATED", "createdAt")))) {
            connection.rest().list(PATH, Map.of(), Long.MAX_VALUE, batches::add);
            batches.finish();
        }
    }

    @Command(
            name = "get",
            description = "Show one batch.",
            footer = {"%nExample:", "  usher batches get femto-2026 -o json"})
    void get(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "NAME", description = "The batch.") String name) {
        output.show(connection.rest().get(path(name)));
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            description = "Delete a batch of which no gateway is claimed.",
            footer = {"%nExample:", "  usher batches delete femto-2026"})
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "NAME", description = "The batch.") String name) {
        connection.rest().delete(path(name), change);
        output.show(change.deleted(name));
    }

    private static String path(String name) {
        return PATH + "/" + RemoteServer.segment(name);
    }

    private static String text(Path pem) {
        return new String(LocalFile.read(pem), StandardCharsets.UTF_8);
    }

    private static void put(ObjectNode node, String field, @Nullable String value) {
        if (value != null) {
            node.put(field, value);
        }
    }
}
