package dev.usher.devices;

import dev.usher.keys.SecretHash;
import dev.usher.lorawan.Kek;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/** A peer with what it is recognised by. {@link Peer} is what others see of it. */
final class StoredPeer {

    private static final int DNS_NAME = 2;
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String ANY_PURPOSE = "2.5.29.37.0";
    private static final int MOST_CERTIFICATES_REMEMBERED = 1000;

    /** A KEK of the peer, ready for use. */
    record StoredKek(String label, Kek kek, Instant from) {}

    private final String name;
    private final PeerSettings settings;
    private final Optional<PeerCredential.ClientCertificate> certificate;
    private final Optional<byte[]> bearerHash;
    private final Optional<String> user;
    private final Optional<byte[]> passwordHash;
    private final List<StoredKek> keks;
    private final Peer view;

    /** Certificates whose chain was found good, until they end: checking one costs milliseconds. */
    private final Map<X509Certificate, Instant> goodUntil = new ConcurrentHashMap<>();

    /** The header that was found right, since asking the vault each time would cost more. */
    private volatile byte @Nullable [] rightHeader;

    StoredPeer(
            String name,
            PeerSettings settings,
            Optional<PeerCredential.ClientCertificate> certificate,
            Optional<byte[]> bearerHash,
            Optional<String> user,
            Optional<byte[]> passwordHash,
            List<StoredKek> keks,
            Instant createdAt) {
        this.name = name;
        this.settings = settings;
        this.certificate = certificate;
        this.bearerHash = bearerHash;
        this.user = user;
        this.passwordHash = passwordHash;
        this.keks = keks;
        this.view =
                new Peer(
                        name,
                        settings,
                        certificate,
                        bearerHash.isPresent(),
                        user,
                        keks.stream()
                                .map(
                                        kek ->
                                                new Peer.PeerKek(
                                                        kek.label(), kek.kek().bits(), kek.from()))
                                .toList(),
                        createdAt);
    }

    String name() {
        return name;
    }

    PeerSettings settings() {
        return settings;
    }

    List<StoredKek> keks() {
        return keks;
    }

    Peer view() {
        return view;
    }

    /** What keys for the peer are wrapped with now: of the KEKs that are due, the last. */
    Optional<StoredKek> kekAt(Instant now) {
        return keks.stream()
                .filter(kek -> !kek.from().isAfter(now))
                .reduce((earlier, later) -> later);
    }

    boolean isAt(String path) {
        return settings.pathPrefix().filter(prefix -> !isBelow(prefix, path)).isEmpty();
    }

    /** {@code /a} is the beginning of {@code /a} and {@code /a/b}, and not of {@code /ab}. */
    private static boolean isBelow(String prefix, String path) {
        return path.startsWith(prefix)
                && (prefix.endsWith("/")
                        || path.length() == prefix.length()
                        || path.charAt(prefix.length()) == '/');
    }

    boolean isProven(PeerProof proof, SecretHash hashes, Instant now) {
        return isProvenBy(proof.chain(), now)
                || proof.authorization().filter(header -> isProvenBy(header, hashes)).isPresent();
    }

    /** Whether the same proof was found right before; to be told from memory. */
    boolean isRecognised(PeerProof proof, Instant now) {
        return isRecognised(proof.chain(), now)
                || proof.authorization().filter(this::isRecognised).isPresent();
    }

    private boolean isRecognised(String header) {
        byte[] known = rightHeader;
        return known != null
                && MessageDigest.isEqual(known, header.getBytes(StandardCharsets.UTF_8));
    }

    private boolean isRecognised(List<X509Certificate> chain, Instant now) {
        if (chain.isEmpty() || certificate.isEmpty()) {
            return false;
        }
        Instant until = goodUntil.get(chain.getFirst());
        return until != null && now.isBefore(until);
    }

    private boolean isProvenBy(String header, SecretHash hashes) {
        if (isRecognised(header)) {
            return true;
        }
        int blank = header.indexOf(' ');
        if (blank < 0) {
            return false;
        }
        String credentials = header.substring(blank + 1).strip();
        boolean right =
                switch (header.substring(0, blank).toLowerCase(Locale.ROOT)) {
                    case "bearer" -> isHashed(bearerHash, "peer-bearer", credentials, hashes);
                    case "basic" -> isUserAndPassword(credentials, hashes);
                    default -> false;
                };
        if (right) {
            rightHeader = header.getBytes(StandardCharsets.UTF_8);
        }
        return right;
    }

    private boolean isUserAndPassword(String base64, SecretHash hashes) {
        String text;
        try {
            text = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return false;
        }
        int colon = text.indexOf(':');
        return colon > 0
                && user.filter(text.substring(0, colon)::equals).isPresent()
                && isHashed(passwordHash, "peer-basic", text.substring(colon + 1), hashes);
    }

    private static boolean isHashed(
            Optional<byte[]> hash, String purpose, String secret, SecretHash hashes) {
        return hash.filter(
                        stored ->
                                hashes.matches(
                                        purpose, stored, secret.getBytes(StandardCharsets.UTF_8)))
                .isPresent();
    }

    private boolean isProvenBy(List<X509Certificate> chain, Instant now) {
        if (chain.isEmpty() || certificate.isEmpty()) {
            return false;
        }
        if (isRecognised(chain, now)) {
            return true;
        }
        X509Certificate own = chain.getFirst();
        boolean good =
                isForClients(own)
                        && isFor(own, certificate.get().san())
                        && endsIn(certificate.get().authority(), chain, now);
        if (good && goodUntil.size() < MOST_CERTIFICATES_REMEMBERED) {
            goodUntil.put(
                    own,
                    chain.stream()
                            .map(link -> link.getNotAfter().toInstant())
                            .min(Instant::compareTo)
                            .orElseThrow());
        }
        return good;
    }

    private static boolean endsIn(
            X509Certificate authority, List<X509Certificate> chain, Instant at) {
        try {
            PKIXParameters parameters =
                    new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(at));
            authority.checkValidity(Date.from(at));
            List<X509Certificate> below =
                    chain.stream().filter(link -> !link.equals(authority)).toList();
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509").generateCertPath(below),
                            parameters);
            return !below.isEmpty();
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Whether it says so, or does not say what it is for (RFC 5280 section 4.2.1.12). */
    private static boolean isForClients(X509Certificate certificate) {
        try {
            List<String> purposes = certificate.getExtendedKeyUsage();
            return purposes == null
                    || purposes.contains(CLIENT_AUTH)
                    || purposes.contains(ANY_PURPOSE);
        } catch (CertificateParsingException e) {
            return false;
        }
    }

    private static boolean isFor(X509Certificate certificate, Optional<String> pattern) {
        return pattern.isEmpty()
                || names(certificate).stream().anyMatch(name -> fits(pattern.get(), name));
    }

    /** Its DNS names; its CN only if it has none. */
    private static List<String> names(X509Certificate certificate) {
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            List<String> names =
                    alternatives == null
                            ? List.of()
                            : alternatives.stream()
                                    .filter(entry -> entry.getFirst().equals(DNS_NAME))
                                    .map(entry -> String.valueOf(entry.get(1)))
                                    .toList();
            return names.isEmpty() ? commonNames(certificate) : names;
        } catch (CertificateParsingException | InvalidNameException e) {
            return List.of();
        }
    }

    private static List<String> commonNames(X509Certificate certificate)
            throws InvalidNameException {
        return new LdapName(certificate.getSubjectX500Principal().getName())
                .getRdns().stream()
                        .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
                        .map(Rdn::getValue)
                        .map(String::valueOf)
                        .toList();
    }

    private static boolean fits(String pattern, String name) {
        if (pattern.startsWith("*.")) {
            int dot = name.indexOf('.');
            return dot > 0 && name.substring(dot).equalsIgnoreCase(pattern.substring(1));
        }
        return pattern.equalsIgnoreCase(name);
    }
}
