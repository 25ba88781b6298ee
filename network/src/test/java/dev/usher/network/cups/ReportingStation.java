package dev.usher.network.cups;

import dev.usher.lorawan.Eui64;
import dev.usher.station.Credentials;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.station.UpdateInfoResponse;
import java.util.List;
import java.util.Optional;

/** A gateway as its CUPS sees it: takes what it is told, and reports what it has. */
final class ReportingStation {

    private final Eui64 eui;
    private Optional<String> cupsUri = Optional.empty();
    private Optional<String> lnsUri = Optional.empty();
    private Optional<Credentials> cups = Optional.empty();
    private Optional<Credentials> lns = Optional.empty();

    ReportingStation(Eui64 eui) {
        this.eui = eui;
    }

    UpdateInfoRequest report() {
        return new UpdateInfoRequest(
                eui,
                cupsUri,
                lnsUri,
                cups.map(Credentials::crc).orElse(Credentials.NONE_CRC),
                lns.map(Credentials::crc).orElse(Credentials.NONE_CRC),
                Optional.of("2.0.6"),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** Takes the bytes of an answer as a station does. */
    void take(UpdateInfoResponse answer) {
        UpdateInfoResponse.Decoded decoded = UpdateInfoResponse.parse(answer.head());
        cupsUri = decoded.cupsUri().or(() -> cupsUri);
        lnsUri = decoded.tcUri().or(() -> lnsUri);
        cups = credentials(decoded.cupsCredentials()).or(() -> cups);
        lns = credentials(decoded.tcCredentials()).or(() -> lns);
    }

    private static Optional<Credentials> credentials(byte[] blob) {
        return blob.length == 0 ? Optional.empty() : Optional.of(Credentials.parseBlob(blob));
    }

    Optional<String> cupsUri() {
        return cupsUri;
    }

    Optional<String> lnsUri() {
        return lnsUri;
    }

    /** What it sends to its CUPS as Authorization. */
    Optional<String> cupsKey() {
        return key(cups);
    }

    /** What it sends to its LNS as Authorization. */
    Optional<String> lnsKey() {
        return key(lns);
    }

    private static Optional<String> key(Optional<Credentials> credentials) {
        return credentials
                .filter(Credentials.Token.class::isInstance)
                .map(Credentials.Token.class::cast)
                .map(token -> token.header().value());
    }
}
