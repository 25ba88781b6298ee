package dev.usher.devices;

import dev.usher.lorawan.Printable;

/** AS-IDs: the text an Application Server calls itself (Backend Interfaces 1.0 section 22.2). */
final class AsId {

    private static final int LONGEST = 255;

    private AsId() {}

    /** Returns the text, or says what is wrong with it as an AS-ID. */
    static String check(String text) {
        boolean fits =
                !text.isEmpty()
                        && text.length() <= LONGEST
                        && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
        if (!fits) {
            throw new IllegalArgumentException(
                    "'"
                            + Printable.of(text)
                            + "' is not an AS-ID: use 1 to 255 visible ASCII characters, such as"
                            + " as.example.com");
        }
        return text;
    }
}
