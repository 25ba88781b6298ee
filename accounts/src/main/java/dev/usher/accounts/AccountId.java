package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.util.regex.Pattern;

/**
 * The name of a user or an organization, which share their names: 3 to 36 lower-case letters,
 * digits and single dashes, as people know it from The Things Stack ({@code acme-2}).
 */
public record AccountId(String value) implements Comparable<AccountId> {

    private static final Pattern FORM = Pattern.compile("[a-z0-9](?:-?[a-z0-9]){2,}");
    private static final int LONGEST = 36;

    public AccountId {
        if (requireNonNull(value, "value").length() > LONGEST || !FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "'"
                            + Printable.of(value)
                            + "' is not a user's or organization's ID: use 3 to "
                            + LONGEST
                            + " lower-case letters, digits and single dashes");
        }
    }

    @Override
    public int compareTo(AccountId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
