package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.api.edge.Request;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.CertificateRole;
import dev.usher.lorawan.Eui64;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Date;
import java.util.Optional;

/** Tells which gateway a client certificate stands for, on ports that let every certificate in. */
public final class StationCertificates {

    private final CertificateAuthority authority;
    private final InstantSource clock;

    /**
     * @param authority whose certificates count
     */
    public StationCertificates(CertificateAuthority authority, InstantSource clock) {
        this.authority = requireNonNull(authority, "authority");
        this.clock = requireNonNull(clock, "clock");
    }

    /** Empty if the request came with none, or with one that does not count now. */
    Optional<Eui64> gatewayOf(Request request) {
        return request.clientChain().stream().findFirst().flatMap(this::gatewayOf);
    }

    private Optional<Eui64> gatewayOf(X509Certificate certificate) {
        try {
            certificate.checkValidity(Date.from(clock.instant()));
        } catch (CertificateException e) {
            return Optional.empty();
        }
        return authority
                .holderOf(certificate)
                .filter(holder -> holder.role() == CertificateRole.GATEWAY)
                .map(holder -> Eui64.parse(holder.name()));
    }
}
