package dev.usher.cli;

import dev.usher.lorawan.Eui64;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code usher owners api-keys}: the API keys of an owner. */
@Command(
        name = "api-keys",
        aliases = "api-key",
        description = "The API keys of an owner.",
        addMethodSubcommands = false)
final class OwnersApiKeysCommand {

    @Shows(Shows.Result.OWNERS_KEY)
    @Command(
            name = "create",
            description = "Make an API key; it is shown this once.",
            footer = {
                "%nExamples:",
                "  usher owners api-keys create ::1 --name laptop --out acme.apikey",
                "  usher owner list --ownerid ::1 --api-key @acme.apikey"
            })
    void create(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Mixin KeyOptions key,
            @Parameters(paramLabel = "OWNERID", description = "As in ::1.") Eui64 owner) {
        key.create(connection, change, output, path(owner), Json.object());
    }

    @Command(
            name = "list",
            description = "List an owner's API keys, without the keys themselves.",
            footer = {"%nExample:", "  usher owners api-keys list ::1"})
    void list(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "OWNERID", description = "As in ::1.") Eui64 owner) {
        KeyOptions.list(connection, output, path(owner));
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            description = "Delete an API key: it is worthless at once.",
            footer = {"%nExample:", "  usher owners api-keys delete ::1 7f3k2m"})
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(index = "0", paramLabel = "OWNERID", description = "As in ::1.")
                    Eui64 owner,
            @Parameters(index = "1", paramLabel = "KEYID", description = "As 'list' shows it.")
                    String id) {
        KeyOptions.delete(connection, change, output, path(owner), id);
    }

    private static String path(Eui64 owner) {
        return OwnersCommand.path(owner) + "/api-keys";
    }
}
