package dev.usher.bench;

import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.backend.BackendCodec;
import dev.usher.backend.Header;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.NetworkKeys;
import dev.usher.backend.Octets;
import dev.usher.backend.ProtocolVersion;
import dev.usher.backend.SessionGrant;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The floor: the same listeners; every request is parsed, and answered with the same JoinAns. No
 * peers, no devices, no cryptography, no database, no log.
 */
final class JoinFloorUnderTest {

    private JoinFloorUnderTest() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Response answer = Response.of(200, "application/json", BackendCodec.write(joinAns()));
        JoinListeners listeners =
                JoinListeners.open(
                        new Floor(answer), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        Runtime.getRuntime().addShutdownHook(new Thread(listeners::close));
        listeners.announce();
        Thread.currentThread().join();
    }

    /** On the event loop, as the Join Server begins its joins. */
    private record Floor(Response answer) implements Handler {

        @Override
        public Response handle(Request request) {
            return BackendCodec.parse(request.body()) instanceof JoinReq
                    ? answer
                    : Response.of(400);
        }

        @Override
        public Optional<CompletableFuture<Response>> begin(Request request, Executor loop) {
            return Optional.of(CompletableFuture.completedFuture(handle(request)));
        }
    }

    /** As long as a real one. */
    private static JoinAns joinAns() {
        KeyEnvelope wrapped = new KeyEnvelope(Optional.of("ns-2026"), new byte[24]);
        return JoinAns.success(
                new Header(
                        ProtocolVersion.V1_0,
                        Fleet.JOIN_EUI.toString(),
                        Fleet.NET_ID.toString(),
                        1_000_000),
                new SessionGrant(
                        Octets.of(new byte[17]),
                        OptionalLong.of(0),
                        new NetworkKeys.R1_0(wrapped),
                        Optional.of(wrapped),
                        Optional.of(Octets.of(new byte[16]))));
    }
}
