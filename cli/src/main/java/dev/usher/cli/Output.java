package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/**
 * Prints results, as a table for people, as JSON or YAML for programs, or as somebody's template
 * says. The format never depends on whether stdout is a terminal: what a person saw is what a
 * script gets.
 */
final class Output {

    private static final String INDENT = "  ";

    /** How results are printed. */
    enum Format {
        JSON,
        TABLE,
        YAML,
        TEMPLATE;

        static Format parse(String text) {
            for (Format format : values()) {
                if (format.toString().equals(text.toLowerCase(Locale.ROOT))) {
                    return format;
                }
            }
            throw new IllegalArgumentException(
                    "'"
                            + Terminal.visible(text)
                            + "' is not a format: use json, table, yaml or template");
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Terminal terminal;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description =
                    "How to print the result: ${COMPLETION-CANDIDATES}. Default: table, or"
                            + " USHER_OUTPUT.")
    private @Nullable Format format;

    @Option(
            names = "--template",
            paramLabel = "TEXT",
            description =
                    "With -o template: a line for each result, with its fields as JSON names them:"
                            + " '{{.id}} {{.eui}}'.")
    private @Nullable Template template;

    /** What the command's result has fields for; empty where that is not known. */
    private Set<String> known = Set.of();

    Output(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    /**
     * Looks at the format and the template before the command is run, so that nothing is changed
     * whose result cannot be shown.
     *
     * @param fields what its result has fields for; empty if that is not known
     * @throws Failure if they cannot be used
     */
    void check(Set<String> fields) {
        known = Set.copyOf(fields);
        if (format() == Format.TEMPLATE && !known.isEmpty()) {
            requireNonNull(template, "template").requireKnown(known);
        }
    }

    /**
     * The format that was asked for.
     *
     * @throws Failure if it needs a template that is not there, or does not use the one that is
     */
    Format format() {
        Format asked = Optional.ofNullable(format).orElseGet(this::usual);
        if ((asked == Format.TEMPLATE) != (template != null)) {
            throw Failure.ofUsage("Give -o template and --template together.");
        }
        return asked;
    }

    private Format usual() {
        try {
            return terminal.variable("USHER_OUTPUT").map(Format::parse).orElse(Format.TABLE);
        } catch (IllegalArgumentException e) {
            throw Failure.ofUsage("USHER_OUTPUT: " + e.getMessage() + ".");
        }
    }

    /** Prints text as it is, for people or for a file. */
    void print(String text) {
        PrintStream out = terminal.out();
        out.print(text);
        out.flush();
    }

    /** Prints one object; as a table, one line for each of its fields. */
    void show(JsonNode object) {
        switch (format()) {
            case JSON -> print(json().writeValueAsString(object) + "\n");
            case YAML -> print(yaml().writeValueAsString(object));
            case TABLE -> print(details(object));
            case TEMPLATE -> print(filled(object, known));
        }
    }

    /** Prints many objects: a JSON array, a YAML sequence, or a table with these columns. */
    Listing listing(List<Column> columns) {
        return switch (format()) {
            case JSON -> new Elements(json());
            case YAML -> new Elements(yaml().writer());
            case TABLE -> new Table(terminal.out(), columns);
            case TEMPLATE -> new Documents(item -> filled(item, shown(columns)));
        };
    }

    /** Prints objects each at once: a line of JSON, a YAML document, or the row of a table. */
    Listing live(List<Column> columns) {
        return switch (format()) {
            case JSON -> new Documents(item -> Json.MAPPER.writeValueAsString(item) + "\n");
            case YAML -> new Documents(item -> "---\n" + yaml().writeValueAsString(item));
            case TABLE -> Table.live(terminal.out(), columns);
            case TEMPLATE -> new Documents(item -> filled(item, shown(columns)));
        };
    }

    private static List<String> shown(List<Column> columns) {
        return columns.stream().flatMap(column -> column.field().stream()).toList();
    }

    private String filled(JsonNode item, Collection<String> optional) {
        return requireNonNull(template, "template").fill(item, optional);
    }

    /** Whether somebody still takes what is printed. */
    boolean isRead() {
        return !terminal.out().checkError();
    }

    private static ObjectWriter json() {
        DefaultIndenter lines = new DefaultIndenter(INDENT, "\n");
        return Json.MAPPER
                .writer()
                .with(
                        new DefaultPrettyPrinter()
                                .withObjectIndenter(lines)
                                .withArrayIndenter(lines));
    }

    private static ObjectMapper yaml() {
        return YAMLMapper.builder()
                .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
                .enable(YAMLWriteFeature.LITERAL_BLOCK_STYLE)
                .build();
    }

    /** The elements of one array, written while they come. */
    private final class Elements implements Listing {

        private final JsonGenerator generator;
        private boolean begun;

        Elements(ObjectWriter writer) {
            generator =
                    writer.without(StreamWriteFeature.AUTO_CLOSE_TARGET)
                            .createGenerator(terminal.out());
        }

        @Override
        public void add(JsonNode item) {
            begin();
            generator.writePOJO(item);
        }

        @Override
        public void finish() {
            begin();
        }

        private void begin() {
            if (!begun) {
                begun = true;
                generator.writeStartArray();
            }
        }

        @Override
        public void close() {
            if (begun) {
                generator.writeEndArray();
            }
            generator.close();
            if (begun && format() == Format.JSON) {
                terminal.out().println();
            }
            terminal.out().flush();
        }
    }

    /** Texts that stand for themselves, one after the other. */
    private final class Documents implements Listing {

        private final Function<JsonNode, String> text;

        Documents(Function<JsonNode, String> text) {
            this.text = text;
        }

        @Override
        public void add(JsonNode item) {
            print(text.apply(item));
        }

        @Override
        public void finish() {}

        @Override
        public void close() {}
    }

    private static String details(JsonNode object) {
        Map<String, String> fields = new LinkedHashMap<>();
        flatten("", object, fields);
        int width = fields.keySet().stream().mapToInt(String::length).max().orElse(0);
        String margin = " ".repeat(width + INDENT.length());
        StringBuilder text = new StringBuilder();
        fields.forEach(
                (name, value) -> {
                    text.append(name).repeat(" ", width - name.length()).append(INDENT);
                    text.append(
                            String.join(
                                    "\n" + margin, value.lines().map(Terminal::visible).toList()));
                    text.append('\n');
                });
        return text.toString();
    }

    /** Inner objects become fields with a dot; an array of objects becomes a table. */
    private static void flatten(String path, JsonNode object, Map<String, String> fields) {
        object.forEachEntry(
                (name, value) -> {
                    if (value.isObject()) {
                        flatten(path + name + ".", value, fields);
                    } else if (value.isArray() && value.path(0).isObject()) {
                        fields.put(path + name, rows(value.values()));
                    } else {
                        fields.put(path + name, Json.text(value));
                    }
                });
    }

    /** The objects, a line each, under what their fields are called. */
    private static String rows(Collection<JsonNode> objects) {
        Set<String> names = new LinkedHashSet<>();
        objects.forEach(object -> names.addAll(object.propertyNames()));
        List<List<String>> lines = new ArrayList<>();
        lines.add(names.stream().map(name -> name.toUpperCase(Locale.ROOT)).toList());
        for (JsonNode object : objects) {
            lines.add(
                    names.stream()
                            .map(name -> Json.text(object, name).replace('\n', ' '))
                            .toList());
        }
        int[] widths = new int[names.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                row.append(line.get(i)).repeat(" ", widths[i] - line.get(i).length());
                row.append(INDENT);
            }
            text.append(row.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
