package dev.usher.api.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import dev.usher.station.PrivateKeyDer;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a server shows in the TLS handshake, and the key that proves it. Lives in memory only.
 *
 * @param chain the server's own certificate first, then the intermediates; a station has the root
 *     alone, so everything between belongs here
 * @param key the private key of the first certificate, EC or RSA
 */
public record ServerCertificate(List<X509Certificate> chain, PrivateKey key) {

    /**
     * Checks that key and certificate belong together.
     *
     * @throws IllegalArgumentException if the chain is empty or the key is not that of its first
     *     certificate
     */
    public ServerCertificate {
        chain = List.copyOf(chain);
        requireNonNull(key, "key");
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("The server certificate chain is empty.");
        }
        requirePair(chain.getFirst(), key);
    }

    public static ServerCertificate of(X509Certificate certificate, PrivateKey key) {
        return new ServerCertificate(List.of(certificate), key);
    }

    /**
     * Reads the two files every CA and ACME client writes.
     *
     * @param certificates PEM, {@code CERTIFICATE} blocks, the server's own first
     * @param key PEM, one {@code PRIVATE KEY}, {@code EC PRIVATE KEY} or {@code RSA PRIVATE KEY},
     *     not encrypted
     * @throws IllegalArgumentException if either cannot be read or they do not belong together; the
     *     message says which and never shows the key
     */
    public static ServerCertificate ofPem(String certificates, String key) {
        requireNonNull(certificates, "certificates");
        requireNonNull(key, "key");
        if (!certificates.contains("-----BEGIN CERTIFICATE-----")) {
            throw new IllegalArgumentException(
                    "The server certificate is not PEM: there is no BEGIN CERTIFICATE line in it.");
        }
        if (!key.contains("PRIVATE KEY-----") || key.contains("ENCRYPTED")) {
            throw new IllegalArgumentException(
                    "The server key is not a PEM private key without a passphrase: it needs a line"
                            + " BEGIN PRIVATE KEY, BEGIN EC PRIVATE KEY or BEGIN RSA PRIVATE KEY.");
        }
        return new ServerCertificate(chainOf(certificates), keyOf(key));
    }

    /** The subject alone; the key stays out of logs. */
    @Override
    public String toString() {
        return "ServerCertificate[" + chain.getFirst().getSubjectX500Principal() + "]";
    }

    private static List<X509Certificate> chainOf(String certificates) {
        try {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(certificates.getBytes(US_ASCII)))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (CertificateException e) {
            throw new IllegalArgumentException("The server certificate cannot be read.", e);
        }
    }

    private static PrivateKey keyOf(String key) {
        try {
            return PrivateKeyDer.of(key.getBytes(US_ASCII)).toPrivateKey();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The server key cannot be read, or is neither EC nor RSA.", e);
        }
    }

    private static void requirePair(X509Certificate certificate, PrivateKey key) {
        String algorithm = "SHA256with" + (key.getAlgorithm().equals("EC") ? "ECDSA" : "RSA");
        byte[] message = {'u', 's', 'h', 'e', 'r'};
        boolean pair;
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(message);
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(certificate.getPublicKey());
            verifier.update(message);
            pair = verifier.verify(signer.sign());
        } catch (GeneralSecurityException e) {
            pair = false;
        }
        if (!pair) {
            throw new IllegalArgumentException(
                    "The server key does not belong to the certificate of "
                            + certificate.getSubjectX500Principal()
                            + ".");
        }
    }
}
