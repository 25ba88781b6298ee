package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.gateways.CheckIns;
import dev.usher.station.MalformedMessageException;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.station.UpdateInfoResponse;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.InputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Gateway API: CUPS, as LoRa Basics Station speaks it ({@code POST /update-info} at the root).
 *
 * <p>A station takes any status but 200 as a reason to change its credential set at once, so there
 * are two answers only: 200 with an update-info response, or the connection closed without a byte.
 * The listener must be silent for the same reason.
 */
public final class CupsFace implements Handler {

    private static final Logger LOG = LoggerFactory.getLogger(CupsFace.class);
    private static final String OCTETS = "application/octet-stream";
    private static final Response NOTHING =
            Response.of(200, OCTETS, UpdateInfoResponse.NOTHING.head());

    private final CheckIns checkIns;
    private final AddressWatch watch;
    private final Counter nothing;
    private final Counter changed;
    private final Counter updates;
    private final Counter refused;
    private final Counter malformed;

    /**
     * @param watch is told from where gateways prove themselves
     */
    public CupsFace(CheckIns checkIns, AddressWatch watch, MeterRegistry meters) {
        this.checkIns = requireNonNull(checkIns, "checkIns");
        this.watch = requireNonNull(watch, "watch");
        this.nothing = counter(meters, "nothing");
        this.changed = counter(meters, "changed");
        this.updates = counter(meters, "update");
        this.refused = counter(meters, "refused");
        this.malformed = counter(meters, "malformed");
    }

    private static Counter counter(MeterRegistry meters, String answer) {
        return Counter.builder("usher.cups.answers")
                .description("Check-ins of gateways by what they were answered")
                .tag("answer", answer)
                .register(meters);
    }

    @Override
    public Response handle(Request request) {
        if (!request.method().equals("POST") || !request.path().equals("/update-info")) {
            malformed.increment();
            return Response.close();
        }
        UpdateInfoRequest reported;
        try {
            reported = UpdateInfoRequest.parse(request.body());
        } catch (MalformedMessageException e) {
            malformed.increment();
            LOG.debug("update-info request {} is not understood: {}", request.id(), e.getMessage());
            return Response.close();
        }
        CheckIns.Presented presented =
                new CheckIns.Presented(
                        request.header("Authorization"),
                        request.clientChain().stream().findFirst());
        return switch (checkIns.checkIn(reported, presented)) {
            case CheckIns.Outcome.NotGenuine() -> {
                refused.increment();
                yield Response.close();
            }
            case CheckIns.Outcome.Answer answer -> {
                watch.used(reported.router(), request);
                yield response(answer);
            }
        };
    }

    private Response response(CheckIns.Outcome.Answer answer) {
        if (answer.response().isNothing()) {
            nothing.increment();
            return NOTHING;
        }
        byte[] head = answer.response().head();
        if (answer.update().isEmpty()) {
            changed.increment();
            return Response.of(200, OCTETS, head);
        }
        updates.increment();
        return Response.stream(
                200,
                OCTETS,
                answer.response().length(),
                out -> {
                    out.write(head);
                    try (InputStream update = answer.update().get().get()) {
                        update.transferTo(out);
                    }
                });
    }
}
