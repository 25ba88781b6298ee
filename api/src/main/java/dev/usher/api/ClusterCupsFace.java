package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.keys.CertificateAuthority;
import dev.usher.lorawan.Eui64;
import dev.usher.network.cups.ClusterCups;
import dev.usher.station.MalformedMessageException;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.station.UpdateInfoResponse;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CUPS of the cluster, {@code POST /update-info} on the port that people use too.
 *
 * <p>A station takes any status but 200 as a reason to change its credential set at once, so there
 * are two answers only: 200 with an update-info response, or the connection closed without a byte,
 * also when something fails here, such as the database. Whatever is not {@code POST /update-info}
 * is left to others.
 */
public final class ClusterCupsFace implements Handler {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterCupsFace.class);
    private static final String OCTETS = "application/octet-stream";

    private final ClusterCups cups;
    private final StationCertificates certificates;
    private final Handler others;
    private final Counter nothing;
    private final Counter changed;
    private final Counter refused;
    private final Counter malformed;
    private final Counter failed;

    /**
     * @param authority whose certificates tell which gateway somebody is
     * @param others answers all other requests
     */
    public ClusterCupsFace(
            ClusterCups cups,
            CertificateAuthority authority,
            InstantSource clock,
            MeterRegistry meters,
            Handler others) {
        this.cups = requireNonNull(cups, "cups");
        this.certificates = new StationCertificates(authority, clock);
        this.others = requireNonNull(others, "others");
        this.nothing = counter(meters, "nothing");
        this.changed = counter(meters, "changed");
        this.refused = counter(meters, "refused");
        this.malformed = counter(meters, "malformed");
        this.failed = counter(meters, "failed");
    }

    private static Counter counter(MeterRegistry meters, String answer) {
        return Counter.builder("usher.cluster.cups.answers")
                .description(
                        "Questions of gateways to the cluster's CUPS by what they were answered")
                .tag("answer", answer)
                .register(meters);
    }

    @Override
    public Response handle(Request request) throws Exception {
        if (!request.method().equals("POST") || !request.path().equals("/update-info")) {
            return others.handle(request);
        }
        try {
            return answer(request);
        } catch (MalformedMessageException e) {
            malformed.increment();
            LOG.debug("update-info request {} is not understood: {}", request.id(), e.getMessage());
        } catch (RuntimeException e) {
            failed.increment();
            LOG.warn("update-info request {} could not be answered", request.id(), e);
        }
        return Response.close();
    }

    private Response answer(Request request) {
        UpdateInfoRequest reported = UpdateInfoRequest.parse(request.body());
        Optional<Eui64> certified = certificates.gatewayOf(request);
        return switch (cups.answer(reported, request.header("Authorization"), certified)) {
            case ClusterCups.Outcome.Refused() -> {
                refused.increment();
                yield Response.close();
            }
            case ClusterCups.Outcome.Answer(UpdateInfoResponse response) -> {
                (response.isNothing() ? nothing : changed).increment();
                yield Response.of(200, OCTETS, response.head());
            }
        };
    }
}
