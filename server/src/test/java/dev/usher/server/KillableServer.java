package dev.usher.server;

import static org.assertj.core.api.Assertions.fail;

import dev.usher.server.config.UsherConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A server in a process of its own, to be killed: says its ports on stdout and runs until then. Its
 * arguments are the data directory and, if there is one, the configuration file.
 */
final class KillableServer {

    private final Process process;
    private final List<Integer> ports;

    private KillableServer(Process process, List<Integer> ports) {
        this.process = process;
        this.ports = ports;
    }

    /**
     * Starts it and waits until it listens.
     *
     * @param log where it complains
     */
    static KillableServer start(Path log, Path... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx256m",
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                KillableServer.class.getName()));
        Arrays.stream(arguments).map(Path::toString).forEach(command::add);
        Process process =
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("ports ")) {
                return new KillableServer(
                        process,
                        Stream.of(line.split(" ", -1)).skip(1).map(Integer::valueOf).toList());
            }
        }
        return fail("the server did not start: " + Files.readString(log));
    }

    Process process() {
        return process;
    }

    int ownerApiPort() {
        return ports.get(0);
    }

    int webPort() {
        return ports.get(1);
    }

    int lnsPort() {
        return ports.get(2);
    }

    public static void main(String[] arguments) throws InterruptedException {
        UsherServer server =
                UsherServer.start(
                        Path.of(arguments[0]),
                        UsherConfig.load(
                                        Arrays.stream(arguments).skip(1).map(Path::of).findFirst(),
                                        Map.of())
                                .onLoopback(),
                        InstantSource.system());
        System.out.println(
                "ports " + server.ownerApiPort() + " " + server.webPort() + " " + server.lnsPort());
        Thread.currentThread().join();
    }
}
