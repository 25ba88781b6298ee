package dev.usher.backend;

import dev.usher.lorawan.Printable;
import java.util.Arrays;

/**
 * Bytes of a message that are no secret and that this module does not look into: a PHYPayload, a
 * SessionKeyID. Immutable.
 */
public final class Octets {

    private final byte[] bytes;

    private Octets(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Takes a copy. */
    public static Octets of(byte[] bytes) {
        return new Octets(bytes.clone());
    }

    /**
     * Reads hex digits in either case, with or without {@code 0x}.
     *
     * @throws IllegalArgumentException if there is another character, or half an octet
     */
    public static Octets parse(String hex) {
        if (!Hex.isOctets(hex)) {
            throw new IllegalArgumentException(
                    "'" + Printable.of(hex) + "' is not a whole number of hex octets");
        }
        return new Octets(Hex.octets(hex));
    }

    /** A copy. */
    public byte[] bytes() {
        return bytes.clone();
    }

    public int length() {
        return bytes.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Octets that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Upper-case hex digits without {@code 0x}, as on the wire. */
    @Override
    public String toString() {
        return Hex.of(bytes);
    }
}
