package dev.usher.station;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** One block of a PEM file (RFC 7468): its label, and the bytes in it. */
@SuppressWarnings("ArrayRecordComponent") // taken apart at once, never compared
record Pem(String label, byte[] content) {

    private static final String BEGIN = "-----BEGIN ";
    private static final String DASHES = "-----";

    /** Whether these bytes are a PEM file; never true for DER, which begins with a SEQUENCE. */
    static boolean looksLike(byte[] bytes) {
        return bytes.length > 0 && bytes[0] != Der.SEQUENCE && text(bytes).contains(BEGIN);
    }

    /**
     * Every block of the file. Text around the blocks is ignored.
     *
     * @throws IllegalArgumentException if a block has no end, is not base64 or is encrypted
     */
    static List<Pem> blocks(byte[] bytes) {
        String text = text(bytes);
        List<Pem> blocks = new ArrayList<>();
        int next = 0;
        for (int begin = text.indexOf(BEGIN); begin >= 0; begin = text.indexOf(BEGIN, next)) {
            int labelBegin = begin + BEGIN.length();
            int labelEnd = text.indexOf(DASHES, labelBegin);
            String label = labelEnd < 0 ? "" : text.substring(labelBegin, labelEnd);
            String endLine = "-----END " + label + DASHES;
            int end = text.indexOf(endLine, labelBegin);
            if (label.isEmpty() || end < 0) {
                throw new IllegalArgumentException("has a PEM block without end: give all of it");
            }
            blocks.add(new Pem(label, decode(label, text.substring(labelEnd + 5, end))));
            next = end + endLine.length();
        }
        return blocks;
    }

    private static byte[] decode(String label, String body) {
        // RFC 1421 headers stand in front of keys that are encrypted the old way.
        if (label.startsWith("ENCRYPTED ") || body.contains("Proc-Type:")) {
            throw new IllegalArgumentException(
                    "is encrypted with a passphrase, and a gateway has nobody to ask for it:"
                            + " decrypt it with 'openssl pkey -in FILE -out FILE'");
        }
        try {
            return Base64.getDecoder().decode(body.replaceAll("\\s", ""));
        } catch (
                @SuppressWarnings("unused")
                IllegalArgumentException e) {
            // Not chained: its message shows a character of what may be a private key.
            throw new IllegalArgumentException("has a PEM block that is not base64: copy it again");
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }
}
