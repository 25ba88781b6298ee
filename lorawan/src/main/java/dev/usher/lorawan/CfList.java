package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;

/** The CFList of a join-accept: 16 bytes about channels, which a Join Server passes on unread. */
public final class CfList {

    static final int LENGTH = 16;

    private final byte[] bytes;

    private CfList(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * A CFList of its 16 bytes, which are copied.
     *
     * @throws IllegalArgumentException if there are more or fewer
     */
    public static CfList of(byte[] bytes) {
        if (requireNonNull(bytes, "bytes").length != LENGTH) {
            throw new IllegalArgumentException("a CFList has 16 bytes, these are " + bytes.length);
        }
        return new CfList(bytes.clone());
    }

    /**
     * Reads 32 hex digits in either case, with or without 0x.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static CfList parse(String text) {
        return new CfList(
                Hex.parse(text, LENGTH).orElseThrow(() -> Hex.notHex("CFList", text, LENGTH)));
    }

    /** The 16 bytes, copied. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CfList that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** 32 upper-case hex digits. */
    @Override
    public String toString() {
        return Hex.format(bytes);
    }
}
