package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.server.StartupException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The main job on one screen: three gateways leave the factory, are claimed, and find their
 * network; the devices in their reach join.
 */
@Command(
        name = "demo",
        description = {
            "Show the whole way of gateways and devices, on this machine alone.",
            "Starts a network on loopback and somebody else's Join Server, boots three virtual"
                    + " gateways with devices in their reach, and shows what they do. Claim a"
                    + " gateway with the command it prints, and watch."
        },
        footer = {"%nExamples:", "  usher demo", "  usher demo --auto"})
final class DemoCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Option(
            names = "--auto",
            description = "Claim the gateways itself, and end when all has happened.")
    private boolean auto;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "With --auto, when to give up. Default: ${DEFAULT-VALUE}.")
    private int timeoutSeconds;

    DemoCommand(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    @Override
    public Integer call() throws InterruptedException {
        System.setProperty("usher.log.level", "WARN"); // before anything logs
        Path directory = temporary();
        Thread cleaning = new Thread(() -> delete(directory), "usher-demo-cleaning");
        Runtime.getRuntime().addShutdownHook(cleaning);
        try (Demo demo = new Demo(terminal, directory)) {
            demo.prepare();
            if (!auto) {
                demo.runUntilInterrupted();
                return Usher.OK;
            }
            List<String> missing = demo.claimAllAndWait(Duration.ofSeconds(timeoutSeconds));
            if (!missing.isEmpty()) {
                throw new Failure(
                        "Within %d s, these did not happen: %s."
                                .formatted(timeoutSeconds, String.join("; ", missing)));
            }
        } catch (StartupException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        } finally {
            delete(directory);
        }
        // When all is switched off, so that no gateway has the last word.
        terminal.out()
                .println(
                        "\nThree gateways found their network, and three devices joined it from"
                                + " two Join Servers. That is the demo.");
        return Usher.OK;
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
