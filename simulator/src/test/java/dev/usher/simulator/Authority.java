package dev.usher.simulator;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
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

/** A CA for tests, and the certificates it issues. */
final class Authority {

    private final String name;
    private final KeyPair keys;
    private final X509Certificate certificate;

    /** A certificate with its key. */
    record Identity(X509Certificate certificate, KeyPair keys) {

        byte[] der() {
            return encoded(certificate);
        }

        byte[] key() {
            return keys.getPrivate().getEncoded();
        }
    }

    Authority(String name) {
        this(name, Duration.ofDays(-1), Duration.ofDays(365));
    }

    /** Valid from so long after now to so long after now. */
    Authority(String name, Duration from, Duration to) {
        this.name = name;
        this.keys = newKeys();
        this.certificate = issue(name, keys, "SHA256withECDSA", true, from, to);
    }

    byte[] der() {
        return encoded(certificate);
    }

    Identity issue(String subject, GeneralName... names) {
        return issue(subject, Duration.ofDays(365), "SHA256withECDSA", names);
    }

    Identity issue(String subject, Duration to, String algorithm, GeneralName... names) {
        KeyPair subjectKeys = newKeys();
        X509Certificate issued =
                issue(subject, subjectKeys, algorithm, false, Duration.ofDays(-2), to, names);
        return new Identity(issued, subjectKeys);
    }

    static GeneralName dns(String host) {
        return new GeneralName(GeneralName.dNSName, host);
    }

    static GeneralName ip(String address) {
        return new GeneralName(GeneralName.iPAddress, address);
    }

    private X509Certificate issue(
            String subject,
            KeyPair subjectKeys,
            String algorithm,
            boolean ca,
            Duration from,
            Duration to,
            GeneralName... names) {
        try {
            JcaX509v3CertificateBuilder builder =
                    new JcaX509v3CertificateBuilder(
                            new X500Name("CN=" + name),
                            BigInteger.valueOf(System.nanoTime()),
                            Date.from(Instant.now().plus(from)),
                            Date.from(Instant.now().plus(to)),
                            new X500Name("CN=" + subject),
                            subjectKeys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
            if (names.length > 0) {
                builder.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(names));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(
                                    new JcaContentSignerBuilder(algorithm)
                                            .build(keys.getPrivate())));
        } catch (IOException | OperatorCreationException | CertificateException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateException e) {
            throw new AssertionError(e);
        }
    }

    /** Listeners that show this certificate and, on request, want one of this CA. */
    ServerSocketFactory listeners(Identity server, boolean wantClients, String... protocols) {
        return new ServerSocketFactory() {

            @Override
            public SSLServerSocket createServerSocket(
                    int port, int backlog, java.net.InetAddress address) throws IOException {
                SSLServerSocket listener =
                        (SSLServerSocket)
                                context(server)
                                        .getServerSocketFactory()
                                        .createServerSocket(port, backlog, address);
                listener.setNeedClientAuth(wantClients);
                if (protocols.length > 0) {
                    listener.setEnabledProtocols(protocols);
                }
                return listener;
            }

            @Override
            public SSLServerSocket createServerSocket(int port) {
                throw new UnsupportedOperationException();
            }

            @Override
            public SSLServerSocket createServerSocket(int port, int backlog) {
                throw new UnsupportedOperationException();
            }
        };
    }

    private SSLContext context(Identity server) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            Certificate[] chain = {server.certificate, certificate};
            store.setKeyEntry("server", server.keys.getPrivate(), new char[0], chain);
            KeyStore trust = KeyStore.getInstance("PKCS12");
            trust.load(null, null);
            trust.setCertificateEntry("ca", certificate);
            KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("PKIX");
            keyManagers.init(store, new char[0]);
            TrustManagerFactory trustManagers = TrustManagerFactory.getInstance("PKIX");
            trustManagers.init(trust);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(Arrays.toString(server.certificate.getSigAlgParams()), e);
        }
    }
}
