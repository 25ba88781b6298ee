package dev.usher.cli;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** A CA for tests, and what it issues. */
final class Certificates {

    private final Instant now = Instant.now();

    /** A certificate and its private key. */
    record Issued(X509Certificate certificate, PrivateKey key) {

        byte[] der() {
            try {
                return certificate.getEncoded();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        String certificatePem() {
            return pem("CERTIFICATE", der());
        }

        /** PKCS#8. */
        String keyPem() {
            return pem("PRIVATE KEY", key.getEncoded());
        }

        /** SEC1 for EC, PKCS#1 for RSA. */
        String traditionalKeyPem() {
            return pem(key.getAlgorithm() + " PRIVATE KEY", traditionalKey());
        }

        byte[] traditionalKey() {
            try {
                ASN1Encodable inner =
                        PrivateKeyInfo.getInstance(key.getEncoded()).parsePrivateKey();
                if (!key.getAlgorithm().equals("EC")) {
                    return inner.toASN1Primitive().getEncoded();
                }
                // In PKCS#8 the curve stands outside; a SEC1 file needs it inside.
                var ec = org.bouncycastle.asn1.sec.ECPrivateKey.getInstance(inner);
                return new org.bouncycastle.asn1.sec.ECPrivateKey(
                                256,
                                ec.getKey(),
                                org.bouncycastle.asn1.sec.SECObjectIdentifiers.secp256r1)
                        .getEncoded();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        Path writeCertificate(Path file) throws IOException {
            return Files.writeString(file, certificatePem());
        }

        Path writeKey(Path file) throws IOException {
            return Files.writeString(file, keyPem());
        }
    }

    private final Issued authority;

    Certificates() {
        KeyPair keys = keys("EC");
        authority =
                new Issued(
                        build("CN=Test CA", keys, "CN=Test CA", keys, now, ""), keys.getPrivate());
    }

    Issued authority() {
        return authority;
    }

    /** A certificate of this CA for a DNS name. */
    Issued issue(String host) {
        return issue(host, now, "EC");
    }

    Issued issueRsa(String host) {
        return issue(host, now, "RSA");
    }

    /** One that expired yesterday. */
    Issued issueExpired(String host) {
        return issue(host, now.minus(10, ChronoUnit.DAYS), "EC");
    }

    private Issued issue(String host, Instant from, String algorithm) {
        KeyPair keys = keys(algorithm);
        KeyPair signer = new KeyPair(authority.certificate().getPublicKey(), authority.key());
        return new Issued(
                build("CN=" + host, keys, "CN=Test CA", signer, from, host), keys.getPrivate());
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
            String subject,
            KeyPair keys,
            String issuer,
            KeyPair issuerKeys,
            Instant from,
            String host) {
        try {
            X509v3CertificateBuilder builder =
                    new JcaX509v3CertificateBuilder(
                            new X500Name(issuer),
                            BigInteger.valueOf(System.nanoTime()),
                            Date.from(from.minus(1, ChronoUnit.DAYS)),
                            Date.from(from.plus(2, ChronoUnit.DAYS)),
                            new X500Name(subject),
                            keys.getPublic());
            builder.addExtension(
                    Extension.basicConstraints, true, new BasicConstraints(host.isEmpty()));
            if (!host.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, host)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(
                                    new JcaContentSignerBuilder("SHA256withECDSA")
                                            .build(issuerKeys.getPrivate())));
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
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
