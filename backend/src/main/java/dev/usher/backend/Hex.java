package dev.usher.backend;

import java.util.HexFormat;

/**
 * Hex digits as peers write them: with or without {@code 0x}, in either case (1.0 specification
 * section 22.3). Usher writes upper case without {@code 0x}.
 */
final class Hex {

    private static final HexFormat UPPER_CASE = HexFormat.of().withUpperCase();

    private Hex() {}

    /** Whether the text is exactly so many digits. */
    static boolean isNumber(String text, int digits) {
        return text.length() - start(text) == digits && isDigits(text);
    }

    /** The number that {@link #isNumber} found to be one, of at most 16 digits. */
    static long number(String text, int digits) {
        return HexFormat.fromHexDigitsToLong(text, text.length() - digits, text.length());
    }

    /** Whether the text is a whole number of octets. */
    static boolean isOctets(String text) {
        return text.length() % 2 == 0 && isDigits(text);
    }

    /** The octets that {@link #isOctets} found to be some. */
    static byte[] octets(String text) {
        return UPPER_CASE.parseHex(text, start(text), text.length());
    }

    static String of(byte[] octets) {
        return UPPER_CASE.formatHex(octets);
    }

    private static boolean isDigits(String text) {
        for (int i = start(text); i < text.length(); i++) {
            if (!HexFormat.isHexDigit(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static int start(String text) {
        boolean prefixed =
                text.length() >= 2
                        && text.charAt(0) == '0'
                        && (text.charAt(1) == 'x' || text.charAt(1) == 'X');
        return prefixed ? 2 : 0;
    }
}
