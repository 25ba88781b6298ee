package dev.usher.keys;

import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;

/** A new certificate and its private key, which exists nowhere else: keep it or lose it. */
public final class IssuedCertificate {

    private final X509Certificate certificate;
    private final KeyPair keys;

    IssuedCertificate(X509Certificate certificate, KeyPair keys) {
        this.certificate = certificate;
        this.keys = keys;
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public byte[] certificateDer() {
        return derOf(certificate);
    }

    /** {@code -----BEGIN CERTIFICATE-----} */
    public String certificatePem() {
        return Pem.write("CERTIFICATE", certificateDer());
    }

    public PrivateKey privateKey() {
        return keys.getPrivate();
    }

    /** The private key for a gateway: SEC 1 in DER, 121 bytes. */
    public byte[] privateKeySec1() {
        return P256.sec1((ECPrivateKey) keys.getPrivate(), (ECPublicKey) keys.getPublic());
    }

    /** The private key for servers and tools: PKCS#8 in DER. */
    public byte[] privateKeyPkcs8() {
        return keys.getPrivate().getEncoded();
    }

    /** {@code -----BEGIN PRIVATE KEY-----} (PKCS#8) */
    public String privateKeyPem() {
        return Pem.write("PRIVATE KEY", privateKeyPkcs8());
    }

    static byte[] derOf(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was issued has an encoding", e);
        }
    }

    /** Only the subject; the private key stays hidden. */
    @Override
    public String toString() {
        return "IssuedCertificate[" + certificate.getSubjectX500Principal() + "]";
    }
}
