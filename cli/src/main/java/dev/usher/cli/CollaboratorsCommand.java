package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code usher gateways collaborators}, {@code usher network devices collaborators} and {@code
 * usher organizations collaborators}.
 */
@Command(
        name = "collaborators",
        aliases = "collaborator",
        description = "Who may do what with it: users and organizations.",
        addMethodSubcommands = false)
final class CollaboratorsCommand {

    @ParentCommand private @Nullable Shared shared;

    @Shows(Shows.Result.COLLABORATOR)
    @Command(
            name = "set",
            description = "Give somebody these rights, instead of those they have.",
            footer = {
                "%nExamples:",
                "  usher gateways collaborators set gtw1 user2 --right RIGHT_GATEWAY_INFO",
                "  usher network devices collaborators set 0102030405060708 acme \\",
                "      --right RIGHT_APPLICATION_DEVICES_READ,RIGHT_APPLICATION_TRAFFIC_READ",
                "  usher organizations collaborators set acme user2 --right RIGHT_ALL"
            })
    void set(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Option(
                            names = {"--right", "--rights"},
                            required = true,
                            split = ",",
                            paramLabel = "RIGHT",
                            description =
                                    "What they may do; several with commas. Never more than you may"
                                            + " do yourself.")
                    List<String> rights,
            @Parameters(index = "0", paramLabel = "ID", description = "Which one.") String name,
            @Parameters(
                            index = "1",
                            paramLabel = "ACCOUNT",
                            description = "A user or an organization.")
                    String account) {
        ObjectNode wish = Json.object();
        ArrayNode names = wish.putArray("rights");
        rights.stream().map(String::strip).forEach(names::add);
        output.show(connection.rest().put(path(name, account), wish, change));
    }

    @Command(
            name = "list",
            aliases = "ls",
            description = "List who may do what.",
            footer = {
                "%nExamples:",
                "  usher gateways collaborators list gtw1",
                "  usher network devices collaborators list 0102030405060708"
            })
    void list(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "ID", description = "Which one.") String name) {
        try (Listing collaborators =
                output.listing(
                        List.of(Column.of("ACCOUNT", "account"), Column.of("RIGHTS", "rights")))) {
            connection.rest().list(path(name), Map.of(), Long.MAX_VALUE, collaborators::add);
            collaborators.finish();
        }
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            aliases = {"remove", "rm"},
            description = "Take all rights from somebody.",
            footer = {
                "%nExamples:",
                "  usher gateways collaborators delete gtw1 user2",
                "  usher network devices collaborators delete 0102030405060708 acme"
            })
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(index = "0", paramLabel = "ID", description = "Which one.") String name,
            @Parameters(index = "1", paramLabel = "ACCOUNT", description = "As 'list' shows it.")
                    String account) {
        connection.rest().delete(path(name, account), change);
        output.show(change.deleted(account));
    }

    private String path(String name) {
        return requireNonNull(shared, "shared").thing(name) + "/collaborators";
    }

    private String path(String name, String account) {
        return path(name) + "/" + RemoteServer.segment(account);
    }
}
