package dev.usher.lorawan;

/**
 * The NetID of a network, assigned by the LoRa Alliance.
 *
 * @param value 24 bits
 */
public record NetId(int value) {

    public NetId {
        if (value < 0 || value > 0xFF_FFFF) {
            throw new IllegalArgumentException("NetID " + value + " does not fit 24 bits");
        }
    }

    /**
     * Reads 6 hex digits in either case, with or without 0x.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static NetId parse(String text) {
        return new NetId(Hex.parse("NetID", text, 3));
    }

    /** 6 upper-case hex digits. */
    @Override
    public String toString() {
        return Hex.format(value, 6);
    }
}
