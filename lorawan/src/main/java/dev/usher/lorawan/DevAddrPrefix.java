package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

/**
 * The addresses that belong to a network: those that begin with the same bits (LoRaWAN Backend
 * Interfaces 1.0 section 13.2, "NwkID and DevAddr").
 *
 * @param value an address that begins with these bits and goes on with zeros
 * @param bits how many they are, 7..25
 */
public record DevAddrPrefix(int value, int bits) {

    private static final int[] NWK_ID_BITS = {6, 6, 9, 11, 12, 13, 15, 17};

    public DevAddrPrefix {
        if (bits < 1 || bits > 31) {
            throw new IllegalArgumentException("a DevAddr prefix of " + bits + " bits is not one");
        }
        if ((value & hostMask(bits)) != 0) {
            throw new IllegalArgumentException(
                    "DevAddr prefix %s has bits beyond its first %d"
                            .formatted(Hex.format(value, 8), bits));
        }
    }

    /** The block of a NetID; its first three bits are the type, which says how large that is. */
    public static DevAddrPrefix of(NetId netId) {
        int type = requireNonNull(netId, "netId").value() >>> 21;
        int nwkIdBits = NWK_ID_BITS[type];
        int nwkId = netId.value() & ((1 << nwkIdBits) - 1);
        int bits = type + 1 + nwkIdBits;
        // The type in unary: that many ones, then a zero.
        int typePrefix = (1 << (type + 1)) - 2;
        return new DevAddrPrefix(((typePrefix << nwkIdBits) | nwkId) << (32 - bits), bits);
    }

    public boolean contains(DevAddr address) {
        return (address.value() & ~hostMask(bits)) == value;
    }

    /** How many addresses begin with these bits. */
    public long size() {
        return 1L << (32 - bits);
    }

    /**
     * One of the addresses.
     *
     * @param number 0 up to {@link #size()}
     */
    public DevAddr address(long number) {
        if (number < 0 || number >= size()) {
            throw new IllegalArgumentException(
                    "there is no address " + number + " among the " + size() + " of " + this);
        }
        return new DevAddr(value | (int) number);
    }

    private static int hostMask(int bits) {
        return (int) ((1L << (32 - bits)) - 1);
    }

    /** As routers write it: {@code 26000000/7}. */
    @Override
    public String toString() {
        return Hex.format(value, 8) + "/" + bits;
    }
}
