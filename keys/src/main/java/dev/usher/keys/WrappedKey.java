package dev.usher.keys;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A key on its way to a twin, and how it lies in bytes: version 1 (1 byte), SHA-256 of the
 * transport key it is for (32), check value of the key (8), RSA-OAEP ciphertext (as long as the
 * modulus).
 */
final class WrappedKey {

    static final int CHECK_BYTES = 8;
    static final byte[] CHECK_INPUT = CounterKdf.input("usher/v1/key-check");

    private static final byte VERSION = 1;
    private static final int DIGEST_BYTES = 32;
    private static final int HEADER_BYTES = 1 + DIGEST_BYTES + CHECK_BYTES;

    private final byte[] transportDigest;
    private final byte[] check;
    private final byte[] ciphertext;

    private WrappedKey(byte[] transportDigest, byte[] check, byte[] ciphertext) {
        this.transportDigest = transportDigest;
        this.check = check;
        this.ciphertext = ciphertext;
    }

    /**
     * @param checkValue of the key inside, as {@link Vault#checkValue} writes it
     */
    static byte[] write(TransportKey twin, String checkValue, byte[] ciphertext) {
        return ByteBuffer.allocate(HEADER_BYTES + ciphertext.length)
                .put(VERSION)
                .put(twin.digest())
                .put(HexFormat.of().parseHex(checkValue))
                .put(ciphertext)
                .array();
    }

    /**
     * @param own the transport key of the vault that reads it
     */
    static WrappedKey read(byte[] bytes, TransportKey own) {
        if (bytes.length <= HEADER_BYTES || bytes[0] != VERSION) {
            throw new VaultException(
                    "the "
                            + bytes.length
                            + " bytes are not a wrapped key: export the key again with this"
                            + " vault's transport key");
        }
        WrappedKey wrapped =
                new WrappedKey(
                        Arrays.copyOfRange(bytes, 1, 1 + DIGEST_BYTES),
                        Arrays.copyOfRange(bytes, 1 + DIGEST_BYTES, HEADER_BYTES),
                        Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length));
        if (!MessageDigest.isEqual(wrapped.transportDigest, own.digest())) {
            throw new VaultException(
                    "the key was wrapped for transport key "
                            + HexFormat.of().formatHex(wrapped.transportDigest)
                            + ", but this vault's is "
                            + own.fingerprint()
                            + ": export it again with this vault's transport key");
        }
        return wrapped;
    }

    byte[] ciphertext() {
        return ciphertext;
    }

    /**
     * @param mac HMAC-SHA-256 of {@link #CHECK_INPUT} under the key that came out
     * @throws VaultException if that is not the key the bytes announced
     */
    void check(KeyLabel label, byte[] mac) {
        if (!MessageDigest.isEqual(check, Arrays.copyOf(mac, CHECK_BYTES))) {
            throw new VaultException(
                    "key '"
                            + label
                            + "' is not the one with check value "
                            + HexFormat.of().formatHex(check)
                            + " that was announced: the wrapped bytes were changed on the way,"
                            + " export the key again");
        }
    }
}
