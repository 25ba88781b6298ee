package dev.usher.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code usher gateways api-keys}: the API keys of a gateway. */
@Command(
        name = "api-keys",
        aliases = "api-key",
        description = "The API keys of a gateway: what others may do with it.",
        addMethodSubcommands = false)
final class GatewaysApiKeysCommand {

    @Command(
            name = "create",
            description = "Make an API key; it is shown this once.",
            footer = {
                "%nExample:",
                "  usher gateways api-keys create gtw1 --right RIGHT_GATEWAY_LINK --out tc.key"
            })
    void create(
            @Mixin Connection connection,
            @Mixin AccountKeyOptions key,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "GATEWAY", description = "Its ID or EUI.") String gateway) {
        key.create(connection, change, output, GatewaysCommand.path(gateway));
    }

    @Command(
            name = "list",
            aliases = "ls",
            description = "List a gateway's API keys, without the keys themselves.",
            footer = {"%nExample:", "  usher gateways api-keys list gtw1"})
    void list(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "GATEWAY", description = "Its ID or EUI.") String gateway) {
        AccountKeyOptions.list(connection, output, GatewaysCommand.path(gateway));
    }

    @Command(
            name = "delete",
            description = "Delete an API key: it is worthless at once.",
            footer = {"%nExample:", "  usher gateways api-keys delete gtw1 0123456789abcdef"})
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(index = "0", paramLabel = "GATEWAY", description = "Its ID or EUI.")
                    String gateway,
            @Parameters(index = "1", paramLabel = "KEYID", description = "As 'list' shows it.")
                    String id) {
        AccountKeyOptions.delete(connection, change, output, GatewaysCommand.path(gateway), id);
    }
}
