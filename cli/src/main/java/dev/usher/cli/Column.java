package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/**
 * One column of a table: its title, and what an item shows in it.
 *
 * @param field whose text it shows, with dots into inner objects; empty if it shows something else
 */
record Column(String title, Optional<String> field, Function<JsonNode, String> cell) {

    Column {
        requireNonNull(title, "title");
        requireNonNull(field, "field");
        requireNonNull(cell, "cell");
    }

    Column(String title, Function<JsonNode, String> cell) {
        this(title, Optional.empty(), cell);
    }

    /**
     * @param path the field's name, with dots into inner objects: {@code setup.lnsUri}
     */
    static Column of(String title, String path) {
        JsonPointer pointer = JsonPointer.compile("/" + path.replace('.', '/'));
        return new Column(title, Optional.of(path), item -> Json.text(item.at(pointer)));
    }
}
