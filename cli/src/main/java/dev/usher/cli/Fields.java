package dev.usher.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The fields the rows of a bulk command have, with the other names people use for them. Names are
 * read in either case and with or without dashes, so {@code lns-uri} is {@code lnsUri}; an unknown
 * name is refused, so that a typing error never silently does less than was asked.
 */
final class Fields {

    private final Map<String, String> fields = new LinkedHashMap<>();
    private final List<String> required = new ArrayList<>();
    private final Set<String> ignored = new HashSet<>();

    Fields require(String field, String... alsoKnownAs) {
        required.add(field);
        return allow(field, alsoKnownAs);
    }

    Fields allow(String field, String... alsoKnownAs) {
        fields.put(plain(field), field);
        for (String name : alsoKnownAs) {
            fields.put(plain(name), field);
        }
        return this;
    }

    /** Names that files made for other purposes have too; what stands there is not looked at. */
    Fields ignore(String... names) {
        for (String name : names) {
            ignored.add(plain(name));
        }
        return this;
    }

    /** The field that a row names without a name: the first one required. */
    String main() {
        return required.getFirst();
    }

    /**
     * The row with its fields' own names; null and empty values are left out of CSV rows before.
     *
     * @throws IllegalArgumentException if a field is unknown or missing
     */
    ObjectNode read(ObjectNode row) {
        ObjectNode read = Json.object();
        row.forEachEntry(
                (name, value) -> {
                    if (!ignored.contains(plain(name))) {
                        read.set(field(name), value);
                    }
                });
        for (String field : required) {
            if (Json.text(read, field).isEmpty()) {
                throw new IllegalArgumentException("it has no " + field);
            }
        }
        return read;
    }

    /** What a row calls itself, also where nothing else of it can be understood. */
    String name(ObjectNode row) {
        for (Map.Entry<String, JsonNode> value : row.properties()) {
            if (main().equals(fields.get(plain(value.getKey())))) {
                return Json.text(value.getValue());
            }
        }
        return "";
    }

    /** Checks the header line of CSV, which is wrong for all rows or for none. */
    void check(List<String> header) {
        for (String name : header) {
            if (!ignored.contains(plain(name))) {
                field(name);
            }
        }
        for (String field : required) {
            if (header.stream().noneMatch(name -> field.equals(fields.get(plain(name))))) {
                throw new IllegalArgumentException(
                        "no column is named "
                                + field
                                + "; the first line names the columns: "
                                + names());
            }
        }
    }

    private String field(String name) {
        String field = fields.get(plain(name));
        if (field == null) {
            throw new IllegalArgumentException(
                    "'" + Terminal.visible(name) + "' is not a field here; fields are: " + names());
        }
        return field;
    }

    private String names() {
        return String.join(", ", new java.util.LinkedHashSet<>(fields.values()));
    }

    private static String plain(String name) {
        return name.strip().replaceAll("[-_ ]", "").toLowerCase(Locale.ROOT);
    }

    /**
     * The text of a row's field.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static String text(ObjectNode row, String field) {
        JsonNode value = row.path(field);
        if (!value.isString()) {
            throw new IllegalArgumentException(field + " must be a text");
        }
        return value.stringValue().strip();
    }

    /**
     * A row whose fields are all texts.
     *
     * @throws IllegalArgumentException if one is something else
     */
    static ObjectNode texts(ObjectNode row) {
        ObjectNode texts = Json.object();
        row.propertyNames().forEach(field -> texts.put(field, text(row, field)));
        return texts;
    }
}
