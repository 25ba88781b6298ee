package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.KeyWrapException;
import dev.usher.lorawan.Printable;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.function.Function;

/**
 * A session key on its way to a peer (1.0 specification section 21): wrapped under a key encryption
 * key that the two agreed on, or in clear.
 *
 * @param kekLabel by which the receiver knows the KEK; empty if the key is in clear
 * @param aesKey {@value #WRAPPED} bytes, the RFC 3394 wrap, if there is a label; else the key
 *     itself, {@value #CLEAR} bytes
 */
public record KeyEnvelope(Optional<String> kekLabel, byte[] aesKey) {

    private static final int CLEAR = 16;
    private static final int WRAPPED = 24;

    public KeyEnvelope {
        if (kekLabel.isPresent() && kekLabel.get().isEmpty()) {
            throw new IllegalArgumentException("KEKLabel is empty: a key in clear has none");
        }
        int expected = kekLabel.isPresent() ? WRAPPED : CLEAR;
        if (aesKey.length != expected) {
            throw new IllegalArgumentException(
                    "AESKey has %d bytes: with%s KEKLabel it has %d"
                            .formatted(aesKey.length, kekLabel.isPresent() ? "" : "out", expected));
        }
        aesKey = aesKey.clone();
    }

    /** The key, wrapped under a KEK that the receiver knows by this label. */
    public static KeyEnvelope wrap(Kek kek, String label, AesKey key) {
        return new KeyEnvelope(Optional.of(label), kek.wrap(key));
    }

    /** The key in clear. */
    public static KeyEnvelope clear(AesKey key) {
        return new KeyEnvelope(Optional.empty(), key.bytes());
    }

    /**
     * Takes the key out.
     *
     * @param keks the KEK of a label
     * @throws UnknownKekException if there is no KEK of this label
     * @throws KeyWrapException if it is not the one that wrapped the key
     */
    public AesKey open(Function<String, Optional<Kek>> keks) {
        requireNonNull(keks, "keks");
        if (kekLabel.isEmpty()) {
            return AesKey.of(aesKey);
        }
        String label = kekLabel.get();
        return keks.apply(label).orElseThrow(() -> new UnknownKekException(label)).unwrap(aesKey);
    }

    /** A copy. */
    @Override
    public byte[] aesKey() {
        return aesKey.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyEnvelope that
                && kekLabel.equals(that.kekLabel)
                && MessageDigest.isEqual(aesKey, that.aesKey);
    }

    /** Of the label alone: a hash of the key would say something about it. */
    @Override
    public int hashCode() {
        return kekLabel.hashCode();
    }

    @Override
    public String toString() {
        return "KeyEnvelope[%s, hidden]".formatted(kekLabel.map(Printable::of).orElse("no KEK"));
    }
}
