package dev.usher.bench;

import dev.usher.api.edge.ClientTrust;
import dev.usher.api.edge.Edge;
import dev.usher.api.edge.Listener;
import dev.usher.api.edge.ListenerOptions;
import dev.usher.api.edge.Response;
import dev.usher.api.edge.ServerCertificate;
import dev.usher.api.edge.TlsOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The floor: the same listener with the same certificate, that answers 14 zero bytes to everything
 * and knows nothing.
 */
final class FloorUnderTest {

    private FloorUnderTest() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path data = Path.of(arguments[0]);
        ServerCertificate certificate =
                ServerCertificate.ofPem(
                        Files.readString(data.resolve("server.pem")),
                        Files.readString(data.resolve("server.key")));
        ClientTrust anybody = chain -> chain.getFirst().getNotAfter().toInstant();
        Edge edge = Edge.create();
        Response nothing = Response.of(200, "application/octet-stream", new byte[14]);
        Listener listener =
                edge.listen(
                        ListenerOptions.of("floor", "127.0.0.1", 0)
                                .withSilent(true)
                                .withTls(TlsOptions.of(certificate, anybody)),
                        _ -> nothing);
        Runtime.getRuntime().addShutdownHook(new Thread(edge::close));
        System.out.println("ports " + listener.port());
        Thread.currentThread().join();
    }
}
