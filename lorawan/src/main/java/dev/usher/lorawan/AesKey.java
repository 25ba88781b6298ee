package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** An AES-128 key in memory: a root key, a session key. Safe to share between threads. */
public final class AesKey implements Aes128 {

    /** The length of a key, and of a block, in bytes. */
    static final int LENGTH = 16;

    private final SecretKeySpec key;

    private AesKey(SecretKeySpec key) {
        this.key = key;
    }

    /**
     * A key of its 16 bytes, which are copied.
     *
     * @throws IllegalArgumentException if there are more or fewer
     */
    public static AesKey of(byte[] bytes) {
        if (requireNonNull(bytes, "bytes").length != LENGTH) {
            throw new IllegalArgumentException(
                    "an AES-128 key has 16 bytes, these are " + bytes.length);
        }
        return new AesKey(new SecretKeySpec(bytes, "AES"));
    }

    /**
     * Reads 32 hex digits in either case, with or without 0x.
     *
     * @throws IllegalArgumentException if it is anything else; the message does not repeat it
     */
    public static AesKey parse(String hex) {
        return Hex.parse(hex, LENGTH)
                .map(AesKey::of)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "an AES-128 key is written as 32 hex digits, with or"
                                                + " without 0x; this text of "
                                                + hex.length()
                                                + " characters is not"));
    }

    public static AesKey random(SecureRandom random) {
        byte[] bytes = new byte[LENGTH];
        random.nextBytes(bytes);
        return of(bytes);
    }

    /** The key of the 16 bytes that begin at {@code offset}. */
    static AesKey at(byte[] bytes, int offset) {
        return new AesKey(new SecretKeySpec(bytes, offset, LENGTH, "AES"));
    }

    /** The 16 bytes, copied. */
    public byte[] bytes() {
        return key.getEncoded();
    }

    @Override
    public byte[] encrypt(byte[] blocks) {
        return ecb(Cipher.ENCRYPT_MODE, blocks);
    }

    @Override
    public byte[] decrypt(byte[] blocks) {
        return ecb(Cipher.DECRYPT_MODE, blocks);
    }

    private byte[] ecb(int mode, byte[] blocks) {
        if (blocks.length % LENGTH != 0) {
            throw new IllegalArgumentException(
                    blocks.length + " bytes are not a whole number of 16-byte blocks");
        }
        return CipherPool.KEYS.use(mode, key, cipher -> cipher.doFinal(blocks));
    }

    /** Compares in constant time. */
    @Override
    public boolean equals(Object other) {
        return other instanceof AesKey that && MessageDigest.isEqual(bytes(), that.bytes());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes());
    }

    @Override
    public String toString() {
        return "AesKey[hidden]";
    }
}
