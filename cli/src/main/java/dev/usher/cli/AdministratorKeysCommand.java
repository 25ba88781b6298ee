package dev.usher.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code usher api-keys}: the API keys of administrators. */
@Command(
        name = "api-keys",
        aliases = "api-key",
        description = "The API keys of administrators, who may do everything.",
        addMethodSubcommands = false)
final class AdministratorKeysCommand {

    private static final String PATH = "/api/v1/api-keys";

    @Shows(Shows.Result.OWNERS_KEY)
    @Command(
            name = "create",
            description = "Make an administrator's API key; it is shown this once.",
            footer = {"%nExample:", "  usher api-keys create --name ci --out ci.apikey"})
    void create(
            @Mixin Connection connection,
            @Mixin KeyOptions key,
            @Mixin Change change,
            @Mixin Output output) {
        key.create(connection, change, output, PATH, Json.object());
    }

    @Command(
            name = "list",
            aliases = "ls",
            description = "List the API keys, without the keys themselves.",
            footer = {"%nExample:", "  usher api-keys list"})
    void list(@Mixin Connection connection, @Mixin Output output) {
        KeyOptions.list(connection, output, PATH);
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            description = {
                "Delete an API key: it is worthless at once.",
                "A server whose admin.key was deleted makes another at its next start."
            },
            footer = {"%nExample:", "  usher api-keys delete 0123456789abcdef"})
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "KEYID", description = "As 'list' shows it.") String id) {
        KeyOptions.delete(connection, change, output, PATH, id);
    }
}
