package dev.usher.lorawan;

import java.util.HexFormat;

/**
 * An IEEE EUI-64: the name of a gateway, an end device (DevEUI) or a Join Server (JoinEUI).
 *
 * @param value the 64 bits, most significant octet first; compare as unsigned
 */
public record Eui64(long value) implements Comparable<Eui64> {

    /**
     * Reads every form of {@link Id6#parse}: EUI with dashes or colons, 16 hex digits, MAC, ID6.
     */
    public static Eui64 parse(String text) {
        return new Eui64(Id6.parse(text));
    }

    /**
     * Reads the EUI of a device, its Join Server or a Network Server, as {@link #parse} does,
     * except that it is no MAC: of these, twelve digits are an EUI that was cut short.
     */
    public static Eui64 parseOfDevice(String text) {
        if (Id6.isMac(text)) {
            throw new IllegalArgumentException(
                    "'"
                            + Printable.of(text)
                            + "' has 12 hex digits: a DevEUI, JoinEUI or NSID has 16");
        }
        try {
            return parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "'"
                            + Printable.of(text)
                            + "' is not an EUI: write 16 hex digits, or 8 octets with - or :",
                    e);
        }
    }

    /** The form station and the Owner API write: {@code 0:ff:fe00:abc}. */
    public String id6() {
        return Id6.format(value);
    }

    /** Whether this EUI was made of a 48-bit MAC, that is, has FFFE in its middle. */
    public boolean hasMac() {
        return (value >>> 24 & 0xFFFF) == 0xFFFE;
    }

    /**
     * The MAC this EUI was made of, 12 upper-case hex digits.
     *
     * @throws IllegalStateException if it was not made of a MAC
     */
    public String mac() {
        if (!hasMac()) {
            throw new IllegalStateException(
                    "EUI " + this + " has no FFFE in its middle, so it was not made of a MAC");
        }
        HexFormat hex = HexFormat.of().withUpperCase();
        return hex.toHexDigits(value >>> 40, 6) + hex.toHexDigits(value, 6);
    }

    @Override
    public int compareTo(Eui64 other) {
        return Long.compareUnsigned(value, other.value);
    }

    /** 16 upper-case hex digits, the form of labels, certificates and log lines. */
    @Override
    public String toString() {
        return HexFormat.of().withUpperCase().toHexDigits(value);
    }
}
