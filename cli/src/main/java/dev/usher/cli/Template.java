package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.NearestWord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Text around fields of a result, written as for The Things Stack's CLI: {@code {{.id}}: {{
 * .setup.lnsUri }}}. There is nothing else in it: no loops and no functions.
 */
record Template(List<Part> parts) {

    private static final Pattern ACTION = Pattern.compile("\\{\\{(.*?)}}", Pattern.DOTALL);
    private static final Pattern FIELD = Pattern.compile("(?:\\.[A-Za-z0-9_]+)+");

    /** A piece of it. */
    sealed interface Part {

        record Text(String text) implements Part {}

        /**
         * A field of a result.
         *
         * @param path with dots into inner objects
         */
        record Field(String path) implements Part {}
    }

    Template {
        parts = List.copyOf(parts);
    }

    static Template parse(String text) {
        List<Part> parts = new ArrayList<>();
        Matcher action = ACTION.matcher(text);
        int from = 0;
        while (action.find()) {
            parts.add(new Part.Text(text.substring(from, action.start())));
            parts.add(field(action.group(1).strip()));
            from = action.end();
        }
        String rest = text.substring(from);
        if (rest.contains("{{")) {
            throw new IllegalArgumentException(
                    "'"
                            + Terminal.visible(rest)
                            + "' begins a field and does not end it with '}}'");
        }
        parts.add(new Part.Text(rest));
        return new Template(parts);
    }

    private static Part field(String text) {
        if (!FIELD.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "'{{"
                            + Terminal.visible(text)
                            + "}}' is not a field: write it like {{.id}} or {{.setup.lnsUri}}");
        }
        return new Part.Field(text.substring(1));
    }

    /**
     * The text with the fields of one result, and a line break.
     *
     * @param optional fields that a result may leave out, if it has nothing to say there
     */
    String fill(JsonNode result, Collection<String> optional) {
        return parts.stream()
                        .map(
                                part ->
                                        switch (part) {
                                            case Part.Text(String text) -> text;
                                            case Part.Field(String path) ->
                                                    value(result, path, optional);
                                        })
                        .collect(Collectors.joining())
                + "\n";
    }

    /**
     * Sees to it that a result can be put into it.
     *
     * @param fields all that a result may have
     * @throws Failure if it asks for another one
     */
    void requireKnown(Set<String> fields) {
        for (Part part : parts) {
            if (part instanceof Part.Field(String path) && !fields.contains(path)) {
                throw Failure.ofUsage(unknown(path, new TreeSet<>(fields)));
            }
        }
    }

    private static String value(JsonNode result, String path, Collection<String> optional) {
        JsonNode value = result;
        for (String name : path.split("\\.", -1)) {
            value = value.path(name);
        }
        if (value.isMissingNode() && !optional.contains(path)) {
            throw Failure.ofUsage(unknown(path, fields(result, optional)));
        }
        return Terminal.visible(value.isObject() ? value.toString() : Json.text(value));
    }

    private static String unknown(String path, Set<String> known) {
        return "The result has no field '"
                + path
                + "': "
                + NearestWord.to(path, known)
                        .map(near -> "did you mean '" + near + "'?")
                        .orElseGet(() -> "there are " + String.join(", ", known) + ".");
    }

    private static Set<String> fields(JsonNode result, Collection<String> optional) {
        Set<String> fields = new TreeSet<>(requireNonNull(optional, "optional"));
        collect("", result, fields);
        return fields;
    }

    private static void collect(String prefix, JsonNode object, Set<String> fields) {
        object.forEachEntry(
                (name, value) -> {
                    fields.add(prefix + name);
                    if (value.isObject()) {
                        collect(prefix + name + ".", value, fields);
                    }
                });
    }
}
