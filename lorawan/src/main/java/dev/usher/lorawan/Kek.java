package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key encryption key shared with a Network or Application Server: session keys travel wrapped
 * under it (RFC 3394; LoRaWAN Backend Interfaces 1.0 section 21).
 */
public final class Kek {

    private static final int BLOCK = 16;
    private static final int WRAPPED_LENGTH = 24;

    /** Each half of the key goes through AES six times, in turns (RFC 3394 section 2.2.1). */
    private static final int STEPS = 6 * 2;

    /** Comes back on unwrapping if KEK and key are whole (RFC 3394 section 2.2.3.1). */
    private static final long CHECK = 0xA6A6_A6A6_A6A6_A6A6L;

    private final SecretKeySpec key;

    private Kek(SecretKeySpec key) {
        this.key = key;
    }

    /**
     * A KEK of its 16, 24 or 32 bytes, which are copied.
     *
     * @throws IllegalArgumentException if it has another length
     */
    public static Kek of(byte[] bytes) {
        int length = requireNonNull(bytes, "bytes").length;
        if (length != 16 && length != 24 && length != 32) {
            throw new IllegalArgumentException("a KEK has 16, 24 or 32 bytes, these are " + length);
        }
        return new Kek(new SecretKeySpec(bytes, "AES"));
    }

    /**
     * Reads 32, 48 or 64 hex digits in either case, with or without 0x.
     *
     * @throws IllegalArgumentException if it is anything else; the message does not repeat it
     */
    public static Kek parse(String hex) {
        return Stream.of(16, 24, 32)
                .flatMap(length -> Hex.parse(hex, length).stream())
                .findFirst()
                .map(Kek::of)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "a KEK is written as 32, 48 or 64 hex digits, with or"
                                                + " without 0x; this text of "
                                                + hex.length()
                                                + " characters is not"));
    }

    /** 128, 192 or 256. */
    public int bits() {
        return 8 * bytes().length;
    }

    /** The 16, 24 or 32 bytes, copied. */
    public byte[] bytes() {
        return key.getEncoded();
    }

    /** The key as 24 bytes that only a holder of this KEK can open. */
    public byte[] wrap(AesKey aesKey) {
        ByteBuffer clear = ByteBuffer.wrap(aesKey.bytes());
        return CipherPool.KEKS.use(
                Cipher.ENCRYPT_MODE,
                key,
                cipher -> {
                    ByteBuffer in = ByteBuffer.allocate(BLOCK);
                    ByteBuffer out = ByteBuffer.allocate(BLOCK);
                    long[] half = {clear.getLong(), clear.getLong()};
                    long check = CHECK;
                    for (int step = 0; step < STEPS; step++) {
                        in.putLong(0, check).putLong(8, half[step % 2]);
                        cipher.doFinal(in.array(), 0, BLOCK, out.array());
                        check = out.getLong(0) ^ (step + 1);
                        half[step % 2] = out.getLong(8);
                    }
                    return wrapped(check, half);
                });
    }

    private static byte[] wrapped(long check, long[] half) {
        return ByteBuffer.allocate(WRAPPED_LENGTH)
                .putLong(check)
                .putLong(half[0])
                .putLong(half[1])
                .array();
    }

    /**
     * Opens what {@link #wrap} made, here or at a peer.
     *
     * @throws KeyWrapException if these are not the 24 bytes of an AES-128 key wrapped under this
     *     KEK
     */
    public AesKey unwrap(byte[] wrapped) {
        if (wrapped.length != WRAPPED_LENGTH) {
            throw new KeyWrapException(
                    "a wrapped AES-128 key has 24 bytes, this has " + wrapped.length);
        }
        ByteBuffer closed = ByteBuffer.wrap(wrapped);
        return CipherPool.KEKS.use(
                Cipher.DECRYPT_MODE,
                key,
                cipher -> {
                    ByteBuffer in = ByteBuffer.allocate(BLOCK);
                    ByteBuffer out = ByteBuffer.allocate(BLOCK);
                    long check = closed.getLong();
                    long[] half = {closed.getLong(), closed.getLong()};
                    for (int step = STEPS - 1; step >= 0; step--) {
                        in.putLong(0, check ^ (step + 1)).putLong(8, half[step % 2]);
                        cipher.doFinal(in.array(), 0, BLOCK, out.array());
                        check = out.getLong(0);
                        half[step % 2] = out.getLong(8);
                    }
                    return opened(check, half);
                });
    }

    private AesKey opened(long check, long[] half) {
        if (check != CHECK) {
            throw new KeyWrapException(
                    "the key does not open with this "
                            + bits()
                            + "-bit KEK: compare the KEK and its label with the peer's");
        }
        return AesKey.of(ByteBuffer.allocate(BLOCK).putLong(half[0]).putLong(half[1]).array());
    }

    /** Compares in constant time. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Kek that && MessageDigest.isEqual(bytes(), that.bytes());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes());
    }

    @Override
    public String toString() {
        return "Kek[" + bits() + " bits, hidden]";
    }
}
