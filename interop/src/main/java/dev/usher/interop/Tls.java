package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The TLS side of a server that we reach: whom we trust to be it, and as whom it sees us. */
public final class Tls {

    private static final int DNS_NAME = 2;

    private final SSLContext context;
    private final X509TrustManager trust;

    private Tls(SSLContext context, X509TrustManager trust) {
        this.context = requireNonNull(context, "context");
        this.trust = requireNonNull(trust, "trust");
    }

    /**
     * Puts it together.
     *
     * @param authorities the only ones trusted; empty for those the system trusts
     * @throws IllegalStateException if this Java can do nothing with these certificates or this key
     */
    public static Tls of(List<X509Certificate> authorities, Optional<ClientIdentity> identity) {
        try {
            X509TrustManager trust = trust(authorities);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    identity.isEmpty() ? null : keyManagers(identity.get()),
                    new TrustManager[] {trust},
                    null);
            return new Tls(context, trust);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(
                    "TLS cannot be set up with these certificates: " + e.getMessage(), e);
        }
    }

    public SSLContext context() {
        return context;
    }

    /** Whether this is the client certificate of a host, from an authority that is trusted. */
    boolean isClient(String host, List<X509Certificate> chain) {
        if (chain.isEmpty() || !names(chain.getFirst(), host)) {
            return false;
        }
        try {
            trust.checkClientTrusted(
                    chain.toArray(X509Certificate[]::new),
                    chain.getFirst().getPublicKey().getAlgorithm());
            return true;
        } catch (CertificateException e) {
            return false;
        }
    }

    private static boolean names(X509Certificate certificate, String host) {
        String name = host.toLowerCase(Locale.ROOT);
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names != null
                    && names.stream()
                            .anyMatch(
                                    each ->
                                            each.getFirst().equals(DNS_NAME)
                                                    && name.equals(
                                                            String.valueOf(each.get(1))
                                                                    .toLowerCase(Locale.ROOT)));
        } catch (CertificateParsingException e) {
            return false;
        }
    }

    private static X509TrustManager trust(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        if (authorities.isEmpty()) {
            factory.init((@Nullable KeyStore) null);
        } else {
            KeyStore store = emptyStore();
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("ca-" + i, authorities.get(i));
            }
            factory.init(store);
        }
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                return x509;
            }
        }
        throw new GeneralSecurityException("there is no trust manager for X.509");
    }

    private static KeyManager[] keyManagers(ClientIdentity identity)
            throws GeneralSecurityException, IOException {
        // The store never leaves this process, so its password protects nothing.
        char[] password = new char[0];
        KeyStore store = emptyStore();
        store.setKeyEntry(
                "client", identity.key(), password, identity.chain().toArray(Certificate[]::new));
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
}
