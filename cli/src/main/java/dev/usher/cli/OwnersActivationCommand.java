package dev.usher.cli;

import dev.usher.lorawan.Eui64;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher owners activation}: where an owner's devices are at home. */
@Command(
        name = "activation",
        description = "Where an owner's devices are at home, unless a device says otherwise.",
        addMethodSubcommands = false)
final class OwnersActivationCommand {

    @Command(
            name = "get",
            description = "Show an owner's activation settings, without the KEK itself.",
            footer = {"%nExample:", "  usher owners activation get ::1"})
    void get(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "OWNERID", description = "As in ::1.") Eui64 owner) {
        output.show(connection.rest().get(path(owner)));
    }

    @Shows(Shows.Result.ACTIVATION)
    @Command(
            name = "set",
            description = {
                "Change an owner's activation settings; they hold from the next join on.",
                "What is not given stays as it is; an empty value takes away."
            },
            footer = {
                "%nExamples:",
                "  usher owners activation set ::1 --home-net-id 000013 --as-id as.example.com",
                "  usher owners activation set ::1 --as-kek-label as:1 --as-kek @as.kek"
            })
    void set(
            @Mixin Connection connection,
            @Mixin ActivationOptions activation,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "OWNERID", description = "As in ::1.") Eui64 owner) {
        ObjectNode wish = Json.object();
        activation.put(wish);
        if (wish.isEmpty()) {
            throw Failure.ofUsage("There is nothing to change: give --home-net-id or others.");
        }
        output.show(connection.rest().patch(path(owner), wish, change));
    }

    private static String path(Eui64 owner) {
        return OwnersCommand.path(owner) + "/activation";
    }
}
