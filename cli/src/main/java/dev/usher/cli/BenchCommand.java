package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.bench.CryptoBench;
import dev.usher.bench.CupsBench;
import dev.usher.bench.JoinsBench;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
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
                            defaultValue = "64",
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
