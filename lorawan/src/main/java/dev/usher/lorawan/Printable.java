package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

/**
 * Foreign text made safe for one line of a message or a log: control characters shown as {@code ?},
 * long text cut.
 */
public final class Printable {

    private static final int LONGEST = 80;

    private Printable() {}

    /** A value that a sentence repeats. */
    public static String of(String text) {
        return of(text, LONGEST);
    }

    /**
     * A whole sentence.
     *
     * @param longest how many characters are kept
     */
    public static String of(String text, int longest) {
        requireNonNull(text, "text");
        StringBuilder line = new StringBuilder(Math.min(text.length(), longest) + 1);
        text.codePoints()
                .limit(longest)
                .forEach(c -> line.appendCodePoint(isPrintable(c) ? c : '?'));
        if (text.codePointCount(0, text.length()) > longest) {
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
