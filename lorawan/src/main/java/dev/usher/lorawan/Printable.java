package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

/**
 * Foreign text made safe for one line of a message or a log: control characters shown as {@code ?},
 * long text cut.
 */
public final class Printable {

    private static final int LONGEST = 80;

    private Printable() {}

    public static String of(String text) {
        requireNonNull(text, "text");
        StringBuilder line = new StringBuilder(Math.min(text.length(), LONGEST) + 1);
        text.codePoints()
                .limit(LONGEST)
                .forEach(c -> line.appendCodePoint(isPrintable(c) ? c : '?'));
        if (text.codePointCount(0, text.length()) > LONGEST) {
            line.append('…');
        }
        return line.toString();
    }

    private static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }
}
