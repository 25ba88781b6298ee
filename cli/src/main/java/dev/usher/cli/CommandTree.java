package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.lang.reflect.AnnotatedElement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IFactory;

/**
 * Which commands there are, and in which groups. To take a command apart by reflection is most of
 * the time that a short one needs; so only those on the way to the one asked for are built, and all
 * of them where that is not clear or all of them count.
 */
final class CommandTree {

    /** The commands and groups in each group, in the order the help has them. */
    private static final Map<Class<?>, List<Class<?>>> GROUPS =
            Map.of(
                    Usher.class,
                    List.of(
                            ServeCommand.class,
                            DemoCommand.class,
                            BatchesCommand.class,
                            VaultCommand.class,
                            FactoryCommand.class,
                            GatewaysCommand.class,
                            OwnersCommand.class,
                            OwnerCommand.class,
                            PeersCommand.class,
                            JoinEuisCommand.class,
                            TransportKeksCommand.class,
                            DevicesCommand.class,
                            JoinsCommand.class,
                            InteropCommand.class,
                            NetworkCommand.class,
                            TrustCommand.class,
                            UsersCommand.class,
                            OrganizationsCommand.class,
                            AdministratorKeysCommand.class,
                            AuditCommand.class,
                            BenchCommand.class,
                            CompletionCommand.class,
                            WarmUpCommand.class,
                            HelpCommand.class),
                    OwnersCommand.class,
                    List.of(
                            OwnersApiKeysCommand.class,
                            OwnersCertificateCommand.class,
                            OwnersCaCommand.class,
                            OwnersActivationCommand.class),
                    OwnerCommand.class,
                    List.of(OwnerFirmwareCommand.class, OwnerSignatureCommand.class),
                    FactoryCommand.class,
                    List.of(FactoryGatewaysCommand.class),
                    GatewaysCommand.class,
                    List.of(
                            GatewaysClaimCommand.class,
                            ApiKeysCommand.class,
                            CollaboratorsCommand.class),
                    UsersCommand.class,
                    List.of(ApiKeysCommand.class),
                    OrganizationsCommand.class,
                    List.of(ApiKeysCommand.class, CollaboratorsCommand.class),
                    NetworkCommand.class,
                    List.of(NetworkDevicesCommand.class, NetworkWebhooksCommand.class),
                    NetworkDevicesCommand.class,
                    List.of(ApiKeysCommand.class, CollaboratorsCommand.class));

    /** Those that tell of all others. */
    private static final Set<Class<?>> ABOUT_ALL =
            Set.of(HelpCommand.class, CompletionCommand.class);

    private final IFactory factory;

    CommandTree(IFactory factory) {
        this.factory = requireNonNull(factory, "factory");
    }

    /**
     * Adds to the program what its arguments ask for. Groups have no options with a value, so the
     * words that are no options are the way to a command.
     */
    void grow(CommandLine program, String... args) {
        List<String> words = Arrays.stream(args).filter(arg -> !arg.startsWith("-")).toList();
        boolean countsAll =
                words.isEmpty()
                        || ABOUT_ALL.stream().anyMatch(type -> answers(type, words.getFirst()));
        grow(program, Usher.class, countsAll ? List.of() : words);
    }

    private void grow(CommandLine group, Class<?> type, List<String> words) {
        List<AnnotatedElement> children = new ArrayList<>(GROUPS.getOrDefault(type, List.of()));
        children.addAll(CommandLine.getCommandMethods(type, null));
        List<AnnotatedElement> asked =
                words.isEmpty()
                        ? List.of()
                        : children.stream()
                                .filter(child -> answers(child, words.getFirst()))
                                .toList();
        List<String> rest = asked.isEmpty() ? List.of() : words.subList(1, words.size());
        for (AnnotatedElement child : asked.isEmpty() ? children : asked) {
            CommandLine command = new CommandLine(child, factory);
            if (child instanceof Class<?> inner) {
                grow(command, inner, rest);
            }
            group.addSubcommand(command);
        }
    }

    private static boolean answers(AnnotatedElement command, String word) {
        Command annotation = requireNonNull(command.getAnnotation(Command.class));
        return annotation.name().equals(word) || List.of(annotation.aliases()).contains(word);
    }
}
