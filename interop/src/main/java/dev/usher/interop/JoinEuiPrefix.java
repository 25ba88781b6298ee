package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.Printable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The JoinEUIs that begin with the same bits: {@code 70B3D57ED0000000/40}.
 *
 * @param eui the bits, zeros after them
 * @param bits how many of them count, 0 (all JoinEUIs) to 64 (one)
 */
public record JoinEuiPrefix(Eui64 eui, int bits) {

    static final int LONGEST = 64;

    private static final Pattern TEXT = Pattern.compile("([0-9A-Fa-f]{16})(?:/([0-9]{1,2}))?");

    public JoinEuiPrefix {
        // Refuses a length that is none, and bits beyond it.
        EuiRange.ofPrefix(requireNonNull(eui, "eui"), bits);
    }

    /**
     * Reads 16 hex digits, a slash and the number of bits.
     *
     * @throws IllegalArgumentException if it is anything else, or has bits set beyond its length
     */
    public static JoinEuiPrefix parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'"
                            + Printable.of(text)
                            + "' is not a prefix of JoinEUIs: write 16 hex digits and the number of"
                            + " bits, such as 70B3D57ED0000000/40");
        }
        if (matcher.group(2) == null) {
            throw new IllegalArgumentException(
                    "'"
                            + text
                            + "' is one JoinEUI and not a prefix: write "
                            + text
                            + "/"
                            + LONGEST);
        }
        return new JoinEuiPrefix(Eui64.parse(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    /** The prefix of this length that a JoinEUI begins with. */
    static JoinEuiPrefix of(Eui64 joinEui, int bits) {
        long rest = bits == LONGEST ? 0 : -1L >>> bits;
        return new JoinEuiPrefix(new Eui64(joinEui.value() & ~rest), bits);
    }

    public boolean contains(Eui64 joinEui) {
        return of(joinEui, bits).equals(this);
    }

    @Override
    public String toString() {
        return eui + "/" + bits;
    }
}
