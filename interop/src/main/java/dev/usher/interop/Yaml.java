package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * A place in a YAML file and what stands there. Sections, lists and single values are understood
 * and nothing cleverer, so that what is written is what happens.
 */
sealed interface Yaml {

    /** Counted from 1. */
    int line();

    /** A single value as it was written, whatever type YAML thinks it has. */
    record Text(String text, int line) implements Yaml {
        public Text {
            requireNonNull(text, "text");
        }

        /** It may be a password. */
        @Override
        public String toString() {
            return "Text[line " + line + "]";
        }
    }

    /** No value, as after a key whose own lines are all comments. */
    record Nothing(int line) implements Yaml {}

    record Items(List<Yaml> items, int line) implements Yaml {
        public Items {
            items = List.copyOf(items);
        }
    }

    record Section(Map<String, Entry> entries, int line) implements Yaml {}

    /**
     * One key of a section.
     *
     * @param line of the key
     */
    record Entry(int line, Yaml value) {}

    /**
     * Reads a whole file. Keys that come twice are reported, and the first one counts.
     *
     * @return its section, empty for an empty file; nothing if it is not YAML, or no section
     */
    static Optional<Section> read(String text, Report report) {
        try (JsonParser parser = new YAMLFactory().createParser(ObjectReadContext.empty(), text)) {
            return new Reader((YAMLParser) parser, report).document();
        } catch (StreamReadException e) {
            YamlProblem problem = YamlProblem.of(e);
            report.error(problem.line(), "this is not YAML: " + problem.what());
        }
        return Optional.empty();
    }

    /** Builds the tree while the parser goes through the file. */
    final class Reader {

        private static final int DEEPEST = 8;

        private final YAMLParser parser;
        private final Report report;
        private int depth;

        private Reader(YAMLParser parser, Report report) {
            this.parser = parser;
            this.report = report;
        }

        private Optional<Section> document() {
            JsonToken first = parser.nextToken();
            if (first == null || first == JsonToken.VALUE_NULL) {
                return Optional.of(new Section(Map.of(), 1));
            }
            if (first != JsonToken.START_OBJECT) {
                report.error(line(), "there must be 'key: value' lines here");
                return Optional.empty();
            }
            Section section = section();
            if (parser.nextToken() != null) {
                report.error(line(), "a second document begins here, and one is all there can be");
            }
            return Optional.of(section);
        }

        private Yaml value(JsonToken token) {
            refuseCleverness();
            if (++depth > DEEPEST) {
                throw new StreamReadException(parser, "it is more than 8 levels deep");
            }
            try {
                return switch (token) {
                    case START_OBJECT -> section();
                    case START_ARRAY -> items();
                    case VALUE_NULL -> new Nothing(line());
                    default -> new Text(parser.getString(), line());
                };
            } finally {
                depth--;
            }
        }

        private Section section() {
            int line = line();
            Map<String, Entry> entries = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                int keyLine = line();
                Entry entry = new Entry(keyLine, value(parser.nextToken()));
                Entry first = entries.putIfAbsent(key, entry);
                if (first != null) {
                    report.error(
                            keyLine,
                            "'"
                                    + Printable.of(key)
                                    + "' is given twice, first in line "
                                    + first.line());
                }
            }
            return new Section(entries, line);
        }

        private Items items() {
            int line = line();
            List<Yaml> items = new ArrayList<>();
            for (JsonToken token = parser.nextToken();
                    token != JsonToken.END_ARRAY;
                    token = parser.nextToken()) {
                items.add(value(token));
            }
            return new Items(items, line);
        }

        /** To the parser an alias is text like any other, and a tag is nothing at all. */
        private void refuseCleverness() {
            if (parser.isCurrentAlias()) {
                report.error(line(), "this refers to another place with '*': write its value here");
            }
            String tag = parser.getTypeId();
            if (tag != null) {
                report.error(
                        line(),
                        "this has the tag '"
                                + Printable.of(tag)
                                + "': leave it out, values need no type here");
            }
        }

        private int line() {
            return parser.currentTokenLocation().getLineNr();
        }
    }
}
