package dev.usher.server.config;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import dev.usher.lorawan.NearestWord;
import dev.usher.lorawan.Printable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The values of the environment over those of a file. Every key that is asked for is thereby known;
 * {@link #refuseTheRest} then refuses what nobody asked for.
 *
 * <p>Key and variable follow from each other: {@code tls.key} is {@code USHER_TLS_KEY}. A variable
 * set to nothing counts as not set.
 */
final class Settings {

    private static final String PREFIX = "USHER_";

    /** What the commands that talk to a node, and the script that starts it, read of the same. */
    private static final Set<String> OF_OTHERS =
            Set.of(
                    "USHER_API_KEY",
                    "USHER_APP_KEY",
                    "USHER_CA",
                    "USHER_DATA_DIR",
                    "USHER_JAVA_OPTIONS",
                    "USHER_NWK_KEY",
                    "USHER_OUTPUT",
                    "USHER_OWNERID",
                    "USHER_OWNER_URL",
                    "USHER_URL");

    /** The keys that are lists, which only the file can have. */
    static final Set<String> LISTS =
            Set.of(
                    NetworkSection.UPSTREAMS,
                    NetworkSection.UPSTREAMS + "[].ranges",
                    NetworkSection.KEKS);

    private final @Nullable YamlFile file;
    private final Map<String, String> environment;
    private final List<Key> known = new ArrayList<>();

    /** Those in entries of lists. */
    private final List<String> knownInLists = new ArrayList<>();

    Settings(@Nullable YamlFile file, Map<String, String> environment) {
        this.file = file;
        this.environment = environment;
    }

    /**
     * A key as docs/configuration.md lists it.
     *
     * @param defaultValue empty when there is none, or when it is not a constant
     */
    record Key(String name, String defaultValue) {

        String variable() {
            return PREFIX + name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
        }
    }

    /** A value, and where it came from, for messages. */
    private record Found(String text, boolean isText, String where, boolean inFile) {}

    List<Key> known() {
        return known;
    }

    String text(String name, String defaultValue) {
        return find(new Key(name, defaultValue)).map(this::requireText).orElse(defaultValue);
    }

    Optional<String> text(String name) {
        return find(new Key(name, "")).map(this::requireText);
    }

    /**
     * Text that {@code check} accepts; what it throws says what to write, and does not repeat it.
     */
    Optional<String> secretText(String name, Consumer<String> check) {
        Optional<Found> found = find(new Key(name, ""));
        found.ifPresent(
                value -> {
                    try {
                        check.accept(requireText(value));
                    } catch (IllegalArgumentException e) {
                        throw new ConfigException(
                                value.where + " cannot be used: " + e.getMessage() + ".", e);
                    }
                });
        return found.map(Found::text);
    }

    String oneOf(String name, String defaultValue, String... others) {
        String value = text(name, defaultValue);
        List<String> all = new ArrayList<>(List.of(others));
        all.addFirst(defaultValue);
        if (!all.contains(value)) {
            throw wrong(name, "must be " + String.join(" or ", all));
        }
        return value;
    }

    /** {@code true} or {@code false}; false where there is nothing. */
    boolean flag(String name) {
        String value = find(new Key(name, "false")).map(Found::text).orElse("false");
        if (!value.equals("true") && !value.equals("false")) {
            throw wrong(name, "must be true or false");
        }
        return value.equals("true");
    }

    int number(String name, int defaultValue, int least, int most) {
        Key key = new Key(name, Integer.toString(defaultValue));
        Optional<Found> found = find(key);
        if (found.isEmpty()) {
            return defaultValue;
        }
        try {
            int value = Integer.parseInt(found.get().text());
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of range.
        }
        throw wrong(name, "must be a whole number from " + least + " to " + most);
    }

    /**
     * A path: in the file relative to the file's directory, in the environment to the current one.
     */
    Optional<Path> path(String name) {
        return find(new Key(name, ""))
                .map(
                        value -> {
                            String text = requireText(value);
                            return value.inFile && file != null
                                    ? file.resolve(text)
                                    : Path.of(text).toAbsolutePath().normalize();
                        });
    }

    /**
     * Whether a secret is in the environment. It stays there until it is used, and has no place in
     * the file, which is copied, shown and checked in.
     */
    boolean isInEnvironment(String name) {
        Key key = new Key(name, "");
        Optional<Found> found = find(key);
        if (found.isPresent() && found.get().inFile) {
            throw new ConfigException(
                    found.get().where
                            + " is a secret and does not belong here: write it to a file and name"
                            + " that in "
                            + name
                            + "-file, or set "
                            + key.variable()
                            + ".");
        }
        return found.isPresent();
    }

    /** Whether there is a value, without making the key known. */
    boolean has(String name) {
        return look(new Key(name, "")).isPresent();
    }

    /** A complaint about a value that is there. */
    ConfigException wrong(String name, String what) {
        Found found = look(new Key(name, "")).orElseThrow();
        return new ConfigException(
                found.where + " is '" + Printable.of(found.text) + "': it " + what + ".");
    }

    /** A complaint about a key, wherever its value is, without showing it. */
    ConfigException about(String name, String what) {
        Key key = new Key(name, "");
        return new ConfigException(
                look(key).map(Found::where).orElse(name + " (" + key.variable() + ")")
                        + " "
                        + what
                        + ".");
    }

    /** Refuses keys and variables that nobody has asked for. */
    void refuseTheRest() {
        if (file != null) {
            List<String> names =
                    Stream.concat(known.stream().map(Key::name), knownInLists.stream()).toList();
            file.values()
                    .forEach(
                            (name, value) -> {
                                if (!names.contains(name)) {
                                    throw unknown(
                                            file.at(value.line()) + "unknown key ", name, names);
                                }
                            });
        }
        List<String> variables = known.stream().map(Key::variable).toList();
        environment.keySet().stream()
                .filter(name -> name.startsWith(PREFIX))
                .filter(name -> !variables.contains(name) && !OF_OTHERS.contains(name))
                .sorted()
                .findFirst()
                .ifPresent(
                        name -> {
                            throw unknown("Unknown environment variable ", name, variables);
                        });
    }

    /** The entries of a list. */
    List<Entry> entries(String list) {
        List<Entry> entries = new ArrayList<>();
        if (file != null) {
            Set<String> keys = file.values().keySet();
            for (int number = 1; hasEntry(keys, list + "[" + number + "]"); number++) {
                entries.add(new Entry(list + "[" + number + "]."));
            }
            if (entries.isEmpty() && keys.contains(list)) {
                throw about(list, "must be a list: begin each entry with a dash");
            }
        }
        return entries;
    }

    private static boolean hasEntry(Set<String> keys, String entry) {
        return keys.stream().anyMatch(key -> key.equals(entry) || key.startsWith(entry + "."));
    }

    /** One of a list, with keys of its own. */
    final class Entry {

        private final String prefix;

        private Entry(String prefix) {
            this.prefix = prefix;
        }

        private Optional<Found> find(String key) {
            knownInLists.add(prefix + key);
            return look(new Key(prefix + key, ""));
        }

        Optional<String> text(String key) {
            return find(key).map(Settings.this::requireText);
        }

        String required(String key) {
            return text(key).orElseThrow(() -> about(key, "is missing"));
        }

        /** A list of texts; one alone can stand without one. */
        List<String> texts(String key) {
            List<String> texts = new ArrayList<>(text(key).stream().toList());
            Optional<String> next = text(key + "[1]");
            for (int number = 2; next.isPresent(); number++) {
                texts.add(next.get());
                next = text(key + "[" + number + "]");
            }
            return texts;
        }

        Optional<Path> path(String key) {
            return text(key).map(text -> requireNonNull(file, "file").resolve(text));
        }

        /** A secret has no place in the file, which is copied, shown and checked in. */
        void refuseSecret(String key) {
            if (find(key).isPresent()) {
                throw about(
                        key,
                        "is a secret and does not belong here: write it to a file and name that in "
                                + key
                                + "-file");
            }
        }

        <T> T parsed(String key, String text, Function<String, T> parser) {
            try {
                return parser.apply(text);
            } catch (IllegalArgumentException e) {
                throw about(key, "cannot be used: " + e.getMessage());
            }
        }

        /** A complaint; about what is not there it names the entry's first line. */
        ConfigException about(String key, String what) {
            YamlFile yaml = requireNonNull(file, "file");
            YamlFile.Value value =
                    Optional.ofNullable(yaml.values().get(prefix + key))
                            .orElseGet(
                                    () ->
                                            yaml.values().entrySet().stream()
                                                    .filter(
                                                            e ->
                                                                    (e.getKey() + ".")
                                                                            .startsWith(prefix))
                                                    .map(Map.Entry::getValue)
                                                    .min(
                                                            Comparator.comparingInt(
                                                                    YamlFile.Value::line))
                                                    .orElseThrow());
            return new ConfigException(yaml.at(value.line()) + prefix + key + " " + what + ".");
        }
    }

    private Optional<Found> find(Key key) {
        known.add(key);
        return look(key);
    }

    private Optional<Found> look(Key key) {
        String variable = environment.getOrDefault(key.variable(), "");
        if (!variable.isEmpty()) {
            return Optional.of(new Found(variable, true, key.variable(), false));
        }
        if (file == null) {
            return Optional.empty();
        }
        YamlFile yaml = file;
        return Optional.ofNullable(yaml.values().get(key.name))
                .map(
                        value ->
                                new Found(
                                        value.text(),
                                        value.isText(),
                                        yaml.at(value.line()) + key.name,
                                        true));
    }

    private String requireText(Found found) {
        if (!found.isText) {
            throw new ConfigException(found.where + " must be text: put it in quotes.");
        }
        if (found.text.isBlank()) {
            throw new ConfigException(found.where + " is empty: give it a value or leave it out.");
        }
        return found.text;
    }

    private static ConfigException unknown(String where, String name, List<String> known) {
        // A section that is written as a value, or a value as a section, is known by its beginning.
        List<String> inside = known.stream().filter(key -> key.startsWith(name + ".")).toList();
        String hint =
                inside.isEmpty()
                        ? NearestWord.to(name, known)
                                .map(key -> ": did you mean '" + key + "'?")
                                .orElse("; docs/configuration.md lists those there are.")
                        : ": it is a section with "
                                + inside.stream()
                                        .map(key -> key.substring(name.length() + 1))
                                        .collect(joining(", "))
                                + ".";
        return new ConfigException(where + "'" + Printable.of(name) + "'" + hint);
    }
}
