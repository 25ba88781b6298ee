package dev.usher.network.claiming;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The characters of a label that people take for one another. */
final class LookAlikes {

    /** Each group looks alike in print. */
    private static final List<String> GROUPS =
            List.of("0OoDQ", "1lI", "8B3", "5S", "2Z", "6Gb", "vu", "nr", "9gq");

    private LookAlikes() {}

    /**
     * Which characters of what was typed may have been misread, as half a sentence: {@code an 8
     * looks like a B or a 3}. Shows single characters only, each once, and nothing of their order.
     */
    static Optional<String> in(String typed) {
        Set<Character> characters = new LinkedHashSet<>();
        typed.chars().sorted().forEach(c -> characters.add((char) c));
        String hints =
                characters.stream()
                        .flatMap(c -> hint(c).stream())
                        .collect(Collectors.joining(", "));
        return hints.isEmpty() ? Optional.empty() : Optional.of(hints);
    }

    private static Optional<String> hint(char c) {
        return GROUPS.stream()
                .filter(group -> group.indexOf(c) >= 0)
                .findFirst()
                .map(
                        group ->
                                c
                                        + " may be "
                                        + group.chars()
                                                .filter(other -> other != c)
                                                .mapToObj(other -> String.valueOf((char) other))
                                                .collect(Collectors.joining(" or ")));
    }
}
