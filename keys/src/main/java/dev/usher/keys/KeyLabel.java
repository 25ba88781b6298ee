package dev.usher.keys;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.util.regex.Pattern;

/**
 * The name of a key in a vault: 1 to 64 of {@code a-z 0-9 . _ -}, beginning with a letter or digit.
 *
 * <p>It is a file name in a {@link FileVault} and the {@code CKA_LABEL} in a {@link Pkcs11Vault},
 * hence no upper case and nothing that means something in a path.
 */
public record KeyLabel(String value) implements Comparable<KeyLabel> {

    private static final Pattern SHAPE = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final String RESERVED = "usher.";

    public KeyLabel {
        if (!isLabel(requireNonNull(value, "value"))) {
            throw new IllegalArgumentException(
                    "'"
                            + Printable.of(value)
                            + "' is not a key label: write 1 to 64 of a-z 0-9 . _ - beginning with"
                            + " a letter or digit");
        }
    }

    static boolean isLabel(String text) {
        return SHAPE.matcher(text).matches();
    }

    /**
     * Whether this is one of the keys Usher makes for itself ({@code usher.…}: sealing and
     * hashing). Batches must not use them.
     */
    public boolean isReserved() {
        return value.startsWith(RESERVED);
    }

    @Override
    public int compareTo(KeyLabel other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
