package dev.usher.network.registry;

import static java.util.Objects.requireNonNull;

import dev.usher.keys.SecretHash;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The codes that registered gateways are handed over with; only their hashes are kept. Case, spaces
 * and dashes do not matter.
 */
final class ClaimCodes {

    private static final String PURPOSE = "network-gateway/claim-code";
    private static final int SHORTEST = 8;
    private static final int LONGEST = 128;
    private static final Pattern SEPARATORS = Pattern.compile("[\\s-]");
    private static final Pattern FORM = Pattern.compile("[\\x21-\\x7E]*");

    private final SecretHash hashes;

    ClaimCodes(SecretHash hashes) {
        this.hashes = requireNonNull(hashes, "hashes");
    }

    /** A new code must have 8 to 128 visible ASCII characters, spaces and dashes aside. */
    static void check(String code) {
        String plain = plain(code);
        if (plain.length() < SHORTEST || plain.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "the code has "
                            + plain.length()
                            + " characters: use "
                            + SHORTEST
                            + " to "
                            + LONGEST);
        }
        if (!FORM.matcher(plain).matches()) {
            throw new IllegalArgumentException(
                    "the code has a character that not everybody can type: use letters and digits");
        }
    }

    byte[] hash(String code) {
        return hashes.of(PURPOSE, bytes(code));
    }

    boolean fits(byte[] hash, String code) {
        return hashes.matches(PURPOSE, hash, bytes(code));
    }

    private static byte[] bytes(String code) {
        return plain(code).getBytes(StandardCharsets.UTF_8);
    }

    private static String plain(String code) {
        return SEPARATORS.matcher(code).replaceAll("").toUpperCase(Locale.ROOT);
    }
}
