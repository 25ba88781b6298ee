package dev.usher.cli;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * How a command's help is laid out: its options are first the command's own, then those that nearly
 * all commands have.
 */
final class HelpLayout implements IHelpSectionRenderer {

    private static final Set<Class<?>> COMMON =
            Set.of(Usher.class, Connection.class, OwnerConnection.class, Output.class);

    /** How a command is called: what it needs, then that there are options, then its arguments. */
    static String synopsis(CommandLine commandLine) {
        CommandSpec command = commandLine.getCommandSpec();
        StringBuilder synopsis = new StringBuilder(command.qualifiedName());
        for (OptionSpec option : command.options()) {
            if (option.required()) {
                synopsis.append(" ").append(option.longestName());
                synopsis.append("=").append(option.paramLabel());
            }
        }
        synopsis.append(" [OPTIONS]");
        for (PositionalParamSpec argument : command.positionalParameters()) {
            String label = argument.paramLabel() + (argument.arity().max() > 1 ? "..." : "");
            synopsis.append(argument.required() ? " " + label : " [" + label + "]");
        }
        return synopsis.append(command.subcommands().isEmpty() ? "" : " COMMAND").toString();
    }

    /** The list of options. */
    @Override
    public String render(Help help) {
        List<OptionSpec> shown =
                help.commandSpec().options().stream().filter(option -> !option.hidden()).toList();
        List<OptionSpec> own = shown.stream().filter(option -> !isCommon(option)).toList();
        List<OptionSpec> common = shown.stream().filter(HelpLayout::isCommon).toList();
        boolean both = !own.isEmpty() && common.size() > 2;
        return section(help, both ? "%nOptions:%n" : "", own)
                + section(help, both ? "%nCommon options:%n" : "", common);
    }

    private static boolean isCommon(OptionSpec option) {
        return option.userObject() instanceof Field field
                && COMMON.contains(field.getDeclaringClass());
    }

    private static String section(Help help, String heading, List<OptionSpec> options) {
        return help.createHeading(heading)
                + help.optionListExcludingGroups(
                        options,
                        help.createDefaultLayout(),
                        help.createDefaultOptionSort(),
                        help.parameterLabelRenderer());
    }
}
