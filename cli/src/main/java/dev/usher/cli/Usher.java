package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.keys.KeyLabel;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.station.StationUri;
import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Help;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program {@code usher}: finds the command, runs it, and says what went wrong. */
@Command(
        name = "usher",
        description = "Takes LoRaWAN gateways from the factory to the right network.",
        versionProvider = Usher.Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Done.",
            "1:Failed, or some rows did; stderr says why.",
            "2:The command line is wrong."
        },
        footerHeading = "%nEnvironment:%n",
        footer = {
            "  USHER_URL, USHER_OWNER_URL  the server: its REST API, its Owner API",
            "  USHER_API_KEY, USHER_CA     as --api-key and --ca",
            "  USHER_OWNERID               as --ownerid",
            "  USHER_DATA_DIR              as --data-dir: this machine's server",
            "  USHER_OUTPUT                json, table, yaml or template"
        })
public final class Usher {

    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;

    static final int HELP_WIDTH = 100;

    @SuppressWarnings("unused") // picocli acts on the option itself
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    private boolean help;

    @SuppressWarnings("unused") // picocli acts on the option itself
    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version.")
    private boolean version;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Show where in the program an error arose.")
    private boolean debug;

    Usher() {}

    public static void main(String[] args) {
        System.exit(run(Terminal.ofProcess(), args));
    }

    /** Runs one command, to the exit code. */
    static int run(Terminal terminal, String... args) {
        int exitCode = commandLine(terminal, args).execute(args);
        boolean isLost = terminal.out().checkError();
        if (isLost) {
            terminal.say(
                    "Not all of the result could be written to stdout: see that there is room for"
                            + " it, and run the command again.");
        }
        terminal.err().flush();
        return isLost && exitCode == OK ? FAILED : exitCode;
    }

    /** The program with at least those of its commands that these arguments ask for. */
    static CommandLine commandLine(Terminal terminal, String... args) {
        Usher usher = new Usher();
        Construction construction = new Construction(terminal);
        CommandLine command = new CommandLine(usher, construction);
        new CommandTree(construction).grow(command, args);
        Help.Ansi colours = terminal.hasColours() ? Help.Ansi.ON : Help.Ansi.OFF;
        command.registerConverter(Eui64.class, converter(Eui64::parse))
                .registerConverter(EuiRange.class, converter(EuiRange::parse))
                .registerConverter(KeyLabel.class, converter(KeyLabel::new))
                .registerConverter(StationUri.class, converter(StationUri::cups))
                .registerConverter(Secret.class, Secret::new)
                .registerConverter(Crc.class, converter(Crc::parse))
                .registerConverter(Time.class, converter(Time::parse))
                .registerConverter(Output.Format.class, converter(Output.Format::parse))
                .registerConverter(Template.class, converter(Template::parse))
                // A leading @ names the file of a secret, not one of more arguments.
                .setExpandAtFiles(false)
                .setColorScheme(Help.defaultColorScheme(colours))
                .setUsageHelpWidth(HELP_WIDTH)
                .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
                .setExecutionStrategy(Usher::execute)
                .setParameterExceptionHandler((e, _) -> usage(terminal, e))
                .setExecutionExceptionHandler((e, _, _) -> usher.failed(terminal, e));
        layOutHelp(command);
        return command;
    }

    private static void layOutHelp(CommandLine command) {
        command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, new HelpLayout());
        command.getCommandSpec().usageMessage().customSynopsis(HelpLayout.synopsis(command));
        command.getSubcommands().values().forEach(Usher::layOutHelp);
    }

    private static <T> ITypeConverter<T> converter(Function<String, T> parse) {
        return text -> {
            try {
                return parse.apply(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        };
    }

    /** Runs the last command that is named, if what it prints can be printed. */
    private static int execute(ParseResult parsed) {
        Integer help = CommandLine.executeHelpRequest(parsed);
        if (help != null) {
            return help;
        }
        CommandLine command = parsed.asCommandLineList().getLast();
        Set<String> fields = fields(command.getCommandSpec().userObject());
        try {
            command.getMixins().values().stream()
                    .filter(Output.class::isInstance)
                    .map(Output.class::cast)
                    .forEach(output -> output.check(fields));
        } catch (Failure e) {
            throw new ExecutionException(command, String.valueOf(e.getMessage()), e);
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    /** What the result of a command has fields for, where that is known. */
    private static Set<String> fields(Object command) {
        Shows shows = command instanceof Method method ? method.getAnnotation(Shows.class) : null;
        return shows == null ? Set.of() : shows.value().fields();
    }

    /** Says what is wrong with the command line; a group alone shows its commands. */
    private static int usage(Terminal terminal, ParameterException e) {
        CommandLine command = e.getCommandLine();
        if (isGroupAlone(e)) {
            command.usage(command.getErr());
            return USAGE;
        }
        String problem =
                e instanceof UnmatchedArgumentException argument
                        ? unmatched(argument)
                        : String.valueOf(e.getMessage()).replaceFirst("[.]$", "") + ".";
        terminal.say(
                Terminal.visible(problem)
                        + " Try '"
                        + command.getCommandSpec().qualifiedName()
                        + " --help'.");
        return USAGE;
    }

    private static String unmatched(UnmatchedArgumentException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        String lacks =
                e.isUnknownOption()
                        ? "' has no option '"
                        : command.subcommands().isEmpty()
                                ? "' has no place for '"
                                : "' has no command '";
        String problem = "'" + command.qualifiedName() + lacks + e.getUnmatched().getFirst() + "'.";
        List<String> nearest = e.getSuggestions();
        return nearest.isEmpty()
                ? problem
                : problem + " Did you mean '" + nearest.getFirst() + "'?";
    }

    private static boolean isGroupAlone(ParameterException e) {
        return e.getClass() == ParameterException.class
                && !(e.getCommandLine().getCommand() instanceof java.util.concurrent.Callable<?>)
                && !e.getCommandLine().getSubcommands().isEmpty();
    }

    private int failed(Terminal terminal, Exception e) {
        terminal.out().flush();
        int exitCode = FAILED;
        if (e instanceof Failure failure) {
            terminal.say(String.valueOf(failure.getMessage()));
            exitCode = failure.exitCode();
        } else {
            terminal.say(
                    "This should not happen ("
                            + Terminal.visible(e.toString())
                            + "): run the command again with --debug and report what it shows.");
        }
        if (debug) {
            e.printStackTrace(terminal.err());
        }
        return exitCode;
    }

    /** Makes commands and what they share; those that need the terminal are given it. */
    private record Construction(Terminal terminal) implements IFactory {

        Construction {
            requireNonNull(terminal, "terminal");
        }

        @Override
        public <K> K create(Class<K> type) throws Exception {
            for (var constructor : type.getDeclaredConstructors()) {
                if (constructor.getParameterCount() == 1
                        && constructor.getParameterTypes()[0] == Terminal.class) {
                    return type.cast(constructor.newInstance(terminal));
                }
            }
            return CommandLine.defaultFactory().create(type);
        }
    }

    /** The version as the build wrote it into the jar. */
    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            String version =
                    Optional.ofNullable(Usher.class.getPackage().getImplementationVersion())
                            .orElse("(development)");
            return new String[] {"usher " + version};
        }
    }
}
