package dev.usher.api.edge;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * How a listener speaks TLS. TLS 1.2 and 1.3 only, key exchange on P-256 and X25519 only, AEAD
 * cipher suites with forward secrecy only; every station and every current client has these.
 *
 * @param certificate what the server shows
 * @param clients who says which client certificates are trusted. Present: the client is asked for
 *     one and may have none, but an untrusted one fails the handshake. Absent: none is asked for.
 */
public record TlsOptions(ServerCertificate certificate, Optional<ClientTrust> clients) {

    public TlsOptions {
        requireNonNull(certificate, "certificate");
        requireNonNull(clients, "clients");
    }

    /** TLS without client certificates. */
    public static TlsOptions of(ServerCertificate certificate) {
        return new TlsOptions(certificate, Optional.empty());
    }

    /** TLS that asks for a client certificate and lets {@code trust} judge it. */
    public static TlsOptions of(ServerCertificate certificate, ClientTrust trust) {
        return new TlsOptions(certificate, Optional.of(trust));
    }
}
