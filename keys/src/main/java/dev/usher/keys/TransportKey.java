package dev.usher.keys;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Sha256;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/**
 * The public RSA key under which keys travel to a vault, by RSA-OAEP (RFC 8017 section 7.1, SHA-1
 * and MGF1 with SHA-1, no label).
 *
 * <p>SHA-1 because it is the one OAEP hash every token speaks (SoftHSM 2.6 refuses others); OAEP
 * does not need a collision-free hash.
 */
public record TransportKey(RSAPublicKey key) {

    static final int BITS = 3072;
    static final String CIPHER = "RSA/ECB/OAEPWithSHA-1AndMGF1Padding";

    private static final int FEWEST_BITS = 2048;
    private static final String PEM_TYPE = "PUBLIC KEY";

    /**
     * @throws IllegalArgumentException if it has fewer than 2048 bits
     */
    public TransportKey {
        int bits = requireNonNull(key, "key").getModulus().bitLength();
        if (bits < FEWEST_BITS) {
            throw new IllegalArgumentException(
                    "a transport key of "
                            + bits
                            + " bits is too weak: use "
                            + FEWEST_BITS
                            + " or more");
        }
    }

    /**
     * Reads {@code -----BEGIN PUBLIC KEY-----}.
     *
     * @throws IllegalArgumentException if it is not exactly one RSA public key in PEM
     */
    public static TransportKey parse(String pem) {
        try {
            byte[] der = Pem.single(pem, PEM_TYPE);
            return new TransportKey(
                    (RSAPublicKey)
                            KeyFactory.getInstance("RSA")
                                    .generatePublic(new X509EncodedKeySpec(der)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "the transport key is not an RSA public key: take it from the twin vault again",
                    e);
        }
    }

    /** SubjectPublicKeyInfo, {@code -----BEGIN PUBLIC KEY-----}. */
    public String pem() {
        return Pem.write(PEM_TYPE, key.getEncoded());
    }

    /** SHA-256 over the SubjectPublicKeyInfo, 64 hex digits, to be compared by people. */
    public String fingerprint() {
        return HexFormat.of().formatHex(digest());
    }

    byte[] digest() {
        return Sha256.of(key.getEncoded());
    }

    @Override
    public String toString() {
        return "transport key " + fingerprint();
    }
}
