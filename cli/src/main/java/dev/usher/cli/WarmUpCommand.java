package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.server.UsherServer;
import dev.usher.server.config.UsherConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Starts a server, has it used as people do, and stops it, so that a Java that watches can keep
 * what it learnt: the script {@code usher} makes its AOT caches of one such run, where the server
 * and its client are a process each. Nothing is left behind.
 */
@Command(name = "warm-up", hidden = true, description = "Use a server as most people do.")
final class WarmUpCommand implements Callable<Integer> {

    /** What people do; D is a directory for it. */
    private static final List<String> USE =
            List.of(
                    "batches create warm-up --range 58A0CBFFFE800000/44",
                    "owners create ::1",
                    "owners api-keys create ::1 --out D/owner.key",
                    "factory provision --batch warm-up --range 58A0CBFFFE800000/62 --out D/out",
                    "owner claim --file D/out/labels.csv --api-key @D/owner.key --ownerid ::1",
                    "owner setup 58A0CBFFFE800001 --lns-uri ws://localhost:1887"
                            + " --api-key @D/owner.key --ownerid ::1",
                    "factory gateways list",
                    "factory gateways list -o json",
                    "factory gateways get 58A0CBFFFE800001 -o yaml",
                    "audit verify --help");

    private final Terminal terminal;

    @Option(names = "--client", description = "Use the server of the environment.")
    private boolean client;

    @Parameters(
            arity = "0..*",
            paramLabel = "COMMAND",
            description = "What is to use the server, instead of this process.")
    private List<String> command = List.of();

    WarmUpCommand(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("usher-warm-up-");
        try {
            if (client) {
                use(terminal.environment(), directory);
            } else {
                serve(directory);
            }
        } finally {
            LocalFile.deleteTree(directory);
        }
        return Usher.OK;
    }

    private void serve(Path directory) throws IOException, InterruptedException {
        try (UsherServer server =
                UsherServer.start(
                        directory.resolve("data"),
                        UsherConfig.DEFAULT.onLoopback(),
                        InstantSource.system())) {
            String host = "https://" + server.hostname() + ":";
            Map<String, String> environment =
                    Map.of(
                            "USHER_URL", host + server.webPort(),
                            "USHER_OWNER_URL", host + server.ownerApiPort(),
                            "USHER_API_KEY", "@" + server.administratorKey(),
                            "USHER_CA", server.authorityCertificate().toString());
            if (command.isEmpty()) {
                use(environment, directory);
            } else {
                ProcessBuilder other = new ProcessBuilder(command).inheritIO();
                other.environment().putAll(environment);
                check(command.toString(), other.start().waitFor());
            }
        }
    }

    private static void use(Map<String, String> environment, Path directory) {
        Terminal silent =
                new Terminal(
                        InputStream.nullInputStream(), nowhere(), nowhere(), Set.of(), environment);
        for (String line : USE) {
            String[] words = line.replace("D/", directory + "/").split(" ", -1);
            check(line, Usher.run(silent, words));
        }
    }

    private static void check(String what, int exitCode) {
        if (exitCode != Usher.OK) {
            throw new Failure("Warming up, '" + what + "' failed.");
        }
    }

    private static PrintStream nowhere() {
        return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    }
}
