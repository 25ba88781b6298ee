package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/**
 * {@code usher gateways api-keys}, {@code usher network devices api-keys}, {@code usher users
 * api-keys} and {@code usher organizations api-keys}.
 */
@Command(
        name = "api-keys",
        aliases = "api-key",
        description = "API keys: what who has one may do.",
        addMethodSubcommands = false)
final class ApiKeysCommand {

    @ParentCommand private @Nullable Shared shared;

    @Shows(Shows.Result.KEY)
    @Command(
            name = "create",
            description = "Make an API key; it is shown this once.",
            footer = {
                "%nExamples:",
                "  usher users api-keys create user1 --right RIGHT_ALL --out user1.apikey",
                "  usher gateways api-keys create gtw1 --right RIGHT_GATEWAY_LINK --out tc.key",
                "  usher network devices api-keys create 0102030405060708 \\",
                "      --right RIGHT_APPLICATION_TRAFFIC_READ"
            })
    void create(
            @Mixin Connection connection,
            @Mixin AccountKeyOptions key,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "ID", description = "Which one.") String name) {
        key.create(connection, change, output, thing(name));
    }

    @Command(
            name = "list",
            aliases = "ls",
            description = "List the API keys, without the keys themselves.",
            footer = {
                "%nExamples:",
                "  usher gateways api-keys list gtw1",
                "  usher network devices api-keys list 0102030405060708"
            })
    void list(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "ID", description = "Which one.") String name) {
        KeyOptions.listWithRights(connection, output, keys(name));
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            description = "Delete an API key: it is worthless at once.",
            footer = {
                "%nExamples:",
                "  usher gateways api-keys delete gtw1 0123456789abcdef",
                "  usher network devices api-keys delete 0102030405060708 0123456789abcdef"
            })
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(index = "0", paramLabel = "ID", description = "Which one.") String name,
            @Parameters(index = "1", paramLabel = "KEYID", description = "As 'list' shows it.")
                    String id) {
        KeyOptions.delete(connection, change, output, keys(name), id);
    }

    private String keys(String name) {
        return AccountKeyOptions.path(thing(name));
    }

    private String thing(String name) {
        return requireNonNull(shared, "shared").thing(name);
    }
}
