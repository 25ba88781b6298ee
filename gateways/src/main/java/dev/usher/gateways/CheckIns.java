package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Fingerprint;
import dev.usher.accounts.OwnerId;
import dev.usher.gateways.CupsDecision.Destination;
import dev.usher.gateways.GatewayRow.EndpointKind;
import dev.usher.gateways.GatewayRow.EndpointRow;
import dev.usher.lorawan.Eui64;
import dev.usher.station.AuthorizationHeader;
import dev.usher.station.CredentialFiles;
import dev.usher.station.Credentials;
import dev.usher.station.FirmwareSignature;
import dev.usher.station.StationUri;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.station.UpdateInfoResponse;
import dev.usher.store.Database;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/**
 * What happens when a gateway checks in: is it who it says, what is it to be told, and the answer
 * in bytes.
 *
 * <p>Nothing is written before the answer, with one exception: an update is offered once, and that
 * is made durable before the update leaves.
 */
public final class CheckIns implements AutoCloseable {

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
        return database.read(
                        handle -> {
                            Optional<GatewayRow> gateway =
                                    GatewayRow.find(handle, eui)
                                            .or(() -> batch.map(b -> GatewayRow.untouched(eui, b)));
                            return gateway.map(
                                    row ->
                                            new Known(
                                                    row, isGenuine(handle, row, batch, presented)));
                        })
                .<Outcome>map(
                        known ->
                                known.genuine()
                                        ? answer(known.row(), request)
                                        : refuse(known.row()))
                .orElseGet(Outcome.NotGenuine::new);
    }

    private record Known(GatewayRow row, boolean genuine) {}

    private boolean isGenuine(
            Handle handle, GatewayRow row, Optional<Batch> batch, Presented presented) {
        if (presented.certificate().isPresent()) {
            X509Certificate certificate = presented.certificate().get();
            return isSetUpWith(row, certificate)
                    || certificates.standsFor(certificate, row.eui(), batch, row.owner());
        }
        return presented
                .authorization()
                .filter(
                        token ->
                                secrets.isToken(row, batch, token)
                                        || isSetUpWith(handle, row, token))
                .isPresent();
    }

    /**
     * A gateway may come back with the certificate its owner gave it for CUPS, whoever issued that.
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
    private boolean isSetUpWith(Handle handle, GatewayRow row, String presented) {
        return row.cups()
                .filter(cups -> cups.key().isPresent() && cups.certificate().isEmpty())
                .flatMap(cups -> endpoints.files(handle, EndpointKind.CUPS, row.eui(), cups))
                .map(files -> AuthorizationHeader.of(files.key()))
                .filter(header -> header.name().equalsIgnoreCase("Authorization"))
                .filter(
                        header ->
                                MessageDigest.isEqual(
                                        header.value().getBytes(StandardCharsets.UTF_8),
                                        presented.strip().getBytes(StandardCharsets.UTF_8)))
                .isPresent();
    }

    private Outcome refuse(GatewayRow row) {
        // Only for gateways that are somebody's, so that nobody can fill the database by naming
        // EUIs.
        if (row.owner().isPresent()) {
            seen.refused(
                    row.eui(),
                    new Why(
                            clock.instant(),
                            "refused",
                            "it showed neither a token nor a certificate of this gateway"));
        }
        return new Outcome.NotGenuine();
    }

    private Outcome answer(GatewayRow row, UpdateInfoRequest request) {
        Instant now = Instant.ofEpochMilli(clock.millis());
        if (row.owner().isEmpty()) {
            seen.checkedIn(request, new Why(now, "nothing", "nobody has claimed it"));
            return NOTHING;
        }
        OwnerId owner = row.owner().get();
        Optional<CupsDecision.Ordered> ordered =
                row.firmware()
                        .filter(order -> order.offeredAt().isEmpty())
                        .flatMap(
                                order ->
                                        database.read(
                                                handle -> firmwares.ordered(handle, owner, order)));
        CupsDecision decision =
                CupsDecision.decide(
                        row.cups().map(cups -> destination(EndpointKind.CUPS, cups)),
                        row.lns().map(lns -> destination(EndpointKind.LNS, lns)),
                        ordered,
                        request,
                        now);
        if (decision.update().isPresent()
                && !firmwares.takeOffer(owner, row.eui(), decision.update().get().fwcrc())) {
            // Another check-in of this gateway took the offer a moment ago; this one gets the rest.
            decision =
                    decision.withoutUpdate(
                            "the update was offered to another check-in at the same moment");
        }
        seen.checkedIn(request, new Why(now, decision.answer(), decision.reason()));
        return decision.answer().equals("nothing") ? NOTHING : compose(row, owner, decision);
    }

    private static Destination destination(EndpointKind kind, EndpointRow endpoint) {
        return new Destination(EndpointStore.uri(kind, endpoint), endpoint.crc());
    }

    private Outcome compose(GatewayRow row, OwnerId owner, CupsDecision decision) {
        return database.read(
                handle -> {
                    Optional<CupsDecision.Update> update = decision.update();
                    Optional<FirmwareSignature> signature =
                            update.filter(u -> u.keyCrc().isPresent())
                                    .map(
                                            u ->
                                                    firmwares.signature(
                                                            handle,
                                                            owner,
                                                            u.fwcrc(),
                                                            u.keyCrc().getAsInt()));
                    UpdateInfoResponse response =
                            new UpdateInfoResponse(
                                    uri(EndpointKind.CUPS, row.cups(), decision.sendsCupsUri()),
                                    uri(EndpointKind.LNS, row.lns(), decision.sendsLnsUri()),
                                    credentials(
                                            handle,
                                            EndpointKind.CUPS,
                                            row,
                                            row.cups(),
                                            decision.sendsCupsCredentials()),
                                    credentials(
                                            handle,
                                            EndpointKind.LNS,
                                            row,
                                            row.lns(),
                                            decision.sendsLnsCredentials()),
                                    signature,
                                    update.map(u -> firmwares.size(handle, owner, u.fwcrc()))
                                            .orElse(0L));
                    return new Outcome.Answer(
                            response, update.map(u -> () -> firmwares.content(owner, u.fwcrc())));
                });
    }

    private static Optional<StationUri> uri(
            EndpointKind kind, Optional<EndpointRow> endpoint, boolean sent) {
        return endpoint.filter(_ -> sent).map(row -> EndpointStore.uri(kind, row));
    }

    private Optional<Credentials> credentials(
            Handle handle,
            EndpointKind kind,
            GatewayRow row,
            Optional<EndpointRow> endpoint,
            boolean sent) {
        return endpoint.filter(_ -> sent)
                .flatMap(stored -> endpoints.files(handle, kind, row.eui(), stored))
                .map(CredentialFiles::blob)
                .map(Credentials::parseBlob);
    }

    /** Writes what is still to be written of the last check-ins. */
    @Override
    public void close() {
        seen.close();
    }
}
