package dev.usher.server;

import dev.usher.server.config.UsherConfig;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;

/**
 * A server in a process of its own, to be killed: says its ports on stdout and runs until then. Its
 * arguments are the data directory and, if there is one, the configuration file.
 */
final class KillableServer {

    private KillableServer() {}

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
