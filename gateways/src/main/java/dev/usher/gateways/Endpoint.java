package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.gateways.GatewayRow.EndpointKind;
import dev.usher.station.AuthorizationHeader;
import dev.usher.station.CertificateDer;
import dev.usher.station.Credentials;
import dev.usher.station.PrivateKeyDer;
import dev.usher.station.StationUri;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

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

    /**
     * What a change makes of an endpoint.
     *
     * @param notices one sentence each on something that was put right on the way
     */
    record Merged(Optional<Endpoint> endpoint, List<String> notices) {}

    /**
     * Applies a change to what was set up before. Errors and notices name the parameters of the
     * Owner API: {@code cupsUri}, {@code cupsTrust}, {@code cupsCrt}, {@code cupsKey}.
     *
     * @throws IllegalArgumentException if the result could harm the gateway or is incomplete; the
     *     message says why
     */
    static Merged merge(
            EndpointKind kind,
            Optional<Endpoint> before,
            EndpointChange change,
            CredentialReader reader) {
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
        StationUri uri = named(name + "Uri", () -> kind.uri(text.get()));
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
        List<String> notices = new ArrayList<>();
        Optional<Credentials> current = before.flatMap(Endpoint::credentials);
        CertificateDer trust =
                trust(name, current, change, reader)
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                name
                                                        + "Trust is missing: over "
                                                        + uri.scheme()
                                                        + ":// the gateway needs the certificate"
                                                        + " that the server's chain ends in"));
        Credentials credentials =
                certificate(name, current, change, reader)
                        .map(own -> mutual(name, trust, own, current, change, reader))
                        .orElseGet(() -> withoutCertificate(name, trust, current, change, notices));
        return new Merged(Optional.of(new Endpoint(uri, Optional.of(credentials))), notices);
    }

    private static Optional<CertificateDer> trust(
            String name,
            Optional<Credentials> current,
            EndpointChange change,
            CredentialReader reader) {
        return change.trust().given()
                ? bytes(change.trust())
                        .map(der -> named(name + "Trust", () -> reader.certificate(der)))
                : current.map(Credentials::trust);
    }

    private static Optional<CertificateDer> certificate(
            String name,
            Optional<Credentials> current,
            EndpointChange change,
            CredentialReader reader) {
        if (change.certificate().given()) {
            return bytes(change.certificate())
                    .map(der -> named(name + "Crt", () -> reader.certificate(der)));
        }
        return current.flatMap(
                credentials ->
                        credentials instanceof Credentials.Mutual mutual
                                ? Optional.of(mutual.certificate())
                                : Optional.empty());
    }

    /** With a certificate the key is its private key. */
    private static Credentials mutual(
            String name,
            CertificateDer trust,
            CertificateDer own,
            Optional<Credentials> current,
            EndpointChange change,
            CredentialReader reader) {
        if (!change.key().given()
                && current.isPresent()
                && current.get() instanceof Credentials.Mutual mutual) {
            PrivateKeyDer kept = mutual.key();
            if (!own.equals(mutual.certificate()) && !kept.fits(own)) {
                throw new IllegalArgumentException(
                        name
                                + "Crt: the private key that was set up does not belong to the"
                                + " certificate: send both");
            }
            return named(name, () -> new Credentials.Mutual(trust, own, kept));
        }
        byte[] key =
                bytes(change.key())
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                name
                                                        + "Crt comes without its private key: send "
                                                        + name
                                                        + "Key with it"));
        PrivateKeyDer secret = named(name + "Key", () -> reader.key(key, own));
        return named(name, () -> new Credentials.Mutual(trust, own, secret));
    }

    /** Without a certificate the key is a header line, or there is none. */
    private static Credentials withoutCertificate(
            String name,
            CertificateDer trust,
            Optional<Credentials> current,
            EndpointChange change,
            List<String> notices) {
        if (change.key().given()) {
            Optional<byte[]> line = bytes(change.key());
            if (line.isEmpty()) {
                return named(name, () -> new Credentials.ServerAuth(trust));
            }
            AuthorizationHeader header =
                    named(name + "Key", () -> AuthorizationHeader.of(line.get()));
            if (header.completed()) {
                notices.add("the CRLF missing at the end of " + name + "Key was added");
            }
            return named(name, () -> new Credentials.Token(trust, header));
        }
        return switch (current.orElseGet(() -> new Credentials.ServerAuth(trust))) {
            case Credentials.ServerAuth _ -> named(name, () -> new Credentials.ServerAuth(trust));
            case Credentials.Token(_, AuthorizationHeader header) ->
                    named(name, () -> new Credentials.Token(trust, header));
            case Credentials.Mutual _ ->
                    throw new IllegalArgumentException(
                            name
                                    + "Key is the private key of the certificate that is taken"
                                    + " away: send an Authorization line instead, or clear it");
        };
    }

    /** Names the parameter that an error is about. */
    private static <T> T named(String parameter, Supplier<T> read) {
        try {
            return read.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(parameter + ": " + e.getMessage(), e);
        }
    }

    private static Optional<byte[]> bytes(Setting<byte[]> setting) {
        return setting.value().filter(bytes -> bytes.length > 0);
    }
}
