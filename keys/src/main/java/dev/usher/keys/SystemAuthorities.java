package dev.usher.keys;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The certificate authorities that Java trusts on this system. */
public final class SystemAuthorities {

    private SystemAuthorities() {}

    /** They and some more. */
    public static Set<X509Certificate> and(Collection<X509Certificate> more) {
        Set<X509Certificate> all = new HashSet<>(more);
        try {
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((@Nullable KeyStore) null);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager system) {
                    all.addAll(List.of(system.getAcceptedIssuers()));
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Java has certificate authorities that it trusts", e);
        }
        return all;
    }
}
