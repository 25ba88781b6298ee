package dev.usher.lorawan;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.util.concurrent.atomic.AtomicReferenceArray;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/**
 * AES ciphers to borrow for one operation. Finding and making one costs more than all the AES of a
 * join, and a virtual thread lives too short to keep its own. A thread comes back to the same slot,
 * so that the cipher it finds there usually still has the schedule of the key it used last.
 */
final class CipherPool {

    /** A power of two, a few for each core, so that running threads seldom meet. */
    private static final int SLOTS =
            8 * Integer.highestOneBit(Runtime.getRuntime().availableProcessors());

    /** Slots lie a cache line apart: cores that share a line slow each other down. */
    private static final int STRIDE = 16;

    static final CipherPool KEYS = new CipherPool();

    /** Apart from the others, since the same few KEKs are used again and again. */
    static final CipherPool KEKS = new CipherPool();

    private final AtomicReferenceArray<@Nullable Cipher> idle =
            new AtomicReferenceArray<>(SLOTS * STRIDE);

    private CipherPool() {
        for (int slot = 0; slot < SLOTS; slot++) {
            idle.set(slot * STRIDE, newCipher());
        }
    }

    interface Use<T> {
        T with(Cipher cipher) throws GeneralSecurityException;
    }

    /**
     * Lends a cipher, ready to work on whole blocks (ECB).
     *
     * @param mode {@link Cipher#ENCRYPT_MODE} or {@link Cipher#DECRYPT_MODE}
     */
    <T> T use(int mode, Key key, Use<T> use) {
        int home = (int) Thread.currentThread().threadId();
        for (int i = 0; i < SLOTS; i++) {
            int slot = ((home + i) & (SLOTS - 1)) * STRIDE;
            Cipher cipher = idle.getAndSet(slot, null);
            if (cipher != null) {
                try {
                    return use(cipher, mode, key, use);
                } finally {
                    idle.setRelease(slot, cipher);
                }
            }
        }
        return use(newCipher(), mode, key, use);
    }

    private static <T> T use(Cipher cipher, int mode, Key key, Use<T> use) {
        try {
            cipher.init(mode, key);
            return use.with(cipher);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no working AES", e);
        }
    }

    private static Cipher newCipher() {
        try {
            return Cipher.getInstance("AES/ECB/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no AES", e);
        }
    }
}
