package dev.usher.keys;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * The PIN on a gateway's label that proves its buyer holds it: 8 characters and a check character,
 * printed {@code XXX-XXX-XXX}.
 *
 * <p>The 29 characters leave out what people confuse in print: 0 and O, 1 and I and L, 8 and B. 29
 * is prime, so one check character finds every single wrong character and every swap of two
 * characters anywhere in the PIN (docs/key-derivation.md). A typing error is therefore told apart
 * from a wrong PIN without a look at any gateway ({@link #looksMistyped}).
 */
public final class ClaimPin {

    /** The value of a character is its index here. */
    static final String ALPHABET = "2345679ACDEFGHJKMNPQRSTUVWXYZ";

    /** The characters that are drawn, without the check character. */
    static final int DRAWN = 8;

    private static final int LENGTH = DRAWN + 1;
    private static final int RADIX = ALPHABET.length();
    // The largest multiple of 29 in a byte: bytes from here on would favour the first characters.
    private static final int REJECTED_FROM = 256 / RADIX * RADIX;
    // Nobody types this many separators; bounds the work on foreign text.
    private static final int LONGEST_TEXT = 64;

    private final byte[] characters;

    private ClaimPin(byte[] characters) {
        this.characters = characters;
    }

    /**
     * Draws a uniformly distributed PIN from random bytes: each byte below 232 gives the character
     * of its remainder by 29, the others are skipped.
     *
     * @param blocks random bytes of round 0, 1, … 255, asked for until 8 characters are drawn
     */
    static ClaimPin draw(IntFunction<byte[]> blocks) {
        byte[] values = new byte[LENGTH];
        int drawn = 0;
        for (int round = 0; round < 256; round++) {
            for (byte octet : blocks.apply(round)) {
                int number = Byte.toUnsignedInt(octet);
                if (number < REJECTED_FROM) {
                    values[drawn++] = (byte) (number % RADIX);
                    if (drawn == DRAWN) {
                        values[DRAWN] = (byte) checkOf(values);
                        return ofValues(values);
                    }
                }
            }
        }
        throw new IllegalStateException("256 blocks without 8 usable bytes are not random");
    }

    /**
     * Reads a PIN as people type it: in either case, with spaces or dashes anywhere.
     *
     * @return empty if it is not a PIN with its right check character
     */
    public static Optional<ClaimPin> parse(String text) {
        byte[] typed = normalised(text);
        if (typed.length != LENGTH) {
            return Optional.empty();
        }
        byte[] values = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            int value = ALPHABET.indexOf(typed[i]);
            if (value < 0) {
                return Optional.empty();
            }
            values[i] = (byte) value;
        }
        return values[DRAWN] == checkOf(values)
                ? Optional.of(new ClaimPin(typed))
                : Optional.empty();
    }

    /**
     * Whether the text was meant as a PIN but cannot be one: nine letters and digits, separators
     * aside, with a wrong check character or a character no PIN has. Depends on the text alone, so
     * saying so tells nothing about any gateway.
     */
    public static boolean looksMistyped(String text) {
        byte[] typed = normalised(text);
        if (typed.length != LENGTH) {
            return false;
        }
        for (byte c : typed) {
            boolean alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
            if (!alphanumeric) {
                return false;
            }
        }
        return parse(text).isEmpty();
    }

    /** Whether both are the same PIN, in constant time. */
    public boolean matches(ClaimPin other) {
        return MessageDigest.isEqual(characters, other.characters);
    }

    /** The PIN itself, {@code XXX-XXX-XXX}. Never log it. */
    public String text() {
        String plain = new String(characters, StandardCharsets.US_ASCII);
        return plain.substring(0, 3) + "-" + plain.substring(3, 6) + "-" + plain.substring(6);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClaimPin pin && matches(pin);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(characters);
    }

    /** Hides the PIN; {@link #text} shows it. */
    @Override
    public String toString() {
        return "ClaimPin[hidden]";
    }

    /** (1·v1 + 2·v2 + … + 8·v8) mod 29: with the check character's own weight of -1 all differ. */
    private static int checkOf(byte[] values) {
        int sum = 0;
        for (int i = 0; i < DRAWN; i++) {
            sum += (i + 1) * values[i];
        }
        return sum % RADIX;
    }

    private static ClaimPin ofValues(byte[] values) {
        byte[] characters = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            characters[i] = (byte) ALPHABET.charAt(values[i]);
        }
        return new ClaimPin(characters);
    }

    /** Upper case without separators; empty where no PIN can be meant. */
    private static byte[] normalised(String text) {
        byte[] typed = new byte[LENGTH + 1];
        int length = 0;
        for (int i = 0; i < text.length() && i < LONGEST_TEXT; i++) {
            char c = text.charAt(i);
            if (isSeparator(c)) {
                continue;
            }
            if (c >= 0x80 || length == typed.length) {
                return new byte[0];
            }
            typed[length++] = (byte) (c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        }
        return text.length() > LONGEST_TEXT ? new byte[0] : Arrays.copyOf(typed, length);
    }

    private static boolean isSeparator(char c) {
        return Character.isWhitespace(c)
                || Character.isSpaceChar(c)
                || Character.getType(c) == Character.DASH_PUNCTUATION;
    }
}
