package dev.usher.cli;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** The TLS side of a connection: whom it trusts, and as whom it shows itself. */
final class Tls {

    private Tls() {}

    /** A client certificate with what its server needs to verify it, and its private key. */
    record Identity(List<X509Certificate> chain, PrivateKey key) {

        @Override
        public String toString() {
            return "Identity[" + chain.getFirst().getSubjectX500Principal() + "]";
        }
    }

    /**
     * @param authorities the only ones trusted; empty for those the system trusts
     */
    static SSLContext context(List<X509Certificate> authorities, Optional<Identity> identity) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    identity.isEmpty() ? null : keyManagers(identity.get()),
                    authorities.isEmpty() ? null : trustManagers(authorities),
                    null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new Failure(
                    "This Java cannot use these certificates: " + e.getMessage() + ".", e);
        }
    }

    private static TrustManager[] trustManagers(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("ca-" + i, authorities.get(i));
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager[] keyManagers(Identity identity)
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
