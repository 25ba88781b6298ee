package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.backend.Answer;
import dev.usher.backend.HomeNsAns;
import dev.usher.interop.Component;
import dev.usher.interop.ConfigProblem;
import dev.usher.interop.InteropClient;
import dev.usher.interop.InteropConfig;
import dev.usher.interop.InteropConfig.Route;
import dev.usher.interop.InteropConfigException;
import dev.usher.interop.InteropSettings;
import dev.usher.interop.KeyVault;
import dev.usher.interop.Outcome;
import dev.usher.interop.Sender;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.NetId;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher interop}: how other Join Servers are reached, on this machine's files alone. */
@Command(
        name = "interop",
        description = "Which other Join Servers are asked, and whether they answer.",
        addMethodSubcommands = false)
final class InteropCommand {

    private final Terminal terminal;

    InteropCommand(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    @Command(
            name = "check",
            description = "Tell everything that is wrong with the files about Join Servers.",
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {"0:They can be used; there may be warnings.", "1:They cannot."},
            footer = {"%nExample:", "  usher interop check /etc/usher/interop"})
    int check(
            @Mixin Output output,
            @Parameters(
                            paramLabel = "DIR",
                            description = "The directory with config.yml, or that file.")
                    Path source) {
        List<ConfigProblem> problems = InteropConfig.check(source);
        if (output.format() == Output.Format.TABLE) {
            // As compilers write it, so that editors find the place.
            problems.forEach(problem -> output.print(Terminal.visible(problem.toString()) + "\n"));
        } else {
            try (Listing listing = output.listing(List.of())) {
                problems.forEach(problem -> listing.add(json(problem)));
                listing.finish();
            }
        }
        boolean isUsable = problems.stream().noneMatch(ConfigProblem::isError);
        terminal.say(
                isUsable
                        ? "'" + source + "' can be used."
                        : "'" + source + "' cannot be used: put right what is told above.");
        return isUsable ? Usher.OK : Usher.FAILED;
    }

    @Command(
            name = "try",
            description = {
                "Find the Join Server of a JoinEUI, and ask it for the home network of a device.",
                "Any answer shows that it is reached, also that it does not know the device."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:It answered; with --dry-run, there is one.",
                "1:It did not, or there is none."
            },
            footer = {
                "%nExamples:",
                "  usher interop try --config /etc/usher/interop --join-eui 70B3D57ED0000001"
                        + " --dry-run",
                "  usher interop try --config /etc/usher/interop --join-eui 70B3D57ED0000001 \\",
                "      --dev-eui 0102030405060708 --net-id 000013"
            })
    int ask(
            @Mixin Output output,
            @Option(
                            names = "--config",
                            paramLabel = "DIR",
                            required = true,
                            description = "The directory with config.yml, or that file.")
                    Path source,
            @Option(
                            names = "--join-eui",
                            paramLabel = "EUI",
                            required = true,
                            description = "Whose Join Server.")
                    Eui64 joinEui,
            @Option(
                            names = "--dev-eui",
                            paramLabel = "EUI",
                            defaultValue = "0000000000000000",
                            description = "The device to ask for. Default: one nobody has.")
                    Eui64 devEui,
            @Option(
                            names = "--net-id",
                            paramLabel = "NETID",
                            defaultValue = "000000",
                            description = "The network that asks, 6 hex digits. Default: 000000.")
                    String netId,
            @Option(
                            names = "--ns-id",
                            paramLabel = "EUI",
                            description = {
                                "Its Network Server, for BI1.1 where there is no sender-ns-id.",
                                "Default: FFFFFF0000 and the NetID."
                            })
                    @Nullable Eui64 nsId,
            @Option(names = "--dry-run", description = "Only tell who would be asked.")
                    boolean dryRun) {
        List<Route> routes = read(source).route(Component.NETWORK_SERVER, joinEui);
        ObjectNode result = Json.object().put("joinEui", joinEui.toString());
        ArrayNode joinServers = result.putArray("joinServers");
        routes.forEach(route -> joinServers.add(json(route)));
        if (dryRun || routes.isEmpty()) {
            output.show(result);
            if (routes.isEmpty()) {
                terminal.say(
                        "No Join Server is listed for "
                                + joinEui
                                + ": list one in '"
                                + source
                                + "' with a prefix that it begins with.");
            }
            return routes.isEmpty() ? Usher.FAILED : Usher.OK;
        }
        NetId network = netId(netId);
        Sender sender =
                new Sender(
                        network,
                        Optional.of(nsId == null ? Sender.defaultNsId(network) : nsId),
                        Optional.empty());
        try (InteropClient client =
                InteropClient.open(InteropSettings.of(source, sender, KeyVault.EMPTY), _ -> {})) {
            return tell(client.homeNs(joinEui, devEui), result, output);
        }
    }

    private int tell(Outcome<HomeNsAns> outcome, ObjectNode result, Output output) {
        boolean isAnswered =
                switch (outcome) {
                    case Outcome.Answered<HomeNsAns>(HomeNsAns answer, String joinServer) -> {
                        put(result, "answered", joinServer, answer);
                        answer.hNetId().ifPresent(id -> result.put("homeNetId", id.toString()));
                        answer.hNsId().ifPresent(id -> result.put("homeNsId", id.toString()));
                        yield true;
                    }
                    case Outcome.Refused<HomeNsAns>(HomeNsAns answer, String joinServer) -> {
                        put(result, "refused", joinServer, answer);
                        yield true;
                    }
                    case Outcome.Unreachable<HomeNsAns>(String reason) -> {
                        result.put("outcome", "unreachable").put("reason", reason);
                        yield false;
                    }
                    case Outcome.NoJoinServer<HomeNsAns> _ -> {
                        result.put("outcome", "no-join-server");
                        yield false;
                    }
                };
        output.show(result);
        return isAnswered ? Usher.OK : Usher.FAILED;
    }

    private static void put(ObjectNode result, String outcome, String joinServer, Answer answer) {
        result.put("outcome", outcome)
                .put("joinServer", joinServer)
                .put("result", answer.result().text());
        answer.result().description().ifPresent(text -> result.put("description", text));
    }

    private static InteropConfig read(Path source) {
        try {
            return InteropConfig.read(source);
        } catch (InteropConfigException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
    }

    private static NetId netId(String text) {
        try {
            return NetId.parse(text);
        } catch (IllegalArgumentException e) {
            throw Failure.ofUsage("--net-id: " + e.getMessage() + ".");
        }
    }

    private static ObjectNode json(ConfigProblem problem) {
        return Json.object()
                .put("severity", problem.severity().name().toLowerCase(Locale.ROOT))
                .put("file", problem.file().toString())
                .put("line", problem.line())
                .put("problem", problem.what());
    }

    private static ObjectNode json(Route route) {
        return Json.object()
                .put("url", route.joinServer())
                .put("protocol", "BI" + route.protocol().text())
                .put("prefix", route.prefix().toString())
                .put("file", route.file().toString());
    }
}
