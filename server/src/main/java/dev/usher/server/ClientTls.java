package dev.usher.server;

import dev.usher.api.edge.ServerCertificate;
import dev.usher.server.config.UsherConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

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
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    identity.isPresent() ? keyManagers(key, identity.get()) : null,
                    trustManagers(authorities),
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(key + ": TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trustManagers(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        if (authorities.isEmpty()) {
            factory.init((@Nullable KeyStore) null);
        } else {
            KeyStore store = emptyStore();
            for (X509Certificate authority : authorities) {
                store.setCertificateEntry("ca-" + store.size(), authority);
            }
            factory.init(store);
        }
        return factory.getTrustManagers();
    }

    private static KeyManager[] keyManagers(String key, UsherConfig.Tls identity)
            throws GeneralSecurityException, IOException {
        ServerCertificate certificate;
        try {
            certificate =
                    ServerCertificate.ofPem(
                            text(key + ".certificate", identity.certificate()),
                            text(key + ".key", identity.key()));
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    key + ": the client certificate cannot be used: " + e.getMessage(), e);
        }
        // The store never leaves this process, so its password protects nothing.
        char[] password = new char[0];
        KeyStore store = emptyStore();
        store.setKeyEntry(
                "client",
                certificate.key(),
                password,
                certificate.chain().toArray(Certificate[]::new));
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, password);
        return factory.getKeyManagers();
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load((KeyStore.@Nullable LoadStoreParameter) null);
        return store;
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
