package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Fingerprint;
import dev.usher.accounts.OwnerId;
import dev.usher.gateways.CupsDecision.Destination;
import dev.usher.gateways.Firmwares.Offer;
import dev.usher.gateways.GatewayRow.EndpointKind;
import dev.usher.gateways.GatewayRow.EndpointRow;
import dev.usher.lorawan.Eui64;
import dev.usher.station.AuthorizationHeader;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.station.UpdateInfoResponse;
import dev.usher.station.Why;
import dev.usher.store.Database;
import dev.usher.store.StoreException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a gateway checks in: is it who it says, what is it to be told, and the answer
 * in bytes.
 *
 * <p>Nothing is written before the answer, with one exception: an update is offered once, and that
 * is made durable before the update leaves.
 */
public final class CheckIns implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CheckIns.class);
    private static final String NOT_PROVEN =
            "it showed neither a token nor a certificate of this gateway";

    private final Database database;
    private final Batches batches;
    private final GatewaySecretsCheck secrets;
    private final GatewayCertificates certificates;
    private final EndpointStore endpoints;
    private final Firmwares firmwares;
    private final SeenLog seen;
    private final InstantSource clock;

    CheckIns(
            Database database,
            Batches batches,
            GatewaySecretsCheck secrets,
            GatewayCertificates certificates,
            EndpointStore endpoints,
            Firmwares firmwares,
            SeenLog seen,
            InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.batches = requireNonNull(batches, "batches");
        this.secrets = requireNonNull(secrets, "secrets");
        this.certificates = requireNonNull(certificates, "certificates");
        this.endpoints = requireNonNull(endpoints, "endpoints");
        this.firmwares = requireNonNull(firmwares, "firmwares");
        this.seen = requireNonNull(seen, "seen");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * What a gateway showed of itself.
     *
     * @param authorization the value of its Authorization header
     * @param certificate the certificate whose key it proved to have in the TLS handshake
     */
    public record Presented(Optional<String> authorization, Optional<X509Certificate> certificate) {
        public Presented {
            requireNonNull(authorization, "authorization");
            requireNonNull(certificate, "certificate");
        }

        @Override
        public String toString() {
            return "Presented[authorization="
                    + (authorization.isPresent() ? "hidden" : "none")
                    + ", certificate="
                    + certificate.map(c -> Fingerprint.of(c).toString()).orElse("none")
                    + "]";
        }
    }

    /** How a check-in ends. */
    public sealed interface Outcome {

        /**
         * The gateway is genuine and gets this answer.
         *
         * @param update opens the bytes of the update that go after the answer's head, if there is
         *     one
         */
        record Answer(UpdateInfoResponse response, Optional<Supplier<InputStream>> update)
                implements Outcome {}

        /** It is not the gateway it says it is, or none that is known. It gets nothing. */
        record NotGenuine() implements Outcome {}
    }

    private static final Outcome NOTHING =
            new Outcome.Answer(UpdateInfoResponse.NOTHING, Optional.empty());

    /** Answers one check-in. */
    public Outcome checkIn(UpdateInfoRequest request, Presented presented) {
        Eui64 eui = request.router();
        Optional<Batch> batch = batches.of(eui);
        Optional<GatewayRow> found =
                database.readPrepared(statements -> GatewayRow.find(statements, eui))
                        .or(() -> batch.map(b -> GatewayRow.untouched(eui, b)));
        if (found.isEmpty()) {
            return new Outcome.NotGenuine();
        }
        GatewayRow gateway = found.get();
        return isGenuine(gateway, batch, presented) ? answer(gateway, request) : refuse(gateway);
    }

    private boolean isGenuine(GatewayRow row, Optional<Batch> batch, Presented presented) {
        if (presented.certificate().isPresent()) {
            X509Certificate certificate = presented.certificate().get();
            return isSetUpWith(row, certificate)
                    || certificates.standsFor(certificate, row.eui(), batch, row.owner());
        }
        return presented
                .authorization()
                .filter(token -> secrets.isToken(row, batch, token) || isSetUpWith(row, token))
                .isPresent();
    }

    /**
     * A gateway may come back with the certificate its owner gave it for CUPS, whoever issued it.
     */
    private boolean isSetUpWith(GatewayRow row, X509Certificate certificate) {
        return row.cups()
                        .flatMap(EndpointRow::certificate)
                        .filter(
                                sha256 ->
                                        Arrays.equals(sha256, Fingerprint.of(certificate).bytes()))
                        .isPresent()
                && GatewayCertificates.isValidAt(certificate, clock.instant());
    }

    /** A gateway may come back with the token its owner gave it for CUPS. */
    private boolean isSetUpWith(GatewayRow row, String presented) {
        return row.cups()
                .filter(cups -> cups.certificate().isEmpty())
                .flatMap(cups -> endpoints.key(EndpointKind.CUPS, row.eui(), cups))
                .map(AuthorizationHeader::of)
                .filter(header -> header.name().equalsIgnoreCase("Authorization"))
                .filter(
                        header ->
                                MessageDigest.isEqual(
                                        header.value().strip().getBytes(StandardCharsets.UTF_8),
                                        presented.strip().getBytes(StandardCharsets.UTF_8)))
                .isPresent();
    }

    private Outcome refuse(GatewayRow row) {
        // Only for gateways that are somebody's, so that nobody can fill the database by naming
        // EUIs.
        if (row.owner().isPresent()) {
            seen.noted(row.eui(), new Why(now(), "refused", NOT_PROVEN));
        }
        return new Outcome.NotGenuine();
    }

    private Outcome answer(GatewayRow row, UpdateInfoRequest request) {
        Instant now = now();
        if (row.owner().isEmpty()) {
            seen.checkedIn(request, new Why(now, "nothing", "nobody has claimed it"));
            return NOTHING;
        }
        OwnerId owner = row.owner().get();
        Optional<CupsDecision.Ordered> ordered =
                row.firmware()
                        .flatMap(
                                order ->
                                        database.read(
                                                handle -> firmwares.ordered(handle, owner, order)));
        CupsDecision decision =
                CupsDecision.decide(
                        row.cups().map(CheckIns::destination),
                        row.lns().map(CheckIns::destination),
                        ordered,
                        request,
                        now);
        Optional<Offer> offer = decision.update().flatMap(update -> take(row, owner, update));
        if (decision.update().isPresent() && offer.isEmpty()) {
            decision =
                    decision.withoutUpdate(
                            "it was offered to another check-in or changed just now");
        }
        seen.checkedIn(request, new Why(now, decision.answer(), decision.reason()));
        return decision.answer().equals("nothing") ? NOTHING : compose(row, owner, decision, offer);
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    /** The gateway gets the rest of its answer also when the offer cannot be taken. */
    private Optional<Offer> take(GatewayRow row, OwnerId owner, CupsDecision.Update update) {
        try {
            return firmwares.takeOffer(owner, row.eui(), row.firmware().orElseThrow(), update);
        } catch (StoreException e) {
            LOG.warn("the firmware of gateway {} could not be offered", row.eui(), e);
            return Optional.empty();
        }
    }

    private static Destination destination(EndpointRow endpoint) {
        return new Destination(endpoint.uri(), endpoint.crc());
    }

    private Outcome compose(
            GatewayRow row, OwnerId owner, CupsDecision decision, Optional<Offer> offer) {
        UpdateInfoResponse response =
                database.read(
                        handle ->
                                new UpdateInfoResponse(
                                        row.cups()
                                                .filter(_ -> decision.sendsCupsUri())
                                                .map(to -> EndpointKind.CUPS.uri(to.uri())),
                                        row.lns()
                                                .filter(_ -> decision.sendsLnsUri())
                                                .map(to -> EndpointKind.LNS.uri(to.uri())),
                                        row.cups()
                                                .filter(_ -> decision.sendsCupsCredentials())
                                                .flatMap(
                                                        to ->
                                                                endpoints.credentials(
                                                                        handle,
                                                                        EndpointKind.CUPS,
                                                                        row.eui(),
                                                                        to)),
                                        row.lns()
                                                .filter(_ -> decision.sendsLnsCredentials())
                                                .flatMap(
                                                        to ->
                                                                endpoints.credentials(
                                                                        handle,
                                                                        EndpointKind.LNS,
                                                                        row.eui(),
                                                                        to)),
                                        offer.flatMap(Offer::signature),
                                        offer.map(Offer::size).orElse(0L)));
        return new Outcome.Answer(
                response, offer.map(taken -> () -> firmwares.content(owner, taken.fwcrc())));
    }

    /**
     * Notes, beside why the gateway was answered what it was, what somebody should know of it.
     *
     * @param why one sentence
     */
    public void alert(Eui64 gateway, String why) {
        seen.noted(gateway, new Why(now(), "alert", why));
    }

    /** Writes now what would be written within a second. */
    void flush() {
        seen.flush();
    }

    /** Writes what is still to be written of the last check-ins. */
    @Override
    public void close() {
        seen.close();
    }
}
