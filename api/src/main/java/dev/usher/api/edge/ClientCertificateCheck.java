package dev.usher.api.edge;

import dev.usher.lorawan.Sha256;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Asks a {@link ClientTrust} about client certificates and remembers who was trusted. Extends the
 * extended manager so that neither Netty nor the JDK wraps it in checks of their own; names no
 * accepted issuers, since there may be many and a station sends the only certificate it has anyway.
 */
final class ClientCertificateCheck extends X509ExtendedTrustManager {

    /** Some 15 MB when full; a network's gateways beyond that cost a verification each. */
    private static final int REMEMBERED = 100_000;

    private final ClientTrust trust;
    private final InstantSource clock;
    private final Map<Fingerprint, Trusted> trusted =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Fingerprint, Trusted> eldest) {
                    return size() > REMEMBERED;
                }
            };

    ClientCertificateCheck(ClientTrust trust, InstantSource clock) {
        this.trust = trust;
        this.clock = clock;
    }

    void check(X509Certificate[] chain) throws CertificateException {
        if (chain.length == 0) {
            throw new CertificateException("The client's certificate chain is empty.");
        }
        X509Certificate leaf = chain[0];
        Fingerprint fingerprint = Fingerprint.of(leaf);
        long revision = trust.revision();
        Instant now = clock.instant();
        synchronized (trusted) {
            Trusted known = trusted.get(fingerprint);
            if (known != null && known.revision == revision && now.isBefore(known.until)) {
                return;
            }
        }
        Instant notAfter = leaf.getNotAfter().toInstant();
        if (now.isAfter(notAfter)) {
            throw new CertificateExpiredException(
                    "The client's certificate expired at " + notAfter + ".");
        }
        Instant notBefore = leaf.getNotBefore().toInstant();
        if (now.isBefore(notBefore)) {
            throw new CertificateNotYetValidException(
                    "The client's certificate is valid from " + notBefore + " on.");
        }
        Instant until = trust.check(List.of(chain));
        synchronized (trusted) {
            trusted.put(
                    fingerprint,
                    new Trusted(until.isBefore(notAfter) ? until : notAfter, revision));
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
        SSLSession session = engine.getHandshakeSession();
        if (session != null) {
            // To the JDK's TLS this says: not to be resumed. BoringSSL is told by FullHandshakes.
            session.invalidate();
        }
    }

    @Override
    public void checkClientTrusted(
            X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw serversOnly();
    }

    @Override
    public void checkServerTrusted(
            X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw serversOnly();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw serversOnly();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private static CertificateException serversOnly() {
        return new CertificateException("This side is a server; it trusts no server.");
    }

    /** Trusted as long as the trust has this revision and the time has not come. */
    private record Trusted(Instant until, long revision) {}

    /** The SHA-256 of a certificate. */
    private record Fingerprint(long a, long b, long c, long d) {

        static Fingerprint of(X509Certificate certificate) throws CertificateException {
            ByteBuffer digest = ByteBuffer.wrap(Sha256.of(certificate.getEncoded()));
            return new Fingerprint(
                    digest.getLong(), digest.getLong(), digest.getLong(), digest.getLong());
        }
    }
}
