package dev.usher.lorawan;

/**
 * An AES-128 key that can be used, wherever it is: in memory ({@link AesKey}) or inside a hardware
 * token that never gives it away. Every computation of a join (LoRaWAN 1.0.4 section 6.2, 1.1
 * section 6.2) comes down to these two.
 */
public interface Aes128 {

    /**
     * Encrypts each 16-byte block by itself (ECB).
     *
     * @param blocks a whole number of blocks
     * @return as many bytes
     */
    byte[] encrypt(byte[] blocks);

    /**
     * Decrypts each 16-byte block by itself (ECB). A Join Server encrypts join-accepts with it, so
     * that a device needs nothing but AES encryption.
     *
     * @param blocks a whole number of blocks
     * @return as many bytes
     */
    byte[] decrypt(byte[] blocks);
}
