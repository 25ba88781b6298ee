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
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;

/**
 * Tells which gateway a client certificate stands for, and whether whoever issued it may say so:
 * the built-in authority for every gateway, a maker's for the gateways of its batch, an owner's for
 * the gateways it has claimed.
 *
 * <p>A gateway sends one certificate and no chain, so its issuer must be one of these itself
 * (basics-station.md 3.7).
 */
final class GatewayCertificates {

    private static final String CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2";
    private static final int DNS_NAME = 2;
    private static final int URI = 6;

    /**
     * The OU of what the built-in authority issues to gateways. It issues to owners as well, and
     * the id of an owner reads like that of a gateway.
     */
    private static final String GATEWAY_UNIT = "gateway";

    /**
     * A signature costs more than all the rest of a check-in to verify, and a gateway comes back
     * every day with the same certificate.
     */
    private static final int MOST_REMEMBERED = 1_000_000;

    private final X509Certificate builtIn;
    private final Batches batches;
    private final OwnerCertificates owners;
    private final InstantSource clock;
    private final AtomicReference<Anchors> anchors;
    private final AtomicBoolean refreshing = new AtomicBoolean();

    GatewayCertificates(
            X509Certificate builtIn,
            Batches batches,
            OwnerCertificates owners,
            InstantSource clock) {
        this.builtIn = requireNonNull(builtIn, "builtIn");
        this.batches = requireNonNull(batches, "batches");
        this.owners = requireNonNull(owners, "owners");
        this.clock = requireNonNull(clock, "clock");
        this.anchors = new AtomicReference<>(load(batches.current()));
    }

    /** An authority that may speak for some gateways, or for all of them. */
    private sealed interface Anchor {

        X509Certificate certificate();

        boolean speaksFor(X509Certificate gateway, Optional<Batch> of, Optional<OwnerId> claimedBy);
    }

    private record BuiltIn(X509Certificate certificate) implements Anchor {
        @Override
        public boolean speaksFor(
                X509Certificate gateway, Optional<Batch> of, Optional<OwnerId> claimedBy) {
            return subject(gateway, "OU").equals(List.of(GATEWAY_UNIT));
        }
    }

    private record Maker(X509Certificate certificate, String batch) implements Anchor {
        @Override
        public boolean speaksFor(
                X509Certificate gateway, Optional<Batch> of, Optional<OwnerId> claimedBy) {
            return of.filter(b -> b.name().equals(batch)).isPresent();
        }
    }

    private record OwnersOwn(X509Certificate certificate, OwnerId owner) implements Anchor {
        @Override
        public boolean speaksFor(
                X509Certificate gateway, Optional<Batch> of, Optional<OwnerId> claimedBy) {
            return claimedBy.filter(owner::equals).isPresent();
        }
    }

    /**
     * @param as as of which batches; they are read again every two seconds, and so are the owners'
     * @param verified the certificates that were found to be issued by one of all, or several
     */
    private record Anchors(
            Batches.ByEui as, List<Anchor> all, Cache<Fingerprint, List<Anchor>> verified) {}

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
                                                && anchor.speaksFor(certificate, batch, owner));
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
        Fingerprint fingerprint = Fingerprint.of(certificate);
        List<Anchor> known = current.verified().getIfPresent(fingerprint);
        if (known != null) {
            return known;
        }
        List<Anchor> issuers =
                current.all().stream()
                        .filter(anchor -> isSignedBy(certificate, anchor.certificate()))
                        .toList();
        // Strangers' certificates are not remembered: there is no end to them.
        if (!issuers.isEmpty()) {
            current.verified().put(fingerprint, issuers);
        }
        return issuers;
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
        List<String> names = new ArrayList<>(subject(certificate, "CN"));
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> name : alternatives) {
                    if (name.get(0) instanceof Integer type && (type == DNS_NAME || type == URI)) {
                        names.add(String.valueOf(name.get(1)));
                    }
                }
            }
        } catch (CertificateParsingException e) {
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

    /** The values of one attribute of the subject, such as CN; empty if it cannot be read. */
    private static List<String> subject(X509Certificate certificate, String attribute) {
        try {
            return new LdapName(certificate.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .filter(rdn -> rdn.getType().equalsIgnoreCase(attribute))
                            .map(rdn -> String.valueOf(rdn.getValue()))
                            .toList();
        } catch (InvalidNameException e) {
            return List.of();
        }
    }

    private Anchors current() {
        Batches.ByEui now = batches.current();
        Anchors current = anchors.get();
        if (current.as() != now && refreshing.compareAndSet(false, true)) {
            try {
                Anchors loaded = load(now);
                anchors.set(
                        loaded.all().equals(current.all())
                                ? new Anchors(now, current.all(), current.verified())
                                : loaded);
            } finally {
                refreshing.set(false);
            }
        }
        return anchors.get();
    }

    private Anchors load(Batches.ByEui as) {
        List<Anchor> all = new ArrayList<>();
        all.add(new BuiltIn(builtIn));
        for (Batch batch : as.all()) {
            batch.makerCa().ifPresent(ca -> all.add(new Maker(ca, batch.name())));
        }
        for (OwnerCertificates.GatewayCa ca : owners.gatewayCas()) {
            all.add(new OwnersOwn(ca.certificate(), ca.owner()));
        }
        return new Anchors(
                as, List.copyOf(all), Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).build());
    }
}
