package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.bench.CryptoBench;
import dev.usher.bench.CupsBench;
import dev.usher.bench.JoinsBench;
import dev.usher.bench.LnsBench;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures Usher on this machine. */
@Command(
        name = "bench",
        description = "Measure how fast Usher is on this machine, against a floor in the same run.",
        addMethodSubcommands = false)
final class BenchCommand {

    private final Terminal terminal;

    BenchCommand(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    @Command(
            name = "cups",
            description = {
                "Provision and claim a fleet, then let gateways check in with a full handshake"
                        + " each.",
                "Starts servers of its own on loopback and ends by itself."
            },
            footer = {
                "%nExamples:",
                "  usher bench cups",
                "  usher bench cups --gateways 10000 --rounds 2 --seconds 3"
            })
    int cups(
            @Option(
                            names = "--gateways",
                            paramLabel = "COUNT",
                            defaultValue = "1000000",
                            description = "In the database. Default: ${DEFAULT-VALUE}.")
                    int gateways,
            @Option(
                            names = "--rounds",
                            paramLabel = "COUNT",
                            defaultValue = "5",
                            description = "Of each server, alternating. Default: ${DEFAULT-VALUE}.")
                    int rounds,
            @Option(
                            names = "--seconds",
                            paramLabel = "COUNT",
                            defaultValue = "5",
                            description = "Of each round. Default: ${DEFAULT-VALUE}.")
                    int seconds)
            throws IOException, InterruptedException, GeneralSecurityException, ExecutionException {
        CupsBench.Options options;
        try {
            options = new CupsBench.Options(gateways, rounds, Duration.ofSeconds(seconds));
        } catch (IllegalArgumentException e) {
            throw Failure.ofUsage(String.valueOf(e.getMessage()));
        }
        new CupsBench(options, terminal.out()).run();
        terminal.out().flush();
        return Usher.OK;
    }

    @Command(
            name = "joins",
            description = {
                "Provision devices, then let them join over connections that stay open, by HTTP and"
                        + " by HTTPS.",
                "Starts servers of its own on loopback and ends by itself."
            },
            footer = {
                "%nExamples:",
                "  usher bench joins",
                "  usher bench joins --devices 1000000",
                "  usher bench joins --database-url postgresql://usher@localhost/bench"
            })
    int joins(
            @Option(
                            names = "--devices",
                            paramLabel = "COUNT",
                            defaultValue = "100000",
                            description = "In the database. Default: ${DEFAULT-VALUE}.")
                    int devices,
            @Option(
                            names = "--rounds",
                            paramLabel = "COUNT",
                            defaultValue = "5",
                            description = "Of each server, alternating. Default: ${DEFAULT-VALUE}.")
                    int rounds,
            @Option(
                            names = "--seconds",
                            paramLabel = "COUNT",
                            defaultValue = "5",
                            description = "Of each round. Default: ${DEFAULT-VALUE}.")
                    int seconds,
            @Option(
                            names = "--connections",
                            paramLabel = "COUNT",
                            defaultValue = "256",
                            description =
                                    "That ask one join at a time each. Default: ${DEFAULT-VALUE}.")
                    int connections,
            @Option(
                            names = "--database-url",
                            paramLabel = "URL",
                            description =
                                    "An empty PostgreSQL database, which keeps what is made in it."
                                            + " Default: SQLite.")
                    @Nullable String databaseUrl)
            throws IOException, InterruptedException {
        JoinsBench.Options options;
        try {
            options =
                    new JoinsBench.Options(
                            devices,
                            rounds,
                            Duration.ofSeconds(seconds),
                            connections,
                            Optional.ofNullable(databaseUrl));
        } catch (IllegalArgumentException e) {
            throw Failure.ofUsage(String.valueOf(e.getMessage()));
        }
        new JoinsBench(options, terminal.out()).run();
        terminal.out().flush();
        return Usher.OK;
    }

    @Command(
            name = "lns",
            description = {
                "Connect stations to the LNS of one node and let devices join and send through"
                        + " them.",
                "Starts servers of its own on loopback and ends by itself. Each station is an open"
                        + " file in two processes: many need 'ulimit -n'."
            },
            footer = {
                "%nExamples:",
                "  usher bench lns",
                "  usher bench lns --scheme wss --stations 20000 --reconnect",
                "  usher bench lns --scheme ws --stations 50000"
            })
    int lns(
            @Option(
                            names = "--stations",
                            paramLabel = "COUNT",
                            defaultValue = "2000",
                            description = "On one node. Default: ${DEFAULT-VALUE}.")
                    int stations,
            @Option(
                            names = "--scheme",
                            split = ",",
                            paramLabel = "ws|wss",
                            defaultValue = "ws,wss",
                            description =
                                    "What they connect by, each to a node of its own. Default:"
                                            + " ${DEFAULT-VALUE}.")
                    List<String> schemes,
            @Option(
                            names = "--uplinks",
                            paramLabel = "COUNT",
                            defaultValue = "2000",
                            description = "A second. Default: ${DEFAULT-VALUE}.")
                    int uplinks,
            @Option(
                            names = "--joins",
                            paramLabel = "COUNT",
                            defaultValue = "500",
                            description = "A second, beside them. Default: ${DEFAULT-VALUE}.")
                    int joins,
            @Option(
                            names = "--seconds",
                            paramLabel = "COUNT",
                            defaultValue = "10",
                            description = "Of each round. Default: ${DEFAULT-VALUE}.")
                    int seconds,
            @Option(names = "--reconnect", description = "Restart the node under the whole fleet.")
                    boolean reconnect)
            throws IOException, InterruptedException {
        LnsBench.Options options;
        try {
            options =
                    new LnsBench.Options(
                            stations,
                            schemes.stream().map(BenchCommand::scheme).toList(),
                            uplinks,
                            joins,
                            Duration.ofSeconds(seconds),
                            reconnect);
        } catch (IllegalArgumentException e) {
            throw Failure.ofUsage(String.valueOf(e.getMessage()));
        }
        new LnsBench(options, terminal.out()).run();
        terminal.out().flush();
        return Usher.OK;
    }

    private static LnsBench.Scheme scheme(String text) {
        return switch (text) {
            case "ws" -> LnsBench.Scheme.WS;
            case "wss" -> LnsBench.Scheme.WSS;
            default ->
                    throw new IllegalArgumentException(
                            "--scheme " + Terminal.visible(text) + ": use ws, wss or ws,wss");
        };
    }

    @Command(
            name = "crypto",
            description = {
                "Measure the cryptography of one join by JMH: the MIC, the session keys, the"
                        + " join-accept, and wrapping what travels.",
                "Takes half a minute."
            },
            footer = {"%nExamples:", "  usher bench crypto"})
    int crypto() throws IOException {
        new CryptoBench(terminal.out()).run();
        terminal.out().flush();
        return Usher.OK;
    }
}
