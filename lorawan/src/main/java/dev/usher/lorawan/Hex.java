package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

import java.util.HexFormat;
import java.util.Optional;

/** Octets as peers and people write them: hex digits in either case, with or without 0x. */
final class Hex {

    private static final HexFormat UPPER = HexFormat.of().withUpperCase();

    private Hex() {}

    /** The octets, or nothing where the text is not exactly {@code count} of them. */
    static Optional<byte[]> parse(String text, int count) {
        int start = requireNonNull(text, "text").regionMatches(true, 0, "0x", 0, 2) ? 2 : 0;
        return text.length() - start == 2 * count && areDigits(text, start)
                ? Optional.of(UPPER.parseHex(text, start, text.length()))
                : Optional.empty();
    }

    /**
     * As a number, the first octet the most significant.
     *
     * @param count at most 4
     * @throws IllegalArgumentException whose message says what the text was to be
     */
    static int parse(String what, String text, int count) {
        byte[] octets = parse(text, count).orElseThrow(() -> notHex(what, text, count));
        int value = 0;
        for (byte octet : octets) {
            value = (value << 8) | (octet & 0xFF);
        }
        return value;
    }

    static IllegalArgumentException notHex(String what, String text, int count) {
        return new IllegalArgumentException(
                what
                        + " '"
                        + Printable.of(text)
                        + "' is not "
                        + 2 * count
                        + " hex digits, with or without 0x");
    }

    static String format(byte[] octets) {
        return UPPER.formatHex(octets);
    }

    /** The last {@code digits} digits of the number. */
    static String format(long value, int digits) {
        return UPPER.toHexDigits(value, digits);
    }

    private static boolean areDigits(String text, int start) {
        return text.chars().skip(start).allMatch(HexFormat::isHexDigit);
    }
}
