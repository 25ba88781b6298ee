package dev.usher.cli;

import com.google.zxing.WriterException;
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel;
import com.google.zxing.qrcode.encoder.ByteMatrix;
import com.google.zxing.qrcode.encoder.Encoder;

/** A QR code for a terminal: half-block characters, two modules in each, one above the other. */
final class Qr {

    /** Light modules around the code; the standard says 4, and phones read 2. */
    private static final int QUIET = 2;

    private static final String BLACK_ON_WHITE = "\u001b[30;107m";
    private static final String RESET = "\u001b[0m";

    private Qr() {}

    /**
     * The lines of the code, each with its line end. With colours it is black on white whatever the
     * terminal's colours are; without, it is drawn for the usual light text on dark.
     *
     * @throws IllegalArgumentException if the text is too long for a QR code, or empty
     */
    static String render(String text, boolean colours) {
        ByteMatrix modules = encode(text);
        StringBuilder lines = new StringBuilder();
        int size = modules.getWidth();
        for (int y = -QUIET; y < size + QUIET; y += 2) {
            lines.append(colours ? BLACK_ON_WHITE : "");
            for (int x = -QUIET; x < size + QUIET; x++) {
                boolean upper = isDark(modules, x, y) == colours;
                boolean lower = isDark(modules, x, y + 1) == colours;
                lines.append(upper ? (lower ? '█' : '▀') : lower ? '▄' : ' ');
            }
            lines.append(colours ? RESET : "").append('\n');
        }
        return lines.toString();
    }

    private static boolean isDark(ByteMatrix modules, int x, int y) {
        return x >= 0
                && y >= 0
                && x < modules.getWidth()
                && y < modules.getHeight()
                && modules.get(x, y) == 1;
    }

    private static ByteMatrix encode(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("there is no text for a QR code");
        }
        try {
            return Encoder.encode(text, ErrorCorrectionLevel.M).getMatrix();
        } catch (WriterException e) {
            throw new IllegalArgumentException(
                    "a text of " + text.length() + " characters is too long for a QR code", e);
        }
    }
}
