package dev.usher.server.config;

import dev.usher.interop.YamlProblem;
import dev.usher.lorawan.Printable;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * A YAML file taken apart into single values, each with the line it stands in. Sections become dots
 * in the key: {@code tls: {key: a.pem}} is {@code tls.key}. Entries of the lists that there may be
 * are numbered from 1: {@code keks[1].label}. Nothing cleverer than that is understood, so that
 * what is written is what happens.
 */
final class YamlFile {

    private final Path path;
    private final Set<String> lists;
    private final Map<String, Value> values = new LinkedHashMap<>();

    private YamlFile(Path path, Set<String> lists) {
        this.path = path;
        this.lists = Set.copyOf(lists);
    }

    /**
     * A single value.
     *
     * @param isText whether it is text to YAML, and not a number or a truth value
     */
    record Value(String text, boolean isText, int line) {}

    /**
     * Reads a file.
     *
     * @param lists which keys may be lists, those inside of lists without numbers: {@code
     *     upstreams[].ranges}
     */
    static YamlFile read(Path path, Set<String> lists) {
        YamlFile file = new YamlFile(path, lists);
        String text = file.text();
        try (JsonParser parser = new YAMLFactory().createParser(ObjectReadContext.empty(), text)) {
            JsonToken first = parser.nextToken();
            if (first == null || first == JsonToken.VALUE_NULL) {
                return file;
            }
            if (first != JsonToken.START_OBJECT) {
                throw file.wrong(line(parser), "there must be 'key: value' lines here");
            }
            file.readSection(parser, "");
            if (parser.nextToken() != null) {
                throw file.wrong(line(parser), "a second document begins here, and one is all");
            }
        } catch (StreamReadException e) {
            YamlProblem problem = YamlProblem.of(e);
            throw new ConfigException(
                    file.at(problem.line()) + "this is not YAML: " + problem.what() + ".", e);
        }
        return file;
    }

    Map<String, Value> values() {
        return values;
    }

    /** A path of this file: relative to the directory the file is in. */
    Path resolve(String value) {
        return path.toAbsolutePath().resolveSibling(value).normalize();
    }

    /** The beginning of every message: {@code usher.yml:7: }. */
    String at(int line) {
        return path + ":" + line + ": ";
    }

    private void readSection(JsonParser parser, String prefix) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = prefix + parser.currentName();
            int line = line(parser);
            JsonToken token = parser.nextToken();
            refuseReference(parser, key);
            if (token == JsonToken.START_ARRAY
                    && lists.contains(key.replaceAll("\\[[0-9]+]", "[]"))) {
                readList(parser, key);
                continue;
            }
            switch (token) {
                case START_OBJECT -> readSection(parser, key + ".");
                case START_ARRAY ->
                        throw wrong(
                                line,
                                "'"
                                        + Printable.of(key)
                                        + "' is a list, and one value is"
                                        + " all it takes");
                case VALUE_NULL ->
                        throw wrong(
                                line,
                                "'"
                                        + Printable.of(key)
                                        + "' has no value: give it one or"
                                        + " leave the line out");
                default -> put(key, parser, line, token);
            }
        }
    }

    private void readList(JsonParser parser, String list) {
        int number = 0;
        JsonToken token = parser.nextToken();
        while (token != JsonToken.END_ARRAY) {
            number++;
            String key = list + "[" + number + "]";
            refuseReference(parser, key);
            switch (token) {
                case START_OBJECT -> readSection(parser, key + ".");
                case START_ARRAY, VALUE_NULL ->
                        throw wrong(line(parser), "'" + Printable.of(key) + "' is no value");
                default -> put(key, parser, line(parser), token);
            }
            token = parser.nextToken();
        }
    }

    private void put(String key, JsonParser parser, int line, JsonToken token) {
        Value value = new Value(parser.getString(), token == JsonToken.VALUE_STRING, line);
        Value first = values.putIfAbsent(key, value);
        if (first != null) {
            throw wrong(
                    line,
                    "'" + Printable.of(key) + "' is given twice, first in line " + first.line());
        }
    }

    /** To Jackson an alias is text like any other, so it would silently be taken for a value. */
    private void refuseReference(JsonParser parser, String key) {
        if (((YAMLParser) parser).isCurrentAlias()) {
            throw wrong(
                    line(parser),
                    "'" + Printable.of(key) + "' refers to another place: write its value here");
        }
    }

    private String text() {
        try {
            return Files.readString(path);
        } catch (NoSuchFileException e) {
            throw new ConfigException("There is no configuration file " + path + ".", e);
        } catch (CharacterCodingException e) {
            throw new ConfigException(path + " is not a text file in UTF-8.", e);
        } catch (IOException e) {
            throw new ConfigException(path + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    private ConfigException wrong(int line, String what) {
        return new ConfigException(at(line) + what + ".");
    }

    private static int line(JsonParser parser) {
        return parser.currentTokenLocation().getLineNr();
    }
}
