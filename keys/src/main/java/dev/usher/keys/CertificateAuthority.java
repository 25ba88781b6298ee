package dev.usher.keys;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The built-in certificate authority: one self-signed root that issues directly to servers,
 * gateways and owners.
 *
 * <p>No intermediate, because a gateway holds exactly one trusted certificate and sends its own
 * without a chain. Everything is EC P-256 with SHA-256, which the mbedTLS 2.28 in LoRa Basics
 * Station accepts, as it does names in dNSName entries only.
 *
 * <p>The private key is this object's to use and the caller's to keep: sealed ({@link Sealer}).
 */
public final class CertificateAuthority {

    private static final Duration ROOT_LIFETIME = Duration.ofDays(20 * 365 + 5);
    // Gateways that have just booted may run behind.
    private static final Duration CLOCK_SKEW = Duration.ofDays(1);
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final int SERIAL_BITS = 127;
    private static final int LONGEST_COMMON_NAME = 64;
    private static final int LONGEST_DNS_NAME = 253;
    private static final Pattern ADDRESS =
            Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final String DNS_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private static final Pattern DNS_NAME =
            Pattern.compile(
                    "(?!(?:.*\\.)?[0-9]+$)(?:\\*\\.)?" + DNS_LABEL + "(?:\\." + DNS_LABEL + ")*");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final X509Certificate certificate;
    private final PrivateKey privateKey;
    private final InstantSource clock;

    private CertificateAuthority(
            X509Certificate certificate, PrivateKey privateKey, InstantSource clock) {
        this.certificate = certificate;
        this.privateKey = privateKey;
        this.clock = clock;
    }

    /** A new root, valid for 20 years. */
    public static CertificateAuthority create(String commonName, InstantSource clock) {
        KeyPair keys = P256.generate();
        X500Name name =
                new X500NameBuilder().addRDN(BCStyle.CN, checkedCommonName(commonName)).build();
        Instant now = now(clock);
        try {
            X509v3CertificateBuilder builder =
                    new JcaX509v3CertificateBuilder(
                            name,
                            newSerial(),
                            Date.from(now.minus(CLOCK_SKEW)),
                            Date.from(now.plus(ROOT_LIFETIME)),
                            name,
                            keys.getPublic());
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(
                            Extension.keyUsage,
                            true,
                            new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            extensions.createSubjectKeyIdentifier(keys.getPublic()));
            return new CertificateAuthority(
                    sign(builder, keys.getPrivate()), keys.getPrivate(), clock);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("a P-256 root can be built", e);
        }
    }

    /**
     * The authority whose certificate and private key were kept.
     *
     * @param privateKeyPkcs8 the key of this certificate. Whoever kept them says so: the first
     *     signature of a Java takes a tenth of a second, too long to try it at each start.
     * @throws IllegalArgumentException if they are not those of a certificate authority
     */
    public static CertificateAuthority restore(
            byte[] certificateDer, byte[] privateKeyPkcs8, InstantSource clock) {
        try {
            X509Certificate certificate = readCertificate(certificateDer);
            PrivateKey privateKey =
                    KeyFactory.getInstance("EC")
                            .generatePrivate(new PKCS8EncodedKeySpec(privateKeyPkcs8));
            if (certificate.getBasicConstraints() < 0) {
                throw new IllegalArgumentException(
                        "the certificate of "
                                + certificate.getSubjectX500Principal()
                                + " is not one of a certificate authority");
            }
            return new CertificateAuthority(certificate, privateKey, requireNonNull(clock));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "the certificate authority cannot be restored: it needs an X.509 certificate"
                            + " and an EC key in PKCS#8, both DER",
                    e);
        }
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** What gateways and clients trust. */
    public byte[] certificateDer() {
        return IssuedCertificate.derOf(certificate);
    }

    public String certificatePem() {
        return Pem.write("CERTIFICATE", certificateDer());
    }

    /** The private key in PKCS#8, to be sealed and kept. */
    public byte[] privateKeyPkcs8() {
        return privateKey.getEncoded();
    }

    /**
     * A certificate for a TLS server.
     *
     * <p>An IPv4 address is written as iPAddress and again as dNSName, since mbedTLS 2.28 looks at
     * dNSName entries only and there compares text.
     *
     * @param dnsNamesAndIps what clients connect to, at least one; {@code *.example.org} is allowed
     * @param lifetime cut where the authority itself ends
     * @throws IllegalArgumentException if there is none, or one is neither a DNS name nor an
     *     address
     */
    public IssuedCertificate issueServer(List<String> dnsNamesAndIps, Duration lifetime) {
        if (dnsNamesAndIps.isEmpty()) {
            throw new IllegalArgumentException(
                    "a server certificate needs a name: give at least one DNS name or address");
        }
        List<GeneralName> names = new ArrayList<>();
        for (String name : dnsNamesAndIps) {
            addAlternativeNames(names, name);
        }
        String first = dnsNamesAndIps.getFirst();
        String commonName =
                first.length() <= LONGEST_COMMON_NAME
                        ? first
                        : first.substring(0, LONGEST_COMMON_NAME);
        return issue(CertificateRole.SERVER, commonName, names, lifetime);
    }

    /** A client certificate for a gateway: its EUI is the CN, and in lower case a dNSName. */
    public IssuedCertificate issueGateway(Eui64 eui, Duration lifetime) {
        String name = eui.toString();
        GeneralName alternative =
                new GeneralName(GeneralName.dNSName, name.toLowerCase(Locale.ROOT));
        return issue(CertificateRole.GATEWAY, name, List.of(alternative), lifetime);
    }

    /** A client certificate for an owner: the owner id is the CN. */
    public IssuedCertificate issueOwner(String ownerId, Duration lifetime) {
        return issue(CertificateRole.OWNER, checkedCommonName(ownerId), List.of(), lifetime);
    }

    /**
     * Whom this authority issued the certificate to; empty if it did not, or for nobody in
     * particular.
     *
     * <p>Checks the signature (some 0.3 ms), because an authority of the same name may be trusted
     * as well. Does not check dates: TLS has.
     */
    public Optional<CertificateHolder> holderOf(X509Certificate presented) {
        try {
            presented.verify(certificate.getPublicKey());
        } catch (GeneralSecurityException notOurs) {
            return Optional.empty();
        }
        X500Name subject = X500Name.getInstance(presented.getSubjectX500Principal().getEncoded());
        RDN[] units = subject.getRDNs(BCStyle.OU);
        RDN[] commonNames = subject.getRDNs(BCStyle.CN);
        if (units.length != 1 || commonNames.length != 1) {
            return Optional.empty();
        }
        return CertificateRole.of(text(units[0]))
                .map(role -> new CertificateHolder(role, text(commonNames[0])));
    }

    private IssuedCertificate issue(
            CertificateRole role, String commonName, List<GeneralName> names, Duration lifetime) {
        if (!lifetime.isPositive()) {
            throw new IllegalArgumentException("a lifetime of " + lifetime + " is not above 0");
        }
        KeyPair keys = P256.generate();
        X500Name subject =
                new X500NameBuilder()
                        .addRDN(BCStyle.OU, role.organizationalUnit())
                        .addRDN(BCStyle.CN, commonName)
                        .build();
        Instant now = now(clock);
        Instant rootEnd = certificate.getNotAfter().toInstant();
        Instant end =
                lifetime.compareTo(Duration.between(now, rootEnd)) < 0
                        ? now.plus(lifetime)
                        : rootEnd;
        KeyPurposeId purpose =
                role == CertificateRole.SERVER
                        ? KeyPurposeId.id_kp_serverAuth
                        : KeyPurposeId.id_kp_clientAuth;
        try {
            X509v3CertificateBuilder builder =
                    new JcaX509v3CertificateBuilder(
                            X500Name.getInstance(
                                    certificate.getSubjectX500Principal().getEncoded()),
                            newSerial(),
                            Date.from(now.minus(CLOCK_SKEW)),
                            Date.from(end),
                            subject,
                            keys.getPublic());
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            extensions.createSubjectKeyIdentifier(keys.getPublic()))
                    .addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            extensions.createAuthorityKeyIdentifier(certificate.getPublicKey()));
            if (!names.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(names.toArray(new GeneralName[0])));
            }
            return new IssuedCertificate(sign(builder, privateKey), keys);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("a P-256 certificate can be built", e);
        }
    }

    private static void addAlternativeNames(List<GeneralName> names, String name) {
        Optional<InetAddress> address = address(name);
        address.map(ip -> new DEROctetString(ip.getAddress()))
                .ifPresent(octets -> names.add(new GeneralName(GeneralName.iPAddress, octets)));
        boolean ipv4 = address.isPresent() && name.indexOf(':') < 0;
        boolean dnsName = DNS_NAME.matcher(name).matches() && name.length() <= LONGEST_DNS_NAME;
        if (ipv4 || dnsName) {
            names.add(new GeneralName(GeneralName.dNSName, name));
        } else if (address.isEmpty()) {
            throw new IllegalArgumentException(
                    "'"
                            + Printable.of(name)
                            + "' is neither a DNS name nor an IP address: write it as clients"
                            + " connect to it, without scheme and port");
        }
    }

    private static Optional<InetAddress> address(String name) {
        if (!ADDRESS.matcher(name).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(name));
        } catch (IllegalArgumentException notAnAddress) {
            return Optional.empty();
        }
    }

    private static String checkedCommonName(String name) {
        if (name.isBlank() || name.length() > LONGEST_COMMON_NAME) {
            throw new IllegalArgumentException(
                    "'"
                            + Printable.of(name)
                            + "' is not a common name: write 1 to "
                            + LONGEST_COMMON_NAME
                            + " characters");
        }
        return name;
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private static X509Certificate readCertificate(byte[] der) throws GeneralSecurityException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(der));
    }

    private static BigInteger newSerial() {
        return new BigInteger(SERIAL_BITS, RANDOM).setBit(SERIAL_BITS - 1);
    }

    /** Certificates count in whole seconds. */
    private static Instant now(InstantSource clock) {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    private static String text(RDN name) {
        return name.getFirst().getValue() instanceof ASN1String value ? value.getString() : "";
    }
}
