package dev.usher.server;

import dev.usher.api.edge.ServerCertificate;
import dev.usher.interop.ClientIdentity;
import dev.usher.interop.Tls;
import dev.usher.server.config.UsherConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** How other servers are reached over TLS: whom to trust, and as whom they see this one. */
final class ClientTls {

    private ClientTls() {}

    /**
     * @param key what the files are called in the configuration, for messages
     * @param ca authorities in PEM; those the system trusts if empty
     * @throws IOException if a file cannot be used; the message says why
     */
    static SSLContext context(String key, Optional<Path> ca, Optional<UsherConfig.Tls> identity)
            throws IOException {
        List<X509Certificate> authorities =
                ca.isPresent() ? authorities(key + ".ca", ca.get()) : List.of();
        Optional<ClientIdentity> client =
                identity.isPresent()
                        ? Optional.of(identity(key + ".", identity.get()))
                        : Optional.empty();
        try {
            return Tls.of(authorities, client).context();
        } catch (IllegalStateException e) {
            throw new IOException(key + ": " + e.getMessage(), e);
        }
    }

    /**
     * A client certificate and its key.
     *
     * @param prefix what the names of both files begin with in the configuration
     */
    static ClientIdentity identity(String prefix, UsherConfig.Tls files) throws IOException {
        try {
            ServerCertificate certificate =
                    ServerCertificate.ofPem(
                            text(prefix + "certificate", files.certificate()),
                            text(prefix + "key", files.key()));
            return new ClientIdentity(certificate.chain(), certificate.key());
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    prefix
                            + "certificate: the client certificate cannot be used: "
                            + e.getMessage(),
                    e);
        }
    }

    /**
     * The certificates in a PEM file.
     *
     * @param key what the file is called in the configuration
     */
    static List<X509Certificate> authorities(String key, Path file) throws IOException {
        try (InputStream pem = Files.newInputStream(file)) {
            List<X509Certificate> authorities =
                    CertificateFactory.getInstance("X.509").generateCertificates(pem).stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (authorities.isEmpty()) {
                throw new CertificateException("it is empty");
            }
            return authorities;
        } catch (NoSuchFileException e) {
            throw new IOException("%s: there is no file '%s'".formatted(key, file), e);
        } catch (CertificateException e) {
            throw new IOException("%s: '%s' holds no certificates in PEM".formatted(key, file), e);
        }
    }

    /**
     * What a file says, without white space around it.
     *
     * @param key what the file is called in the configuration
     */
    static String text(String key, Path file) throws IOException {
        try {
            return Files.readString(file).strip();
        } catch (NoSuchFileException e) {
            throw new IOException("%s: there is no file '%s'".formatted(key, file), e);
        } catch (IOException e) {
            throw new IOException(
                    "%s: '%s' cannot be read: %s".formatted(key, file, e.getMessage()), e);
        }
    }
}
