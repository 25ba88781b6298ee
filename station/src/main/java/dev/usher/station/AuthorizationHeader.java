package dev.usher.station;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * The HTTP header line by which a gateway without a client certificate authenticates itself: {@code
 * Authorization: VALUE} and CRLF, sent by station as it is with every request to the server.
 *
 * <p>Station copies the text into its requests without looking for more than {@code Name: }, so
 * everything that could break or extend a request is refused here: one line, printable ASCII, a
 * name that is {@code Authorization} or begins with {@code X-}.
 */
public final class AuthorizationHeader {

    /**
     * The longest line, CRLF included, in bytes. Station builds a whole request in one buffer of 8
     * KB; this leaves 2 KB for its own lines and its JSON.
     */
    public static final int LONGEST = 6 * 1024;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+");
    private static final Pattern ALLOWED_NAME =
            Pattern.compile("Authorization|X-.+", Pattern.CASE_INSENSITIVE);
    private static final String CRLF = "\r\n";

    private final byte[] line;
    private final String name;
    private final boolean completed;

    private AuthorizationHeader(String text) {
        String content = withoutLineEnd(text);
        int colon = content.indexOf(": ");
        check(content, colon);
        this.name = content.substring(0, colon);
        this.line = (content + CRLF).getBytes(US_ASCII);
        this.completed = !text.endsWith(CRLF);
        if (line.length > LONGEST) {
            throw refusal(
                    "has %d bytes, and only %d fit into a request of station: use a shorter token"
                            .formatted(line.length, LONGEST));
        }
    }

    /**
     * Takes one line {@code Name: value}. A missing CRLF at its end is added.
     *
     * @throws IllegalArgumentException if it is anything else; the message says what is wrong and
     *     shows nothing of the value
     */
    public static AuthorizationHeader of(byte[] line) {
        if (Pem.looksLike(line) || (line.length > 0 && line[0] == Der.SEQUENCE)) {
            throw refusal("is a key or a certificate: write 'Authorization: VALUE'");
        }
        return of(new String(line, ISO_8859_1));
    }

    /**
     * Takes one line {@code Name: value}. A missing CRLF at its end is added.
     *
     * @throws IllegalArgumentException if it is anything else; the message says what is wrong and
     *     shows nothing of the value
     */
    public static AuthorizationHeader of(String line) {
        return new AuthorizationHeader(line);
    }

    /** A line end that is only LF is what text editors and {@code echo} leave behind. */
    private static String withoutLineEnd(String text) {
        if (text.endsWith(CRLF)) {
            return text.substring(0, text.length() - 2);
        }
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    private static void check(String content, int colon) {
        if (content.isEmpty()) {
            throw refusal("is empty: write 'Authorization: VALUE'");
        }
        if (content.indexOf('\r') >= 0 || content.indexOf('\n') >= 0) {
            throw refusal("has more than one line, and only one is taken");
        }
        if (!content.chars().allMatch(c -> c >= ' ' && c < 0x7F)) {
            throw refusal("has a control character or one that is not ASCII");
        }
        if (colon < 0) {
            throw refusal("has no colon and space after its name: write 'Authorization: VALUE'");
        }
        String name = content.substring(0, colon);
        if (!NAME.matcher(name).matches()) {
            throw refusal("has a name of other characters than letters, digits, '-' and '_'");
        }
        if (!ALLOWED_NAME.matcher(name).matches()) {
            // The name is not shown: a token pasted in the wrong place would be.
            throw refusal("has another name: use Authorization, or one that begins with X-");
        }
        if (content.substring(colon + 2).isBlank()) {
            throw refusal("has no value after its name: write 'Authorization: VALUE'");
        }
    }

    private static IllegalArgumentException refusal(String reason) {
        return new IllegalArgumentException("the header line " + reason);
    }

    /** The name of the header, as it was written. */
    public String name() {
        return name;
    }

    /** What stands after the name, without the CRLF. A secret. */
    public String value() {
        return new String(line, name.length() + 2, line.length - name.length() - 4, US_ASCII);
    }

    /** The line as it goes into a credential blob, CRLF included. A secret. */
    public byte[] bytes() {
        return line.clone();
    }

    int length() {
        return line.length;
    }

    /** Whether the CRLF at its end was missing and has been added. */
    public boolean completed() {
        return completed;
    }

    /** Compares the lines, in constant time; whether one was completed does not matter. */
    @Override
    public boolean equals(Object other) {
        return other instanceof AuthorizationHeader that && MessageDigest.isEqual(line, that.line);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(line);
    }

    /** Its name and size, nothing of its value. */
    @Override
    public String toString() {
        return "AuthorizationHeader[" + name + ", " + line.length + " bytes]";
    }
}
