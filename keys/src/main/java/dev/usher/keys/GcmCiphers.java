package dev.usher.keys;

import java.security.GeneralSecurityException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/**
 * AES-GCM ciphers to borrow for one operation. Making one costs as much as sealing a key with it,
 * and a virtual thread lives too short to keep its own.
 */
final class GcmCiphers {

    /** A power of two, a few for each core, so that running threads seldom meet. */
    private static final int SLOTS =
            8 * Integer.highestOneBit(Runtime.getRuntime().availableProcessors());

    private final AtomicReferenceArray<@Nullable Cipher> idle = new AtomicReferenceArray<>(SLOTS);

    GcmCiphers() {
        for (int slot = 0; slot < SLOTS; slot++) {
            idle.set(slot, newCipher());
        }
    }

    interface Use {
        byte[] with(Cipher cipher) throws GeneralSecurityException;
    }

    /** Lends a cipher, in any state: initialise it first. */
    byte[] use(Use use) throws GeneralSecurityException {
        int home = (int) Thread.currentThread().threadId();
        for (int i = 0; i < SLOTS; i++) {
            int slot = (home + i) & (SLOTS - 1);
            Cipher cipher = idle.getAndSet(slot, null);
            if (cipher != null) {
                try {
                    return use.with(cipher);
                } finally {
                    idle.setRelease(slot, cipher);
                }
            }
        }
        return use.with(newCipher());
    }

    private static Cipher newCipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES/GCM", e);
        }
    }
}
