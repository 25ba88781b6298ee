package dev.usher.keys;

import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HMAC-SHA-256 under one key, for any number of threads at once.
 *
 * <p>Each call works on a clone of a {@link Mac} that is never used itself: that costs a tenth of
 * the look-up in {@link Mac#getInstance} and, unlike a ThreadLocal, leaves nothing behind on a
 * million short virtual threads.
 */
final class HmacSha256 {

    static final int BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";
    // Initialised, because a Mac that is not has no provider yet and would look it up per clone.
    private static final Mac PROTOTYPE = initialised(newMac(), new byte[BYTES]);

    private final Mac keyed;

    HmacSha256(byte[] key) {
        this.keyed = initialised(copyOf(PROTOTYPE), key);
    }

    byte[] of(byte[] data) {
        return copyOf(keyed).doFinal(data);
    }

    private static Mac copyOf(Mac mac) {
        try {
            return (Mac) mac.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's HmacSHA256 can be cloned", e);
        }
    }

    private static Mac newMac() {
        try {
            return Mac.getInstance(ALGORITHM);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    private static Mac initialised(Mac mac, byte[] key) {
        try {
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac;
        } catch (InvalidKeyException e) {
            throw new IllegalStateException(ALGORITHM + " takes any key that is not empty", e);
        }
    }
}
