package dev.usher.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code usher help COMMAND}: the same as {@code usher COMMAND --help}. */
@Command(
        name = "help",
        description = "Show the help of a command.",
        footer = {"%nExample:", "  usher help owner claim"})
final class HelpCommand implements Callable<Integer> {

    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "The command's words.")
    private List<String> words = List.of();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        CommandLine command = spec.root().commandLine();
        for (String word : words) {
            CommandLine next = command.getSubcommands().get(word);
            if (next == null) {
                throw Failure.ofUsage(
                        "'"
                                + command.getCommandSpec().qualifiedName()
                                + "' has no command '"
                                + Terminal.visible(word)
                                + "'.");
            }
            command = next;
        }
        command.usage(command.getOut());
        return Usher.OK;
    }
}
