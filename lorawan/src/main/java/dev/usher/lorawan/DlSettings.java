package dev.usher.lorawan;

/**
 * The DLSettings octet of a join-accept: how the device is to listen, and (from 1.1) which version
 * of the protocol the network speaks.
 *
 * @param octet 0..255
 */
public record DlSettings(int octet) {

    public DlSettings {
        if (octet < 0 || octet > 0xFF) {
            throw new IllegalArgumentException("DLSettings " + octet + " is not one octet");
        }
    }

    /**
     * Reads 2 hex digits in either case, with or without 0x.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static DlSettings parse(String text) {
        return new DlSettings(Hex.parse("DLSettings", text, 1));
    }

    /** Whether the network speaks LoRaWAN 1.1; a 1.1 device follows this bit and nothing else. */
    public boolean optNeg() {
        return (octet & 0x80) != 0;
    }

    /** How far the data rate of the first receive window lies below the uplink's, 0..7. */
    public int rx1DrOffset() {
        return (octet >>> 4) & 0x07;
    }

    /** The data rate of the second receive window, 0..15. */
    public int rx2DataRate() {
        return octet & 0x0F;
    }

    /** 2 upper-case hex digits. */
    @Override
    public String toString() {
        return Hex.format(octet, 2);
    }
}
