package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.NearestWord;
import dev.usher.lorawan.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The keys of one section. Every key that is asked for is thereby known; {@link #refuseTheRest}
 * then refuses what nobody asked for. Whatever is wrong is reported, and then counts as not there.
 */
final class Keys {

    private final Yaml.Section section;
    private final String prefix;
    private final Report report;
    private final List<String> known = new ArrayList<>();

    private Keys(Yaml.Section section, String prefix, Report report) {
        this.section = requireNonNull(section, "section");
        this.prefix = prefix;
        this.report = requireNonNull(report, "report");
    }

    /** The keys at the top of a file. */
    static Keys of(Yaml.Section file, Report report) {
        return new Keys(file, "", report);
    }

    /** The line of a key that is there, else of the section. */
    int line(String key) {
        Yaml.Entry entry = section.entries().get(key);
        return entry == null ? section.line() : entry.line();
    }

    boolean has(String key) {
        return value(key).isPresent();
    }

    /** A section inside; what is asked for in it is called {@code key.…}. */
    Optional<Keys> section(String key) {
        return known(key)
                .flatMap(
                        value -> {
                            if (value instanceof Yaml.Section inner) {
                                return Optional.of(new Keys(inner, name(key) + ".", report));
                            }
                            report.error(
                                    line(key),
                                    "'" + name(key) + "' must be a section of 'key: value' lines");
                            return Optional.empty();
                        });
    }

    /** The elements of a list, none if it is not there. */
    List<Yaml> list(String key) {
        return known(key)
                .map(
                        value -> {
                            if (value instanceof Yaml.Items list) {
                                return list.items();
                            }
                            report.error(
                                    line(key), "'" + name(key) + "' must be a list: [a, b, …]");
                            return List.<Yaml>of();
                        })
                .orElse(List.of());
    }

    /** The elements of a list that the parser understands; the others are reported. */
    <T> List<T> list(String key, Function<String, T> parser) {
        List<T> values = new ArrayList<>();
        for (Yaml item : list(key)) {
            parsed(item, parser).ifPresent(values::add);
        }
        return values;
    }

    /** The keys of a section that is an element of a list. */
    Optional<Keys> element(Yaml item) {
        if (item instanceof Yaml.Section inner) {
            return Optional.of(new Keys(inner, "", report));
        }
        report.error(item.line(), "there must be 'key: value' lines here");
        return Optional.empty();
    }

    Optional<String> text(String key) {
        return read(key, Function.identity());
    }

    /**
     * A value that is not secret.
     *
     * @param parser what it throws ({@link IllegalArgumentException}) names the value and says what
     *     to write
     */
    <T> Optional<T> read(String key, Function<String, T> parser) {
        return single(key)
                .flatMap(
                        text -> {
                            if (text.text().isBlank()) {
                                report.error(
                                        line(key),
                                        "'"
                                                + name(key)
                                                + "' is empty: give it a value or leave it out");
                                return Optional.empty();
                            }
                            return parsed(text, name(key) + ": ", parser);
                        });
    }

    /** A value that must not be shown; it may be empty. */
    Optional<String> secret(String key) {
        return single(key).map(Yaml.Text::text);
    }

    /** All keys with their values, which must not be shown, whatever the keys are. */
    Map<String, Yaml.Entry> all() {
        known.addAll(section.entries().keySet());
        return section.entries();
    }

    void missing(String key, String what) {
        report.error(section.line(), "'" + name(key) + "' is missing: " + what);
    }

    /** A complaint about a key that is there. */
    void error(String key, String what) {
        report.error(line(key), what);
    }

    void warning(String key, String what) {
        report.warning(line(key), what);
    }

    void refuseTheRest() {
        section.entries()
                .forEach(
                        (key, entry) -> {
                            if (!known.contains(key)) {
                                report.error(
                                        entry.line(),
                                        "unknown key '"
                                                + Printable.of(prefix + key)
                                                + "': "
                                                + NearestWord.to(key, known)
                                                        .map(
                                                                near ->
                                                                        "did you mean '"
                                                                                + prefix
                                                                                + near
                                                                                + "'?")
                                                        .orElseGet(
                                                                () ->
                                                                        "there are "
                                                                                + String.join(
                                                                                        ", ", known)
                                                                                + " here"));
                            }
                        });
    }

    private Optional<Yaml> known(String key) {
        known.add(key);
        return value(key);
    }

    private Optional<Yaml> value(String key) {
        return Optional.ofNullable(section.entries().get(key))
                .map(Yaml.Entry::value)
                .filter(value -> !(value instanceof Yaml.Nothing));
    }

    private Optional<Yaml.Text> single(String key) {
        return known(key)
                .flatMap(
                        value -> {
                            if (value instanceof Yaml.Text text) {
                                return Optional.of(text);
                            }
                            report.error(line(key), "'" + name(key) + "' must be a single value");
                            return Optional.empty();
                        });
    }

    /** What the parser makes of a value; it is reported where it is not one. */
    <T> Optional<T> parsed(Yaml value, Function<String, T> parser) {
        return parsed(value, "", parser);
    }

    private <T> Optional<T> parsed(Yaml value, String where, Function<String, T> parser) {
        if (!(value instanceof Yaml.Text text)) {
            report.error(value.line(), "there must be a single value here");
            return Optional.empty();
        }
        try {
            return Optional.of(parser.apply(text.text()));
        } catch (IllegalArgumentException e) {
            report.error(text.line(), where + e.getMessage());
            return Optional.empty();
        }
    }

    private String name(String key) {
        return prefix + key;
    }
}
