package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of an API key, {@code USHER.<id>.<secret>}.
 *
 * <p>The secret is 256 random bits, so its plain SHA-256 is all that needs keeping: there is
 * nothing to guess, and a slow hash would only slow its holder down.
 *
 * @param id 16 hex digits
 */
record KeyText(String id, String secret) {

    private static final Pattern FORM = Pattern.compile("USHER\\.([0-9a-f]{16})\\.([\\w-]{43})");
    private static final SecureRandom RANDOM = new SecureRandom();

    KeyText {
        requireNonNull(id, "id");
        requireNonNull(secret, "secret");
    }

    static KeyText random() {
        byte[] id = new byte[8];
        RANDOM.nextBytes(id);
        return new KeyText(HexFormat.of().formatHex(id), randomSecret());
    }

    /** 256 random bits, 43 characters. */
    static String randomSecret() {
        byte[] secret = new byte[32];
        RANDOM.nextBytes(secret);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }

    static Optional<KeyText> parse(String text) {
        Matcher parts = FORM.matcher(text);
        return parts.matches()
                ? Optional.of(new KeyText(parts.group(1), parts.group(2)))
                : Optional.empty();
    }

    /** What is kept of the secret. */
    byte[] hash() {
        return hash(secret);
    }

    static byte[] hash(String secret) {
        return Sha256.of(secret.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether the secret is the one that this was kept of, in constant time. */
    boolean fits(byte[] stored) {
        return MessageDigest.isEqual(stored, hash());
    }

    /** The key itself. Never log it. */
    String text() {
        return "USHER." + id + "." + secret;
    }

    @Override
    public String toString() {
        return "KeyText[" + id + "]";
    }
}
