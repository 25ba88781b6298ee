package dev.usher.cli;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code usher join-euis}: what the Join Server answers for. */
@Command(
        name = "join-euis",
        description = "The JoinEUIs the Join Server answers for, and whose devices have them.",
        addMethodSubcommands = false)
final class JoinEuisCommand {

    private static final String PATH = "/api/v1/join-euis";

    @Command(
            name = "list",
            description = "List all ranges of JoinEUIs.",
            footer = {"%nExample:", "  usher join-euis list"})
    void list(@Mixin Connection connection, @Mixin Output output) {
        try (Listing ranges =
                output.listing(
                        List.of(
                                Column.of("RANGE", "range"),
                                Column.of("FIRST", "first"),
                                Column.of("LAST", "last"),
                                Column.of("MAKER", "maker")))) {
            connection.rest().list(PATH, Map.of(), Long.MAX_VALUE, ranges::add);
            ranges.finish();
        }
    }

    @Shows(Shows.Result.JOIN_EUI_RANGE)
    @Command(
            name = "set",
            description = "Answer for a range of JoinEUIs, whose devices one maker provisions.",
            footer = {"%nExample:", "  usher join-euis set 70B3D57ED0000000/40 --maker ::1"})
    void set(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "RANGE", description = "PREFIX/BITS or FIRST-LAST.")
                    EuiRange range,
            @Option(
                            names = "--maker",
                            required = true,
                            paramLabel = "OWNERID",
                            description = "The owner who makes these devices, as in ::1.")
                    Eui64 maker) {
        output.show(
                connection
                        .rest()
                        .post(
                                PATH,
                                Json.object()
                                        .put("range", range.toString())
                                        .put("maker", maker.id6()),
                                change));
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            description = {
                "No longer answer for a range of JoinEUIs.",
                "A range that devices have is kept, unless you force it: none of them could join."
            },
            footer = {"%nExample:", "  usher join-euis delete 70B3D57ED0000000/40"})
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Option(names = "--force", description = "Even if devices have it.") boolean force,
            @Parameters(paramLabel = "RANGE", description = "As 'list' shows it.") EuiRange range) {
        String path = PATH + "/" + RemoteServer.segment(range.toString());
        connection.rest().delete(force ? path + "?force=true" : path, change);
        output.show(change.deleted(range.toString()));
    }
}
