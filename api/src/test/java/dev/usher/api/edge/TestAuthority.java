package dev.usher.api.edge;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A certificate authority that lives as long as a test. */
final class TestAuthority {

    private static final AtomicLong SERIAL = new AtomicLong(1);

    private final X500Name name;
    private final KeyPair keys;
    private final X509Certificate certificate;

    TestAuthority(String commonName) {
        name = new X500Name("CN=" + commonName);
        keys = newKeys("EC");
        certificate = issue(name, keys, "", Instant.now().minusSeconds(60), Duration.ofDays(1));
    }

    /** A certificate and its key. */
    record Identity(X509Certificate certificate, PrivateKey key) {

        ServerCertificate forServer() {
            return ServerCertificate.of(certificate, key);
        }
    }

    X509Certificate certificate() {
        return certificate;
    }

    Identity server(String host) {
        return issue(host, "EC", Instant.now().minusSeconds(60), Duration.ofHours(1));
    }

    Identity serverWithRsaKey(String host) {
        return issue(host, "RSA", Instant.now().minusSeconds(60), Duration.ofHours(1));
    }

    Identity client(String commonName) {
        return issue(commonName, "EC", Instant.now().minusSeconds(60), Duration.ofHours(1));
    }

    Identity expiredClient(String commonName) {
        return issue(commonName, "EC", Instant.now().minusSeconds(120), Duration.ofSeconds(60));
    }

    /** Trusts whom this authority issued. */
    ClientTrust asTrust() {
        return chain -> {
            try {
                chain.getFirst().verify(keys.getPublic());
            } catch (GeneralSecurityException e) {
                throw new CertificateException("not one of ours", e);
            }
            return Instant.MAX;
        };
    }

    /** A client that trusts this authority's servers and may show an identity of its own. */
    SSLContext clientContext(@Nullable Identity identity) {
        try {
            KeyStore trusted = emptyStore();
            trusted.setCertificateEntry("ca", certificate);
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            KeyManager @Nullable [] own = null;
            if (identity != null) {
                KeyStore store = emptyStore();
                store.setKeyEntry(
                        "client",
                        identity.key,
                        new char[0],
                        new X509Certificate[] {identity.certificate});
                KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
                factory.init(store, new char[0]);
                own = factory.getKeyManagers();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    SSLContext clientContext() {
        return clientContext(null);
    }

    private Identity issue(String commonName, String keyType, Instant from, Duration valid) {
        KeyPair pair = newKeys(keyType);
        return new Identity(
                issue(new X500Name("CN=" + commonName), pair, commonName, from, valid),
                pair.getPrivate());
    }

    private X509Certificate issue(
            X500Name subject, KeyPair pair, String dnsName, Instant from, Duration valid) {
        try {
            JcaX509v3CertificateBuilder builder =
                    new JcaX509v3CertificateBuilder(
                            name,
                            BigInteger.valueOf(SERIAL.getAndIncrement()),
                            Date.from(from),
                            Date.from(from.plus(valid)),
                            subject,
                            pair.getPublic());
            builder.addExtension(
                    Extension.basicConstraints, true, new BasicConstraints(dnsName.isEmpty()));
            if (!dnsName.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, dnsName)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(
                                    new JcaContentSignerBuilder("SHA256withECDSA")
                                            .build(keys.getPrivate())));
        } catch (OperatorCreationException | IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static KeyPair newKeys(String type) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(type);
            if (type.equals("EC")) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            } else {
                generator.initialize(2048);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
