package dev.usher.lorawan;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256, which every Java has. */
public final class Sha256 {

    private Sha256() {}

    /** The digest, 32 bytes, of these one after the other. */
    public static byte[] of(byte[]... parts) {
        MessageDigest sha256;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        for (byte[] part : parts) {
            sha256.update(part);
        }
        return sha256.digest();
    }
}
