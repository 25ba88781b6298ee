package dev.usher.keys;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One block of PEM text (RFC 7468): its type, such as {@code CERTIFICATE} or {@code EC PRIVATE
 * KEY}, and the DER inside.
 */
public final class Pem {

    private static final Pattern BLOCK =
            Pattern.compile(
                    "-----BEGIN ([A-Z0-9 ]{1,64})-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final Base64.Encoder LINES =
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private final String type;
    private final byte[] der;

    private Pem(String type, byte[] der) {
        this.type = type;
        this.der = der;
    }

    /** The block as text, lines of 64 characters, with a line end after the last. */
    public static String write(String type, byte[] der) {
        requireNonNull(type, "type");
        return "-----BEGIN "
                + type
                + "-----\n"
                + LINES.encodeToString(der)
                + "\n-----END "
                + type
                + "-----\n";
    }

    /**
     * All blocks of the text in order; what stands between them is skipped.
     *
     * @throws IllegalArgumentException if there is none, or one is not base64
     */
    public static List<Pem> read(String text) {
        List<Pem> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            blocks.add(new Pem(matcher.group(1), decoded(matcher)));
        }
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException(
                    "there is no PEM in it: it needs a line -----BEGIN …-----, base64 lines and a"
                            + " line -----END …-----");
        }
        return List.copyOf(blocks);
    }

    /** The DER of a text that is exactly one block of this type. */
    static byte[] single(String text, String type) {
        List<Pem> blocks = read(text);
        Pem only = blocks.getFirst();
        if (blocks.size() != 1 || !only.type.equals(type)) {
            throw new IllegalArgumentException(
                    "the PEM has "
                            + blocks.size()
                            + " blocks beginning with "
                            + Printable.of(only.type)
                            + ": it must be one "
                            + type);
        }
        return only.der();
    }

    private static byte[] decoded(Matcher block) {
        try {
            return Base64.getDecoder().decode(block.group(2).replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the PEM block " + block.group(1) + " is not base64: copy it again", e);
        }
    }

    public String type() {
        return type;
    }

    public byte[] der() {
        return der.clone();
    }

    /** Only the type, since the DER may be a private key. */
    @Override
    public String toString() {
        return "Pem[" + type + "]";
    }
}
