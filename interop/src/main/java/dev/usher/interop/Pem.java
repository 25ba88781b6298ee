package dev.usher.interop;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

/**
 * Certificates and private keys as operators have them. What is wrong is said as the end of a
 * sentence about the file ({@link IllegalArgumentException}), without anything of its content.
 */
final class Pem {

    private Pem() {}

    /** All certificates of a file, at least one. */
    static List<X509Certificate> certificates(byte[] file) {
        List<X509Certificate> certificates = new ArrayList<>();
        try (PemReader reader = new PemReader(text(file))) {
            CertificateFactory x509 = CertificateFactory.getInstance("X.509");
            for (PemObject object = reader.readPemObject();
                    object != null;
                    object = reader.readPemObject()) {
                if (object.getType().equals("CERTIFICATE")) {
                    certificates.add(
                            (X509Certificate)
                                    x509.generateCertificate(
                                            new ByteArrayInputStream(object.getContent())));
                }
            }
        } catch (IOException | CertificateException | RuntimeException e) {
            throw new IllegalArgumentException("holds a damaged certificate: copy it again", e);
        }
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException(
                    "holds no certificate: it needs -----BEGIN CERTIFICATE-----");
        }
        return certificates;
    }

    /** The first private key of a file: PKCS#8, PKCS#1 or SEC1. */
    static PrivateKey privateKey(byte[] file) {
        try (PEMParser parser = new PEMParser(text(file))) {
            for (Object object = parser.readObject();
                    object != null;
                    object = parser.readObject()) {
                switch (object) {
                    case PrivateKeyInfo key -> {
                        return privateKey(key);
                    }
                    case PEMKeyPair pair -> {
                        return privateKey(pair.getPrivateKeyInfo());
                    }
                    case PKCS8EncryptedPrivateKeyInfo _, PEMEncryptedKeyPair _ ->
                            throw new EncryptedKeyException();
                    default -> {} // certificates and EC parameters may stand before the key
                }
            }
        } catch (EncryptedKeyException e) {
            throw new IllegalArgumentException(
                    "holds an encrypted private key: decrypt it, as with openssl pkey", e);
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "holds a private key that is damaged or of an unknown kind", e);
        }
        throw new IllegalArgumentException(
                "holds no private key: it needs -----BEGIN PRIVATE KEY-----");
    }

    /** Whether the private key is the one of the certificate. */
    static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> key.getAlgorithm();
                };
        byte[] text = "usher".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(text);
            return signature.verify(signed);
        } catch (SignatureException | InvalidKeyException e) {
            return false;
        } catch (GeneralSecurityException e) {
            // No way to tell here; the handshake will.
            return true;
        }
    }

    private static PrivateKey privateKey(PrivateKeyInfo key)
            throws IOException, GeneralSecurityException {
        return KeyFactory.getInstance(key.getPrivateKeyAlgorithm().getAlgorithm().getId())
                .generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
    }

    private static StringReader text(byte[] file) {
        return new StringReader(new String(file, StandardCharsets.US_ASCII));
    }

    private static final class EncryptedKeyException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
