package dev.usher.devices;

import dev.usher.lorawan.Printable;

/** KEKLabels: what two sides call a key encryption key (Backend Interfaces 1.0 section 21). */
final class KekLabel {

    private static final int LONGEST = 255;

    private KekLabel() {}

    /** Returns the text, or says what is wrong with it as a KEKLabel. */
    static String check(String text) {
        if (text.isEmpty()
                || text.length() > LONGEST
                || !text.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(
                    "'"
                            + Printable.of(text)
                            + "' is not a KEK label: use 1 to 255 ASCII characters");
        }
        return text;
    }
}
