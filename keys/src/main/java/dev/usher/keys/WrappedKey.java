package dev.usher.keys;

import dev.usher.lorawan.AesKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A key on its way to a twin, and how it lies in bytes: its kind (1 byte), SHA-256 of the transport
 * key it is for (32), check value of the key (8), RSA-OAEP ciphertext (as long as the modulus).
 */
final class WrappedKey {

    static final int CHECK_BYTES = 8;
    static final byte[] CHECK_INPUT = CounterKdf.input("usher/v1/key-check");

    /** What key it is, since a key must not come to serve two purposes. */
    enum Kind {
        /** A key that secrets are derived from; its check value is an HMAC. */
        ROOT(1, "a root key"),
        /** An AES key that wraps others; its check value is a wrapped key. */
        WRAPPING(2, "a wrapping key");

        private final byte number;
        private final String description;

        Kind(int number, String description) {
            this.number = (byte) number;
            this.description = description;
        }

        private static Optional<Kind> of(byte number) {
            return Arrays.stream(values()).filter(kind -> kind.number == number).findFirst();
        }
    }

    /** What a wrapping key wraps for its check value. It is no secret, and so nobody's root key. */
    static final AesKey CHECK_KEY =
            AesKey.of("usher/v1/wrapkey".getBytes(StandardCharsets.US_ASCII));

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
    static byte[] write(Kind kind, TransportKey twin, String checkValue, byte[] ciphertext) {
        return ByteBuffer.allocate(HEADER_BYTES + ciphertext.length)
                .put(kind.number)
                .put(twin.digest())
                .put(HexFormat.of().parseHex(checkValue))
                .put(ciphertext)
                .array();
    }

    /**
     * @param own the transport key of the vault that reads it
     */
    static WrappedKey read(Kind kind, byte[] bytes, TransportKey own) {
        Optional<Kind> announced =
                bytes.length <= HEADER_BYTES ? Optional.empty() : Kind.of(bytes[0]);
        if (announced.isEmpty()) {
            throw new VaultException(
                    "the "
                            + bytes.length
                            + " bytes are not a wrapped key: export the key again with this"
                            + " vault's transport key");
        }
        if (announced.get() != kind) {
            throw new VaultException(
                    "the bytes hold "
                            + announced.get().description
                            + ", not "
                            + kind.description
                            + ": import it as what it is");
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
     * @param actual begins with the check value of the key that came out: HMAC-SHA-256 of {@link
     *     #CHECK_INPUT} under a root key, {@link #CHECK_KEY} wrapped under a wrapping key
     * @throws VaultException if that is not the key the bytes announced
     */
    void check(KeyLabel label, byte[] actual) {
        if (!MessageDigest.isEqual(check, Arrays.copyOf(actual, CHECK_BYTES))) {
            throw new VaultException(
                    "key '"
                            + label
                            + "' is not the one with check value "
                            + HexFormat.of().formatHex(check)
                            + " that was announced: the wrapped bytes were changed on the way,"
                            + " export the key again");
        }
    }

    /**
     * @param lengths those a key of this purpose may have, in bytes
     */
    static VaultException wrongLength(KeyLabel label, int length, Set<Integer> lengths) {
        return new VaultException(
                "the wrapped key for '"
                        + label
                        + "' has "
                        + length
                        + " bytes: such a key has "
                        + lengths.stream()
                                .sorted()
                                .map(String::valueOf)
                                .collect(Collectors.joining(" or ")));
    }
}
