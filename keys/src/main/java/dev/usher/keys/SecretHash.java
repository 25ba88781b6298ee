package dev.usher.keys;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Salted, keyed hashes of secrets that were made elsewhere: a maker's claim codes and tokens, API
 * keys.
 *
 * <p>HMAC-SHA-256 under a key that only the vault has ({@code usher.hash.1}), not a slow password
 * hash: a gateway's token is checked on every CUPS request, where 100 ms of Argon2 would be a gift
 * to an attacker, and an eight-character code falls to a determined search of any slow hash anyway.
 * With the keyed hash a stolen database cannot be searched at all: without the vault every guess
 * fits every hash. The salt keeps equal secrets from looking equal.
 *
 * <p>A hash is 49 bytes: number of the key (1), salt (16), HMAC(key, salt || length of the purpose
 * (1) || purpose || secret) (32). The purpose keeps a hash made for one use from passing in
 * another.
 */
public final class SecretHash {

    private static final KeyLabel PEPPER = new KeyLabel("usher.hash.1");
    private static final byte PEPPER_NUMBER = 1;
    private static final int SALT_BYTES = 16;
    private static final int MAC_AT = 1 + SALT_BYTES;
    private static final int BYTES = MAC_AT + HmacSha256.BYTES;
    private static final int LONGEST_PURPOSE = 255;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Vault vault;

    /** Hashes with the vault's own key, which is made on first use. */
    public SecretHash(Vault vault) {
        this.vault = requireNonNull(vault, "vault");
    }

    /** A new hash of the secret, 49 bytes, different on every call. */
    public byte[] of(String purpose, byte[] secret) {
        byte[] salt = new byte[SALT_BYTES];
        RANDOM.nextBytes(salt);
        if (!vault.contains(PEPPER)) {
            makePepper();
        }
        return ByteBuffer.allocate(BYTES)
                .put(PEPPER_NUMBER)
                .put(salt)
                .put(mac(salt, purpose, secret))
                .array();
    }

    /**
     * Whether the hash was made of this secret for this purpose; compares in constant time.
     *
     * @throws IllegalArgumentException if {@code stored} is not a hash
     */
    public boolean matches(String purpose, byte[] stored, byte[] secret) {
        if (stored.length != BYTES || stored[0] != PEPPER_NUMBER) {
            throw new IllegalArgumentException(
                    stored.length
                            + " bytes are not a secret hash of "
                            + BYTES
                            + " bytes that begin with "
                            + PEPPER_NUMBER);
        }
        byte[] salt = Arrays.copyOfRange(stored, 1, MAC_AT);
        return MessageDigest.isEqual(
                Arrays.copyOfRange(stored, MAC_AT, BYTES), mac(salt, purpose, secret));
    }

    private byte[] mac(byte[] salt, String purpose, byte[] secret) {
        byte[] use = purpose.getBytes(StandardCharsets.UTF_8);
        if (use.length > LONGEST_PURPOSE) {
            throw new IllegalArgumentException(
                    "a purpose of " + use.length + " bytes is longer than " + LONGEST_PURPOSE);
        }
        return vault.hmacSha256(
                PEPPER,
                ByteBuffer.allocate(SALT_BYTES + 1 + use.length + secret.length)
                        .put(salt)
                        .put((byte) use.length)
                        .put(use)
                        .put(secret)
                        .array());
    }

    private synchronized void makePepper() {
        if (!vault.contains(PEPPER)) {
            vault.create(PEPPER);
        }
    }
}
