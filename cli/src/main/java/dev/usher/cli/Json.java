package dev.usher.cli;

import java.util.stream.Collectors;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON as the servers speak it. Answers are handed on as they are, so new fields reach people. */
final class Json {

    private static final int DEEPEST = 32;

    static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(DEEPEST)
                                                    .build())
                                    .build())
                    .build();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    /**
     * A value as one cell of a table: the text itself, elements with commas between them, nothing
     * for null.
     */
    static String text(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return "";
        }
        if (value.isString()) {
            return value.stringValue();
        }
        if (value.isArray()) {
            return value.values().stream().map(Json::text).collect(Collectors.joining(", "));
        }
        if (value.isObject()) {
            return value.values().stream().map(Json::text).collect(Collectors.joining("  "));
        }
        return value.asString();
    }

    /** The text of a field; empty if there is none. */
    static String text(JsonNode object, String field) {
        return text(object.path(field));
    }
}
