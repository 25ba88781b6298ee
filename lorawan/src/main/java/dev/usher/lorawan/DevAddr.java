package dev.usher.lorawan;

/**
 * The address a network gives a device for one session.
 *
 * @param value all 32 bits
 */
public record DevAddr(int value) {

    /**
     * Reads 8 hex digits in either case, with or without 0x.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static DevAddr parse(String text) {
        return new DevAddr(Hex.parse("DevAddr", text, 4));
    }

    /** 8 upper-case hex digits. */
    @Override
    public String toString() {
        return Hex.format(value, 8);
    }
}
