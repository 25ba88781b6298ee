package dev.usher.cli;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher organizations}: people who have gateways and devices together. */
@Command(
        name = "organizations",
        aliases = {"organization", "org"},
        description =
                "Organizations of this network: people who have gateways and devices together.",
        addMethodSubcommands = false)
final class OrganizationsCommand implements Shared {

    private static final String PATH = "/api/v1/organizations";

    @Shows(Shows.Result.ORGANIZATION)
    @Command(
            name = "create",
            aliases = "add",
            description = "Create an organization, of which a user is the first member.",
            footer = {
                "%nExample:",
                "  usher organizations create acme --name Acme --user-id user1"
            })
    void create(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Option(names = "--name", paramLabel = "NAME", description = "A name for people.")
                    @Nullable String name,
            @Option(
                            names = {"--user-id", "--member"},
                            required = true,
                            paramLabel = "USER",
                            description = "Its first member, who may do everything in it.")
                    String member,
            @Parameters(
                            paramLabel = "ORGANIZATION",
                            description = "3 to 36 lower-case letters, digits and dashes.")
                    String id) {
        ObjectNode wish = Json.object().put("id", id);
        if (name != null) {
            wish.put("name", name);
        }
        output.show(connection.rest().post(PATH, wish.put("member", member), change));
    }

    @Command(
            name = "list",
            aliases = "ls",
            description = "List all organizations, for administrators, or those of a user.",
            footer = {
                "%nExamples:",
                "  usher organizations list",
                "  usher organizations list --user-id user1"
            })
    void list(
            @Mixin Connection connection,
            @Mixin Output output,
            @Option(
                            names = {"--user-id", "--member"},
                            paramLabel = "USER",
                            description = "Of which this user is a member.")
                    @Nullable String member) {
        Map<String, String> query = new TreeMap<>();
        if (member != null) {
            query.put("member", member);
        }
        try (Listing organizations =
                output.listing(
                        List.of(
                                Column.of("ID", "id"),
                                Column.of("NAME", "name"),
                                Column.of("OWNERID", "ownerid"),
                                Column.of("CREATED", "createdAt")))) {
            connection.rest().list(PATH, query, Long.MAX_VALUE, organizations::add);
            organizations.finish();
        }
    }

    @Shows(Shows.Result.ORGANIZATION)
    @Command(
            name = "get",
            description = "Show one organization.",
            footer = {"%nExample:", "  usher organizations get acme"})
    void get(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "ORGANIZATION", description = "As 'list' shows it.")
                    String id) {
        output.show(connection.rest().get(thing(id)));
    }

    @Shows(Shows.Result.ORGANIZATION)
    @Command(
            name = "set-owner",
            description = {
                "Say which owner of the Gateway Join Server and the Join Server an organization is;"
                        + " for administrators.",
                "What that owner has claimed is its members' to use on this network."
            },
            footer = {"%nExample:", "  usher organizations set-owner acme ::2"})
    void setOwner(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(
                            index = "0",
                            paramLabel = "ORGANIZATION",
                            description = "As 'list' shows it.")
                    String id,
            @Parameters(
                            index = "1",
                            paramLabel = "OWNERID",
                            description = "As 'usher owners list' shows it.")
                    String owner) {
        output.show(
                connection
                        .rest()
                        .put(thing(id) + "/owner", Json.object().put("ownerid", owner), change));
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            aliases = {"remove", "rm"},
            description = "Delete an organization, with its keys and rights.",
            footer = {"%nExample:", "  usher organizations delete acme"})
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "ORGANIZATION", description = "As 'list' shows it.")
                    String id) {
        connection.rest().delete(thing(id), change);
        output.show(change.deleted(id));
    }

    @Override
    public String thing(String name) {
        return PATH + "/" + RemoteServer.segment(name);
    }
}
