package dev.usher.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher transport-keks}: what root keys of devices are wrapped under on their way. */
@Command(
        name = "transport-keks",
        aliases = "transport-kek",
        description = "The KEKs that a maker wraps the root keys of its devices under.",
        addMethodSubcommands = false)
final class TransportKeksCommand {

    private static final String PATH = "/api/v1/transport-keks";

    @Shows(Shows.Result.TRANSPORT_KEK)
    @Command(
            name = "register",
            description = "Register a KEK of a maker.",
            footer = {
                "%nExamples:",
                "  usher transport-keks register line-1 --out line-1.kek",
                "  usher transport-keks register line-2 --kek @line-2.kek --maker ::1"
            })
    void register(
            @Mixin Connection connection,
            @Mixin MakerOption maker,
            @Mixin KekOptions kek,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "LABEL", description = "What the maker calls it.")
                    String label) {
        ObjectNode wish = Json.object().put("label", label);
        maker.put(wish);
        kek.put(wish);
        output.show(kek.keep((ObjectNode) connection.rest().post(PATH, wish, change), change));
    }

    @Shows(Shows.Result.TRANSPORT_KEK)
    @Command(
            name = "rotate",
            description = {
                "Put another KEK in the place of one, under the same label.",
                "What is still on its way wrapped under the former does not open any more; for an"
                        + " overlap, register the new one under a label of its own."
            },
            footer = {
                "%nExample:",
                "  usher transport-keks rotate line-1 --bits 256 --out line-1.new.kek"
            })
    void rotate(
            @Mixin Connection connection,
            @Mixin MakerOption maker,
            @Mixin KekOptions kek,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "LABEL", description = "As 'list' shows it.") String label) {
        ObjectNode wish = Json.object();
        maker.put(wish);
        kek.put(wish);
        output.show(
                kek.keep(
                        (ObjectNode) connection.rest().post(path(label) + "/rotate", wish, change),
                        change));
    }

    @Command(
            name = "list",
            description = "List a maker's KEKs, without the KEKs themselves.",
            footer = {"%nExample:", "  usher transport-keks list --maker ::1"})
    void list(@Mixin Connection connection, @Mixin MakerOption maker, @Mixin Output output) {
        try (Listing keks =
                output.listing(
                        List.of(
                                Column.of("LABEL", "label"),
                                Column.of("BITS", "bits"),
                                Column.of("MAKER", "maker"),
                                Column.of("CREATED", "createdAt")))) {
            connection.rest().list(PATH, maker.query(), Long.MAX_VALUE, keks::add);
            keks.finish();
        }
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            description = "Forget a KEK; the devices that came with it stay as they are.",
            footer = {"%nExample:", "  usher transport-keks delete line-1"})
    void delete(
            @Mixin Connection connection,
            @Mixin MakerOption maker,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "LABEL", description = "As 'list' shows it.") String label) {
        connection.rest().delete(RemoteServer.withQuery(path(label), maker.query()), change);
        output.show(change.deleted(label));
    }

    private static String path(String label) {
        return PATH + "/" + RemoteServer.segment(label);
    }
}
