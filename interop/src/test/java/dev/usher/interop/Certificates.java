package dev.usher.interop;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** A certificate authority for tests, and what it issues. */
final class Certificates {

    private static final Duration LONG = Duration.ofDays(30);

    private final Issued authority;

    /** A certificate and its private key. */
    record Issued(X509Certificate certificate, PrivateKey key) {

        ClientIdentity identity() {
            return new ClientIdentity(List.of(certificate), key);
        }

        String certificatePem() {
            try {
                return pem("CERTIFICATE", certificate.getEncoded());
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        /** PKCS#8. */
        String keyPem() {
            return pem("PRIVATE KEY", key.getEncoded());
        }

        /** PKCS#1, of an RSA key. */
        String pkcs1Pem() {
            try {
                ASN1Encodable inner =
                        PrivateKeyInfo.getInstance(key.getEncoded()).parsePrivateKey();
                return pem("RSA PRIVATE KEY", inner.toASN1Primitive().getEncoded());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    Certificates() {
        KeyPair keys = keys("EC");
        authority =
                new Issued(
                        build("Test CA", keys, keys.getPrivate(), Instant.now().plus(LONG)),
                        keys.getPrivate());
    }

    Issued authority() {
        return authority;
    }

    /** A certificate for a DNS name. */
    Issued issue(String host) {
        return issue(host, "EC", Instant.now().plus(LONG));
    }

    Issued issueRsa(String host) {
        return issue(host, "RSA", Instant.now().plus(LONG));
    }

    Issued issueExpired(String host) {
        return issue(host, "EC", Instant.parse("2026-01-02T00:00:00Z"));
    }

    private Issued issue(String host, String algorithm, Instant end) {
        KeyPair keys = keys(algorithm);
        return new Issued(build(host, keys, authority.key(), end), keys.getPrivate());
    }

    private static KeyPair keys(String algorithm) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(algorithm.equals("EC") ? 256 : 2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509Certificate build(
            String name, KeyPair keys, PrivateKey signer, Instant end) {
        boolean isAuthority = name.equals("Test CA");
        try {
            X509v3CertificateBuilder builder =
                    new X509v3CertificateBuilder(
                            new X500Name("CN=Test CA"),
                            BigInteger.valueOf(System.nanoTime()),
                            time(end.minus(LONG).minus(LONG)),
                            time(end),
                            new X500Name("CN=" + name),
                            SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
            builder.addExtension(
                    Extension.basicConstraints, true, new BasicConstraints(isAuthority));
            if (!isAuthority) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(
                                    new JcaContentSignerBuilder("SHA256withECDSA").build(signer)));
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Time time(Instant instant) {
        return new Time(java.util.Date.from(instant));
    }

    static String pem(String type, byte[] content) {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(type, content));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }
}
