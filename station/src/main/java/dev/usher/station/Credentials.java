package dev.usher.station;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * How a gateway and the server of one URI know each other: the gateway the server by one trust
 * certificate, the server the gateway by a header line, by a client certificate, or not at all.
 *
 * <p>On the wire it is a blob of at most 65535 bytes, {@code trust | certificate | key}, in which
 * four zero bytes stand for an absent part. With them the CRC-32 of the blob is what the gateway
 * reports from then on.
 */
public sealed interface Credentials {

    /** What a gateway reports that has no credentials: the CRC-32 of 12 zero bytes. */
    int NONE_CRC = 0x7BD5C66F;

    /** The certificate the chain of the server must end in. */
    CertificateDer trust();

    /** The files that station makes of them. */
    CredentialFiles files();

    /** The bytes that are sent to the gateway. */
    default byte[] blob() {
        return files().blob();
    }

    /** The CRC-32 of the blob, which the gateway reports once it has it. */
    default int crc() {
        return files().crc();
    }

    /** The gateway checks the server; the server does not know the gateway. */
    record ServerAuth(CertificateDer trust) implements Credentials {

        public ServerAuth {
            checkSize(requireNonNull(trust, "trust").length() + 8);
        }

        @Override
        public CredentialFiles files() {
            return new CredentialFiles(trust.bytes(), new byte[0], new byte[0]);
        }
    }

    /** The gateway sends a header line with every request. */
    record Token(CertificateDer trust, AuthorizationHeader header) implements Credentials {

        public Token {
            requireNonNull(header, "header");
            checkSize(requireNonNull(trust, "trust").length() + 4 + header.length());
        }

        @Override
        public CredentialFiles files() {
            return new CredentialFiles(trust.bytes(), new byte[0], header.bytes());
        }
    }

    /** The gateway has a client certificate. */
    record Mutual(CertificateDer trust, CertificateDer certificate, PrivateKeyDer key)
            implements Credentials {

        public Mutual {
            requireNonNull(trust, "trust");
            requireNonNull(certificate, "certificate");
            requireNonNull(key, "key");
            checkSize(trust.length() + certificate.length() + key.length());
        }

        @Override
        public CredentialFiles files() {
            return new CredentialFiles(trust.bytes(), certificate.bytes(), key.bytes());
        }
    }

    /**
     * Credentials as an owner gives them: with a certificate the key is its private key; without
     * one the key is a header line, or absent.
     *
     * @param trust one certificate, DER or PEM
     * @param certificate the client certificate, DER or PEM; no bytes count as absent
     * @param key the private key, DER or PEM, or the header line {@code Name: value}; no bytes
     *     count as absent
     * @throws IllegalArgumentException if one of them is not fit for station, a certificate has no
     *     key, the key does not belong to it, or all together are too large; the message says which
     *     and why
     */
    static Credentials of(byte[] trust, Optional<byte[]> certificate, Optional<byte[]> key) {
        Optional<byte[]> ownBytes = certificate.filter(bytes -> bytes.length > 0);
        Optional<byte[]> keyBytes = key.filter(bytes -> bytes.length > 0);
        CertificateDer trusted = part("trust", () -> CertificateDer.of(trust));
        if (ownBytes.isEmpty()) {
            return keyBytes.map(line -> part("key", () -> AuthorizationHeader.of(line)))
                    .<Credentials>map(header -> new Token(trusted, header))
                    .orElseGet(() -> new ServerAuth(trusted));
        }
        CertificateDer own = part("certificate", () -> CertificateDer.of(ownBytes.get()));
        PrivateKeyDer secret =
                keyBytes.map(bytes -> part("key", () -> PrivateKeyDer.of(bytes)))
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "certificate: it comes without its private key;"
                                                        + " give both or neither"));
        if (!secret.fits(own)) {
            throw new IllegalArgumentException(
                    "key: the private key does not belong to the certificate");
        }
        return new Mutual(trusted, own, secret);
    }

    private static <T> T part(String name, Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
    }

    private static void checkSize(int length) {
        if (length > CertificateDer.LARGEST) {
            throw new IllegalArgumentException(
                    "credentials of %d bytes: station is sent at most %d; use smaller certificates"
                            .formatted(length, CertificateDer.LARGEST));
        }
    }

    /**
     * Reads a blob that {@link #blob()} wrote. It is cut as station cuts it; certificates are not
     * looked into again.
     *
     * @throws MalformedMessageException if station would ignore the blob, or it is no credentials
     */
    static Credentials parseBlob(byte[] blob) {
        CredentialFiles files = CredentialFiles.split(blob);
        CertificateDer trust = CertificateDer.ofBlob(files.trust());
        byte[] certificate = files.certificate();
        byte[] key = files.key();
        try {
            if (certificate.length == 0) {
                return key.length == 0
                        ? new ServerAuth(trust)
                        : new Token(trust, AuthorizationHeader.of(key));
            }
            return new Mutual(trust, CertificateDer.ofBlob(certificate), PrivateKeyDer.ofBlob(key));
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException("credential blob: " + e.getMessage(), e);
        }
    }
}
