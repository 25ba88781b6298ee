package dev.usher.accounts;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What somebody may do, with all that follows from it: {@code RIGHT_ALL} brings every right, {@code
 * RIGHT_GATEWAY_LINK} brings {@code RIGHT_GATEWAY_INFO}.
 *
 * @param all every right, in the order of {@link Right}
 */
public record Rights(Set<Right> all) {

    public static final Rights NONE = of();
    public static final Rights ALL = of(Right.ALL);

    public Rights {
        all = Collections.unmodifiableSet(withWhatFollows(all));
    }

    private static Set<Right> withWhatFollows(Collection<Right> given) {
        Set<Right> rights = EnumSet.noneOf(Right.class);
        rights.addAll(given);
        if (rights.contains(Right.ALL)) {
            return EnumSet.allOf(Right.class);
        }
        for (Entity.Kind kind : Entity.Kind.values()) {
            if (rights.contains(Right.allOn(kind))) {
                rights.addAll(on(kind));
            }
        }
        if (rights.contains(Right.GATEWAY_LINK)) {
            rights.add(Right.GATEWAY_INFO);
        }
        return rights;
    }

    private static Set<Right> on(Entity.Kind kind) {
        return Arrays.stream(Right.values())
                .filter(right -> right.kind().filter(kind::equals).isPresent())
                .collect(Collectors.toSet());
    }

    public static Rights of(Right... rights) {
        return new Rights(Set.of(rights));
    }

    /** All rights there are on things of this kind. */
    public static Rights allOn(Entity.Kind kind) {
        return of(Right.allOn(kind));
    }

    /**
     * Reads names with commas between them; nothing is no right.
     *
     * @throws IllegalArgumentException if there is no such right
     */
    public static Rights parse(String text) {
        return text.isBlank()
                ? NONE
                : new Rights(
                        Arrays.stream(text.split(",", -1))
                                .map(Right::parse)
                                .collect(Collectors.toSet()));
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    public boolean includes(Right right) {
        return all.contains(right);
    }

    public boolean includes(Rights others) {
        return all.containsAll(others.all);
    }

    /** The rights that are in both. */
    public Rights and(Rights other) {
        Set<Right> both = EnumSet.noneOf(Right.class);
        all.stream().filter(other.all::contains).forEach(both::add);
        return new Rights(both);
    }

    /** The rights of both together. */
    public Rights or(Rights other) {
        Set<Right> either = EnumSet.noneOf(Right.class);
        either.addAll(all);
        either.addAll(other.all);
        return new Rights(either);
    }

    /** The rights that are not in the other. */
    Rights without(Rights other) {
        Set<Right> rest = EnumSet.noneOf(Right.class);
        all.stream().filter(right -> !other.includes(right)).forEach(rest::add);
        return new Rights(rest);
    }

    /** The fewest names that say it, with commas between them; {@link #parse} reads them. */
    @Override
    public String toString() {
        if (all.contains(Right.ALL)) {
            return Right.ALL.toString();
        }
        return all.stream()
                .filter(
                        right ->
                                right.kind()
                                        .map(Right::allOn)
                                        .filter(whole -> whole != right && all.contains(whole))
                                        .isEmpty())
                .map(Right::toString)
                .collect(Collectors.joining(","));
    }
}
