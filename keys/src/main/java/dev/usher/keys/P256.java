package dev.usher.keys;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Key pairs on the curve P-256, the one every gateway and every TLS stack knows. */
final class P256 {

    private static final int BITS = 256;

    private P256() {}

    static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    /**
     * The private key as ECPrivateKey of SEC 1 (RFC 5915) with curve and public key: 121 bytes.
     *
     * <p>The same key as PKCS#8 with its public key is 138 bytes, a length a real gateway misreads
     * (basicstation 2.0.6 takes two length bytes for any element of 128 bytes or more).
     */
    static byte[] sec1(ECPrivateKey privateKey, ECPublicKey publicKey) {
        ASN1BitString point =
                SubjectPublicKeyInfo.getInstance(publicKey.getEncoded()).getPublicKeyData();
        try {
            return new org.bouncycastle.asn1.sec.ECPrivateKey(
                            BITS, privateKey.getS(), point, X9ObjectIdentifiers.prime256v1)
                    .getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException("a P-256 key can be encoded", e);
        }
    }
}
