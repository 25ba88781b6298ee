package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.usher.accounts.Fingerprint;
import dev.usher.accounts.OwnerCertificates;
import dev.usher.accounts.OwnerId;
import dev.usher.lorawan.Eui64;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Tells which gateway a client certificate stands for, and whether whoever issued it may say so:
 * the built-in authority for every gateway, a maker's for the gateways of its batch, an owner's for
 * the gateways it has claimed.
 *
 * <p>A gateway sends one certificate and no chain, so its issuer must be one of these itself
 * (basics-station.md 3.7).
 */
public final class GatewayCertificates {

    private static final String CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2";
    private static final int DNS_NAME = 2;
    private static final int URI = 6;
    private static final Duration REFRESH = Duration.ofSeconds(2);

    /**
     * A signature costs more than all the rest of a check-in to verify; a gateway comes back every
     * day with the same certificate.
     */
    private static final int MOST_REMEMBERED = 1_000_000;

    private final X509Certificate builtIn;
    private final Batches batches;
    private final OwnerCertificates owners;
    private final InstantSource clock;
    private volatile Anchors anchors;

    public GatewayCertificates(
            X509Certificate builtIn,
            Batches batches,
            OwnerCertificates owners,
            InstantSource clock) {
        this.builtIn = requireNonNull(builtIn, "builtIn");
        this.batches = requireNonNull(batches, "batches");
        this.owners = requireNonNull(owners, "owners");
        this.clock = requireNonNull(clock, "clock");
        this.anchors = load();
    }

    /** An authority, and for which gateways it may speak; for all if for nobody in particular. */
    private record Anchor(
            X509Certificate certificate, Optional<String> batch, Optional<OwnerId> owner) {
        boolean speaksFor(Optional<Batch> of, Optional<OwnerId> claimedBy) {
            return (batch.isEmpty() || batch.equals(of.map(Batch::name)))
                    && (owner.isEmpty() || owner.equals(claimedBy));
        }
    }

    private record Anchors(
            long loadedAt, List<Anchor> all, Cache<Fingerprint, List<Anchor>> verified) {}

    /** Whether the certificate stands for this gateway now. */
    boolean standsFor(
            X509Certificate certificate,
            Eui64 eui,
            Optional<Batch> batch,
            Optional<OwnerId> owner) {
        Instant now = clock.instant();
        return isValidAt(certificate, now)
                && euis(certificate).contains(eui)
                && issuers(certificate).stream()
                        .anyMatch(
                                anchor ->
                                        isValidAt(anchor.certificate(), now)
                                                && anchor.speaksFor(batch, owner));
    }

    static boolean isValidAt(X509Certificate certificate, Instant now) {
        return !now.isBefore(certificate.getNotBefore().toInstant())
                && !now.isAfter(certificate.getNotAfter().toInstant());
    }

    private List<Anchor> issuers(X509Certificate certificate) {
        if (certificate.getBasicConstraints() >= 0 || !mayBeClient(certificate)) {
            return List.of();
        }
        Anchors current = current();
        return current.verified()
                .get(
                        Fingerprint.of(certificate),
                        _ ->
                                current.all().stream()
                                        .filter(
                                                anchor ->
                                                        isSignedBy(
                                                                certificate, anchor.certificate()))
                                        .toList());
    }

    private static boolean mayBeClient(X509Certificate certificate) {
        try {
            List<String> usages = certificate.getExtendedKeyUsage();
            return usages == null || usages.contains(CLIENT_AUTHENTICATION);
        } catch (CertificateParsingException e) {
            return false;
        }
    }

    private static boolean isSignedBy(X509Certificate certificate, X509Certificate issuer) {
        if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
            return false;
        }
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /**
     * The EUIs a certificate names: its CN, and the DNS names and URIs among its alternative names,
     * as far as they are EUIs.
     */
    static Set<Eui64> euis(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            for (Rdn rdn :
                    new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (rdn.getType().equalsIgnoreCase("CN")) {
                    names.add(String.valueOf(rdn.getValue()));
                }
            }
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> name : alternatives) {
                    if (name.get(0) instanceof Integer type && (type == DNS_NAME || type == URI)) {
                        names.add(String.valueOf(name.get(1)));
                    }
                }
            }
        } catch (InvalidNameException | CertificateParsingException e) {
            return Set.of();
        }
        Set<Eui64> euis = new HashSet<>();
        for (String name : names) {
            try {
                euis.add(Eui64.parse(name));
            } catch (IllegalArgumentException notAnEui) {
                // Other names in a certificate are nobody's business here.
            }
        }
        return euis;
    }

    private Anchors current() {
        Anchors current = anchors;
        if (System.nanoTime() - current.loadedAt() > REFRESH.toNanos()) {
            synchronized (this) {
                if (anchors.loadedAt() == current.loadedAt()) {
                    Anchors loaded = load();
                    anchors =
                            loaded.all().equals(current.all())
                                    ? new Anchors(
                                            loaded.loadedAt(), current.all(), current.verified())
                                    : loaded;
                }
            }
        }
        return anchors;
    }

    private Anchors load() {
        List<Anchor> all = new ArrayList<>();
        all.add(new Anchor(builtIn, Optional.empty(), Optional.empty()));
        for (Batch batch : batches.current().all()) {
            batch.makerCa()
                    .ifPresent(
                            ca ->
                                    all.add(
                                            new Anchor(
                                                    ca,
                                                    Optional.of(batch.name()),
                                                    Optional.empty())));
        }
        for (OwnerCertificates.GatewayCa ca : owners.gatewayCas()) {
            all.add(new Anchor(ca.certificate(), Optional.empty(), Optional.of(ca.owner())));
        }
        return new Anchors(
                System.nanoTime(),
                List.copyOf(all),
                Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).build());
    }
}
