package dev.usher.cli;

import java.lang.reflect.Field;
import java.util.ArrayList;
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

    /** What picocli writes before it. */
    private static final String USAGE = "Usage: ";

    /** How a command is called: what it needs, then that there are options, then its arguments. */
    static String synopsis(CommandLine commandLine) {
        CommandSpec command = commandLine.getCommandSpec();
        List<String> words = new ArrayList<>(List.of(command.qualifiedName()));
        for (OptionSpec option : command.options()) {
            if (option.required()) {
                words.add(option.longestName() + "=" + option.paramLabel());
            }
        }
        words.add("[OPTIONS]");
        for (PositionalParamSpec argument : command.positionalParameters()) {
            String label = argument.paramLabel() + (argument.arity().max() > 1 ? "..." : "");
            words.add(argument.required() ? label : "[" + label + "]");
        }
        if (!command.subcommands().isEmpty()) {
            words.add("COMMAND");
        }
        return wrapped(words);
    }

    /** In lines as wide as the help, each but the first below the first command word. */
    private static String wrapped(List<String> words) {
        StringBuilder text = new StringBuilder();
        int column = USAGE.length();
        for (String word : words) {
            if (!text.isEmpty() && column + 1 + word.length() > Usher.HELP_WIDTH) {
                text.append("%n").repeat(" ", USAGE.length());
                column = USAGE.length();
            } else if (!text.isEmpty()) {
                text.append(' ');
                column++;
            }
            text.append(word);
            column += word.length();
        }
        return text.toString();
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
