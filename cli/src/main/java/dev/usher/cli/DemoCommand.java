package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.server.StartupException;
import dev.usher.server.UsherServer;
import dev.usher.server.config.UsherConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The main job on one screen: three gateways leave the factory, are claimed, and find their
 * network.
 */
@Command(
        name = "demo",
        description = {
            "Show the whole way of a gateway, on this machine alone.",
            "Starts a server on loopback, makes three gateways, boots them as virtual stations and"
                    + " shows what they do. Claim one with the command it prints, and watch."
        },
        footer = {"%nExamples:", "  usher demo", "  usher demo --auto"})
final class DemoCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Option(
            names = "--auto",
            description = "Claim the gateways itself, and end when all have their LNS credentials.")
    private boolean auto;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "With --auto, when to give up. Default: ${DEFAULT-VALUE}.")
    private int timeoutSeconds;

    DemoCommand(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    @Override
    public Integer call() throws InterruptedException {
        Path directory = temporary();
        Thread cleaning = new Thread(() -> delete(directory), "usher-demo-cleaning");
        Runtime.getRuntime().addShutdownHook(cleaning);
        try (UsherServer server =
                        UsherServer.start(
                                directory,
                                UsherConfig.DEFAULT.onLoopback(),
                                InstantSource.system());
                Demo demo = new Demo(terminal, server)) {
            demo.prepare();
            if (!auto) {
                demo.runUntilInterrupted();
                return Usher.OK;
            }
            if (demo.claimAllAndWait(timeoutSeconds)) {
                terminal.out().println("All three gateways know their network. That is the demo.");
                return Usher.OK;
            }
            throw new Failure(
                    "Not every gateway had its LNS credentials within " + timeoutSeconds + " s.");
        } catch (StartupException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        } finally {
            delete(directory);
        }
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("usher-demo-");
        } catch (IOException e) {
            throw new Failure("No directory could be made for the demo: " + e, e);
        }
    }

    private static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            // The system clears its temporary files itself.
        }
    }
}
