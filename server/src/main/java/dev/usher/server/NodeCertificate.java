package dev.usher.server;

import static java.util.Objects.requireNonNull;

import dev.usher.api.edge.ServerCertificate;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.IssuedCertificate;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The certificate this node shows: the operator's, read anew when its files change, or one that the
 * built-in authority issues and renews in good time.
 */
final class NodeCertificate {

    private static final Duration LIFETIME = Duration.ofDays(397);
    private static final Duration RENEWED_BEFORE = Duration.ofDays(90);

    private final CertificateAuthority authority;
    private final DataDirectory directory;
    private final String hostname;
    private final Optional<Files> files;
    private final InstantSource clock;
    private volatile @Nullable ServerCertificate last;

    /** The operator's certificate chain and key, in PEM. */
    record Files(Path certificate, Path key) {
        Files {
            requireNonNull(certificate, "certificate");
            requireNonNull(key, "key");
        }
    }

    NodeCertificate(
            CertificateAuthority authority,
            DataDirectory directory,
            String hostname,
            Optional<Files> files,
            InstantSource clock) {
        this.authority = requireNonNull(authority, "authority");
        this.directory = requireNonNull(directory, "directory");
        this.hostname = requireNonNull(hostname, "hostname");
        this.files = requireNonNull(files, "files");
        this.clock = requireNonNull(clock, "clock");
    }

    /** The certificate to show now; ask again every few hours. */
    ServerCertificate current() {
        ServerCertificate current = files.map(NodeCertificate::read).orElseGet(this::ownOrIssued);
        last = current;
        return current;
    }

    /**
     * What a gateway must trust to talk to this node: the built-in authority, or the end of the
     * operator's chain as it was last read.
     */
    X509Certificate trust() {
        if (files.isEmpty()) {
            return authority.certificate();
        }
        ServerCertificate read = last;
        return (read == null ? current() : read).chain().getLast();
    }

    private static ServerCertificate read(Files files) {
        String certificate =
                DataDirectory.read(files.certificate())
                        .orElseThrow(
                                () ->
                                        new StartupException(
                                                "the TLS certificate "
                                                        + files.certificate()
                                                        + " does not exist"));
        String key =
                DataDirectory.read(files.key())
                        .orElseThrow(
                                () ->
                                        new StartupException(
                                                "the TLS key " + files.key() + " does not exist"));
        return parse(files.certificate(), certificate, key);
    }

    private static ServerCertificate parse(Path file, String certificate, String key) {
        try {
            return ServerCertificate.ofPem(certificate, key);
        } catch (IllegalArgumentException e) {
            throw new StartupException(
                    "the TLS certificate " + file + " cannot be used: " + e.getMessage(), e);
        }
    }

    private ServerCertificate ownOrIssued() {
        Optional<String> certificate = DataDirectory.read(directory.serverCertificate());
        Optional<String> key = DataDirectory.read(directory.serverKey());
        if (certificate.isPresent() && key.isPresent()) {
            ServerCertificate own =
                    parse(directory.serverCertificate(), certificate.get(), key.get());
            if (isStillGood(own.chain().getFirst())) {
                return own;
            }
        }
        IssuedCertificate issued = authority.issueServer(names(), LIFETIME);
        // The certificate goes last: without it, a key that has no certificate yet is replaced the
        // next time.
        DataDirectory.write(directory.serverKey(), issued.privateKeyPem());
        DataDirectory.write(directory.serverCertificate(), issued.certificatePem());
        return ServerCertificate.of(issued.certificate(), issued.privateKey());
    }

    private List<String> names() {
        return hostname.equals("localhost")
                ? List.of("localhost", "127.0.0.1", "::1")
                : List.of(hostname, "localhost");
    }

    private boolean isStillGood(X509Certificate certificate) {
        Instant now = clock.instant();
        return isIssuedBy(certificate, authority.certificate())
                // One that was issued while the clock was ahead would be refused until then.
                && !certificate.getNotBefore().toInstant().isAfter(now)
                && certificate.getNotAfter().toInstant().isAfter(now.plus(RENEWED_BEFORE))
                && names(certificate).contains(hostname);
    }

    private static boolean isIssuedBy(X509Certificate certificate, X509Certificate issuer) {
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static List<String> names(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream().map(name -> String.valueOf(name.get(1))).toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }
}
