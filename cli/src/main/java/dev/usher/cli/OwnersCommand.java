package dev.usher.cli;

import dev.usher.lorawan.Eui64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher owners}: the parties that gateways are claimed by. */
@Command(
        name = "owners",
        description = "Who may claim gateways, and how they prove who they are.",
        addMethodSubcommands = false)
final class OwnersCommand {

    private static final String PATH = "/api/v1/owners";

    @Shows(Shows.Result.OWNER)
    @Command(
            name = "create",
            description = "Create an owner.",
            footer = {"%nExample:", "  usher owners create ::1 --name 'Acme Networks'"})
    void create(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "OWNERID", description = "As in ::1.") Eui64 id,
            @Option(names = "--name", paramLabel = "NAME", description = "A name for people.")
                    @Nullable String name,
            @Option(
                            names = "--add-limit",
                            paramLabel = "COUNT",
                            description = "How many gateways the owner may add without a PIN.")
                    @Nullable Integer addLimit) {
        ObjectNode owner = Json.object().put("ownerid", id.id6());
        if (name != null) {
            owner.put("name", name);
        }
        if (addLimit != null) {
            owner.put("addLimit", addLimit);
        }
        output.show(connection.rest().post(PATH, owner, change));
    }

    @Command(
            name = "list",
            description = "List all owners.",
            footer = {"%nExample:", "  usher owners list"})
    void list(@Mixin Connection connection, @Mixin Output output) {
        try (Listing owners =
                output.listing(
                        List.of(
                                Column.of("OWNERID", "ownerid"),
                                Column.of("NAME", "name"),
                                Column.of("ADD LIMIT", "addLimit"),
                                Column.of("CREATED", "createdAt")))) {
            connection.rest().list(PATH, Map.of(), Long.MAX_VALUE, owners::add);
            owners.finish();
        }
    }

    @Shows(Shows.Result.OWNER)
    @Command(
            name = "get",
            description = "Show one owner.",
            footer = {"%nExample:", "  usher owners get ::1"})
    void get(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "OWNERID", description = "As in ::1.") Eui64 id) {
        output.show(connection.rest().get(path(id)));
    }

    /** Where an owner is, and below it what belongs to the owner. */
    static String path(Eui64 id) {
        return PATH + "/" + RemoteServer.segment(id.id6());
    }
}
