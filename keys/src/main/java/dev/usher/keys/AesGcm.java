package dev.usher.keys;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * AES-256-GCM with a random nonce, as it lies in files and rows: a header in clear, the nonce (12
 * bytes), the ciphertext, the tag (16 bytes). Header and context are authenticated.
 */
final class AesGcm {

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final GcmCiphers CIPHERS = new GcmCiphers();
    private static final SecureRandom RANDOM = new SecureRandom();

    private AesGcm() {}

    static byte[] seal(SecretKey key, byte[] header, byte[] context, byte[] plaintext) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        int body = header.length + NONCE_BYTES;
        byte[] sealed = Arrays.copyOf(header, body + plaintext.length + TAG_BYTES);
        System.arraycopy(nonce, 0, sealed, header.length, NONCE_BYTES);
        try {
            return CIPHERS.use(
                    cipher -> {
                        cipher.init(
                                Cipher.ENCRYPT_MODE,
                                key,
                                new GCMParameterSpec(TAG_BYTES * 8, nonce));
                        cipher.updateAAD(header);
                        cipher.updateAAD(context);
                        cipher.doFinal(plaintext, 0, plaintext.length, sealed, body);
                        return sealed;
                    });
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM seals anything", e);
        }
    }

    /**
     * @throws AEADBadTagException if key, header, context or ciphertext are not those of the seal
     */
    static byte[] open(SecretKey key, int headerBytes, byte[] context, byte[] sealed)
            throws AEADBadTagException {
        int body = headerBytes + NONCE_BYTES;
        if (sealed.length < body + TAG_BYTES) {
            throw new AEADBadTagException(sealed.length + " bytes are too few to be sealed");
        }
        try {
            return CIPHERS.use(
                    cipher -> {
                        cipher.init(
                                Cipher.DECRYPT_MODE,
                                key,
                                new GCMParameterSpec(
                                        TAG_BYTES * 8, sealed, headerBytes, NONCE_BYTES));
                        cipher.updateAAD(sealed, 0, headerBytes);
                        cipher.updateAAD(context);
                        return cipher.doFinal(sealed, body, sealed.length - body);
                    });
        } catch (AEADBadTagException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM fails on a bad tag only", e);
        }
    }
}
