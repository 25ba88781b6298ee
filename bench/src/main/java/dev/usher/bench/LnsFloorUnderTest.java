package dev.usher.bench;

import dev.usher.api.edge.ClientTrust;
import dev.usher.api.edge.Edge;
import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Limits;
import dev.usher.api.edge.Listener;
import dev.usher.api.edge.ListenerOptions;
import dev.usher.api.edge.Response;
import dev.usher.api.edge.ServerCertificate;
import dev.usher.api.edge.TlsOptions;
import dev.usher.api.edge.WebSocket;
import dev.usher.api.edge.WebSocketHandler;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.IssuedCertificate;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.station.LnsCodec;
import dev.usher.station.RouterConfig;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * The floor: the same listeners; every gateway is sent to the same place and gets the same
 * router_config. No registry, no keys, no traffic.
 */
final class LnsFloorUnderTest {

    private static final Duration PING = Duration.ofSeconds(30);
    private static final int MOST_CONNECTIONS = 100_000;

    private LnsFloorUnderTest() {}

    public static void main(String[] arguments) throws IOException {
        Edge edge = Edge.create(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        IssuedCertificate own =
                CertificateAuthority.create("bench", InstantSource.system())
                        .issueServer(List.of("localhost"), Duration.ofDays(1));
        ClientTrust anybody = chain -> chain.getFirst().getNotAfter().toInstant();
        TlsOptions tls =
                TlsOptions.of(ServerCertificate.of(own.certificate(), own.privateKey()), anybody);
        String config =
                LnsCodec.write(RouterConfig.of(FrequencyPlan.of(Stations.PLAN)), Instant.now());
        Handler handler =
                request ->
                        request.asksForWebSocket()
                                ? Response.webSocket(
                                        new Answers(
                                                request.path().equals("/router-info")
                                                        ? "{\"uri\":\"ws://localhost:1/traffic\"}"
                                                        : config),
                                        PING)
                                : Response.of(404);
        Listener plain = edge.listen(options("lns"), handler);
        Listener secure = edge.listen(options("lns-tls").withTls(tls), handler);
        Runtime.getRuntime().addShutdownHook(new Thread(edge::close));
        System.out.println("ports " + plain.port() + " " + secure.port());
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (in.readLine() != null) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            System.out.println("figures " + (runtime.totalMemory() - runtime.freeMemory()));
        }
        System.exit(0);
    }

    private static ListenerOptions options(String name) {
        return ListenerOptions.of(name, "127.0.0.1", 0)
                .withLimits(Limits.DEFAULT.withConnections(MOST_CONNECTIONS));
    }

    /** Answers everything with the same. */
    private record Answers(String text) implements WebSocketHandler {

        @Override
        public void opened(WebSocket socket) {}

        @Override
        public void received(WebSocket socket, String message) {
            socket.send(text);
        }

        @Override
        public void received(WebSocket socket, byte[] message) {}

        @Override
        public void closed(WebSocket socket) {}
    }
}
