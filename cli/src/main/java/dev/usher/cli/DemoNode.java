package dev.usher.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.usher.interop.Tls;
import dev.usher.server.UsherServer;
import dev.usher.server.config.UsherConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** A node of the demo, on loopback and free ports, and how to speak to its REST API. */
final class DemoNode implements AutoCloseable {

    private final UsherServer server;

    DemoNode(Path data, UsherConfig config) {
        this.server = UsherServer.start(data, config, InstantSource.system());
    }

    UsherServer server() {
        return server;
    }

    /** As its administrator. */
    RemoteServer administrator() {
        return as(read(server.administratorKey()));
    }

    /** As whoever has the key. */
    RemoteServer as(String key) {
        return new RemoteServer(
                URI.create(url()),
                Optional.of(key),
                Optional.empty(),
                Tls.of(Pem.certificates(server.authorityCertificate()), Optional.empty()).context(),
                "the demo's own CA",
                Duration.ofSeconds(20));
    }

    String url() {
        return "https://localhost:" + server.webPort();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, UTF_8).strip();
        } catch (IOException e) {
            throw new Failure(file + " cannot be read: " + e, e);
        }
    }

    /** A maker of devices, for whose JoinEUIs this node answers. */
    void makeMaker(String range) {
        RemoteServer rest = administrator();
        rest.post("/api/v1/owners", owner(DemoDevice.MAKER, "Sensor Works"));
        rest.post(
                "/api/v1/join-euis",
                Json.object().put("range", range).put("maker", DemoDevice.MAKER));
    }

    /** A device whose root keys this node's Join Server has, at home in the demo's network. */
    void provision(DemoDevice device) {
        administrator().post("/api/v1/devices", device.provisioned());
    }

    static ObjectNode owner(String id, String name) {
        return Json.object().put("ownerid", id).put("name", name);
    }

    @Override
    public void close() {
        server.close();
    }
}
