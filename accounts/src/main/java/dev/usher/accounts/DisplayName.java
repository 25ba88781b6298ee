package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

/** What an owner or a key is called by people: one line of at most 200 characters. */
final class DisplayName {

    private static final int LONGEST = 200;

    private DisplayName() {}

    /**
     * @param what whose name it is, as an error calls it
     */
    static void check(String what, String name) {
        if (requireNonNull(name, "name").length() > LONGEST) {
            throw new IllegalArgumentException(
                    what + " has " + name.length() + " characters: use at most " + LONGEST);
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    what + " has a line break or another control character: leave it out");
        }
    }
}
