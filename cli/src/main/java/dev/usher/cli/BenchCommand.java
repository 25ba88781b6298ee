package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.bench.CupsBench;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
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
}
