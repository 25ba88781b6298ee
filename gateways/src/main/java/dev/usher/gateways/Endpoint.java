package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.station.CredentialFiles;
import dev.usher.station.Credentials;
import dev.usher.station.StationUri;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A CUPS or LNS server a gateway is to use, with what it needs to know of it: exactly what can be
 * sent to a gateway without harming it.
 *
 * @param credentials present for https and wss, absent for http and ws, where station has no use
 *     for them
 */
record Endpoint(StationUri uri, Optional<Credentials> credentials) {

    Endpoint {
        requireNonNull(uri, "uri");
        requireNonNull(credentials, "credentials");
        if (uri.isSecure() != credentials.isPresent()) {
            throw new IllegalArgumentException(
                    "credentials go with https and wss and with nothing else");
        }
    }

    /** What a change makes of an endpoint. */
    record Merged(Optional<Endpoint> endpoint, List<String> notices) {}

    /**
     * Applies a change to what was set up before.
     *
     * @param kind {@code cups} or {@code lns}, how the parameters of the Owner API begin
     * @throws IllegalArgumentException if the result could harm the gateway or is incomplete; the
     *     message says why
     */
    static Merged merge(
            GatewayRow.EndpointKind kind, Optional<Endpoint> before, EndpointChange change) {
        if (change.isNone()) {
            return new Merged(before, List.of());
        }
        String name = kind.prefix;
        Optional<String> text =
                change.uri()
                        .over(before.map(endpoint -> endpoint.uri().toString()))
                        .filter(uri -> !uri.isEmpty());
        if (text.isEmpty()) {
            if (change.givesCredentials()) {
                throw new IllegalArgumentException(
                        name + "Uri is missing: credentials belong to a URI, send both");
            }
            return new Merged(Optional.empty(), List.of());
        }
        StationUri uri = parse(kind, text.get());
        if (!uri.isSecure()) {
            List<String> notices =
                    change.givesCredentials()
                            ? List.of(
                                    name
                                            + " credentials were left out: nothing is authenticated"
                                            + " over "
                                            + uri.scheme()
                                            + "://")
                            : List.of();
            return new Merged(Optional.of(new Endpoint(uri, Optional.empty())), notices);
        }
        Optional<CredentialFiles> files =
                before.flatMap(Endpoint::credentials).map(Credentials::files);
        Optional<byte[]> trust = part(change.trust(), files.map(CredentialFiles::trust));
        Optional<byte[]> certificate =
                part(change.certificate(), files.map(CredentialFiles::certificate));
        Optional<byte[]> key = part(change.key(), files.map(CredentialFiles::key));
        if (trust.isEmpty()) {
            throw new IllegalArgumentException(
                    name
                            + "Trust is missing: over "
                            + uri.scheme()
                            + "://"
                            + " the gateway needs the certificate that the server's chain ends in");
        }
        Credentials credentials;
        try {
            credentials = Credentials.of(trust.get(), certificate, key);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " " + e.getMessage(), e);
        }
        List<String> notices = new ArrayList<>();
        if (credentials instanceof Credentials.Token token && token.header().completed()) {
            notices.add("the CRLF missing at the end of " + name + "Key was added");
        }
        return new Merged(Optional.of(new Endpoint(uri, Optional.of(credentials))), notices);
    }

    private static StationUri parse(GatewayRow.EndpointKind kind, String text) {
        try {
            return switch (kind) {
                case CUPS -> StationUri.cups(text);
                case LNS -> StationUri.lns(text);
            };
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(kind.prefix + "Uri: " + e.getMessage(), e);
        }
    }

    private static Optional<byte[]> part(Setting<byte[]> setting, Optional<byte[]> before) {
        return setting.over(before).filter(bytes -> bytes.length > 0);
    }
}
