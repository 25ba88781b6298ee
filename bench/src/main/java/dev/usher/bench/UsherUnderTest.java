package dev.usher.bench;

import dev.usher.server.UsherServer;
import dev.usher.server.config.UsherConfig;
import java.nio.file.Path;
import java.time.InstantSource;

/** Usher itself, on loopback and free ports. */
final class UsherUnderTest {

    private UsherUnderTest() {}

    public static void main(String[] arguments) throws InterruptedException {
        UsherServer server =
                UsherServer.start(
                        Path.of(arguments[0]),
                        UsherConfig.DEFAULT.onLoopback(),
                        InstantSource.system());
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        System.out.println(
                "ports "
                        + server.gatewayApiPort()
                        + " "
                        + server.ownerApiPort()
                        + " "
                        + server.webPort());
        Thread.currentThread().join();
    }
}
