package dev.usher.api.edge;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * Says which client certificates are trusted. Asked during the TLS handshake on an event loop: it
 * answers from memory and does not block. Verifying one ECDSA signature costs about as much as the
 * rest of the handshake, so the edge remembers who was trusted and asks again only after
 * {@linkplain #check the time given}, or when {@link #revision()} has changed.
 */
public interface ClientTrust {

    /**
     * Checks who issued a client's certificate. The edge has already checked the leaf's own dates,
     * and TLS that the client holds its key.
     *
     * @param chain what the client sent, its own certificate first; often that one alone
     * @return how long this answer holds at most, for instance until the issuer expires; the edge
     *     never lets it hold longer than the leaf itself
     * @throws CertificateException if the certificate is not trusted; the handshake fails
     */
    Instant check(List<X509Certificate> chain) throws CertificateException;

    /**
     * A number that changes whenever {@link #check} may answer differently than before, for
     * instance because a CA was removed. Called on every handshake.
     */
    default long revision() {
        return 0;
    }
}
