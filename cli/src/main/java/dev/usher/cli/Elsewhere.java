package dev.usher.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.usher.server.config.UsherConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * The second node of the demo: the Join Server of somebody else, which the network reaches by its
 * interoperability configuration alone.
 */
final class Elsewhere implements AutoCloseable {

    private static final String JOIN_EUIS = "11AA000000000000/40";

    private final DemoNode node;
    private final String token;

    private Elsewhere(DemoNode node, String token) {
        this.node = node;
        this.token = token;
    }

    /** Starts it, with the network of the demo as a peer that may ask for these devices. */
    static Elsewhere start(Path data, List<DemoDevice> devices) {
        byte[] token = new byte[16];
        new SecureRandom().nextBytes(token);
        Elsewhere elsewhere =
                new Elsewhere(
                        new DemoNode(data, UsherConfig.DEFAULT.onLoopback()),
                        HexFormat.of().formatHex(token));
        elsewhere.node.makeMaker(JOIN_EUIS);
        devices.forEach(elsewhere.node::provision);
        UsherConfig.Network network = UsherConfig.Network.DEFAULT;
        elsewhere.register("network", "netId", network.netId().toString());
        elsewhere.register("application", "asId", network.asId());
        return elsewhere;
    }

    private void register(String name, String role, String id) {
        ObjectNode peer = Json.object().put("name", name).put(role, id).put("bearerToken", token);
        node.administrator().post("/api/v1/peers", peer);
    }

    /** Writes how it is reached: {@code config.yml} and the {@code js.yml} it names. */
    void writeInterop(Path directory) {
        try {
            Files.createDirectories(directory.resolve("elsewhere"));
            Files.copy(node.server().authorityCertificate(), directory.resolve("elsewhere/ca.pem"));
            Files.writeString(
                    directory.resolve("config.yml"),
                    """
                    join-servers:
                      - file: "./elsewhere/js.yml"
                        join-euis: ["%s"]
                    """
                            .formatted(JOIN_EUIS),
                    UTF_8);
            Files.writeString(
                    directory.resolve("elsewhere/js.yml"),
                    """
                    fqdn: "localhost"
                    port: %d
                    protocol: "BI1.1"
                    sender-ns-id: "70B3D57EDE300001"
                    tls:
                      root-ca: "./ca.pem"
                    headers:
                      Authorization: "Bearer %s"
                    """
                            .formatted(node.server().backendPort(), token),
                    UTF_8);
        } catch (IOException e) {
            throw new Failure(directory + " cannot be written: " + e, e);
        }
    }

    @Override
    public void close() {
        node.close();
    }
}
