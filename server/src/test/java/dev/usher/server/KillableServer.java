package dev.usher.server;

import dev.usher.server.config.UsherConfig;
import java.nio.file.Path;
import java.time.InstantSource;

/** A server in a process of its own, to be killed: says its ports on stdout and runs until then. */
final class KillableServer {

    private KillableServer() {}

    public static void main(String[] arguments) throws InterruptedException {
        UsherServer server =
                UsherServer.start(
                        Path.of(arguments[0]),
                        UsherConfig.DEFAULT.onLoopback(),
                        InstantSource.system());
        System.out.println("ports " + server.ownerApiPort() + " " + server.webPort());
        Thread.currentThread().join();
    }
}
