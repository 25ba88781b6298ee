package dev.usher.api;

import dev.usher.accounts.OwnerId;
import dev.usher.gateways.Setting;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The fields of a JSON object in a request, read strictly: an unknown field, a wrong type and a
 * field given twice are refused with a sentence, so that a typing error never silently does less
 * than was asked.
 */
final class Fields {

    /**
     * Names, values and brackets in a body. Each takes some 80 bytes of memory though it may be one
     * byte of the body: what is larger could take all there is.
     */
    private static final int MOST_TOKENS = 2_000_000;

    /**
     * JSON of requests and answers; nesting is bounded, long texts are not (firmware comes in
     * base64).
     */
    static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(16)
                                                    .maxTokenCount(MOST_TOKENS)
                                                    .maxStringLength(Integer.MAX_VALUE)
                                                    .maxNumberLength(64)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private final JsonNode object;
    private final String where;

    private Fields(JsonNode object, String where) {
        this.object = object;
        this.where = where;
    }

    /** Reads a request's body as one object that has none but these fields. */
    static Fields ofBody(byte[] body, Set<String> known) {
        return of(parse(body), "", known);
    }

    /**
     * Reads a request's body of a foreign API, whose newer clients may send fields unknown here.
     */
    static Fields ofOpenBody(byte[] body) {
        return ofOpen(parse(body), "");
    }

    private static Fields ofOpen(JsonNode node, String where) {
        return of(node, where, node.isObject() ? Set.copyOf(node.propertyNames()) : Set.of());
    }

    /** As {@link #object}, in a body that is open. */
    Optional<Fields> openObject(String name) {
        return value(name).map(node -> ofOpen(node, where.isEmpty() ? name : where + "." + name));
    }

    static JsonNode parse(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (JacksonException e) {
            if (e instanceof StreamConstraintsException
                    && e.getOriginalMessage().startsWith("Token count")) {
                throw new BadRequest(
                        "the body has more than "
                                + MOST_TOKENS
                                + " names, values and brackets: send it in parts");
            }
            throw new BadRequest(
                    "the body is not JSON: "
                            + firstLine(e.getOriginalMessage())
                            + " (line "
                            + e.getLocation().getLineNr()
                            + ", column "
                            + e.getLocation().getColumnNr()
                            + ")");
        }
    }

    private static String firstLine(String message) {
        // Jackson quotes what it found; that may be a secret, so only what it expected is repeated.
        String line = message.lines().findFirst().orElse("");
        int quoted = line.indexOf('\'');
        int colon = line.indexOf(':');
        int end = quoted >= 0 && (colon < 0 || quoted < colon) ? quoted : colon;
        return Printable.of(end > 0 ? line.substring(0, end).strip() : line);
    }

    /**
     * @param where what the object is, for messages: {@code gateways[3]}; empty for the body itself
     */
    static Fields of(JsonNode node, String where, Set<String> known) {
        if (!node.isObject()) {
            throw new BadRequest((where.isEmpty() ? "the body" : where) + " must be a JSON object");
        }
        for (String name : node.propertyNames()) {
            if (!known.contains(name)) {
                throw new BadRequest(
                        "unknown field '"
                                + Printable.of(name)
                                + "'"
                                + (where.isEmpty() ? "" : " in " + where)
                                + ": known are "
                                + String.join(", ", new TreeSet<>(known)));
            }
        }
        return new Fields(node, where);
    }

    /** Names of fields that are known together. */
    static Set<String> names(Set<String> some, String... others) {
        return names(some, Set.of(others));
    }

    static Set<String> names(Set<String> some, Set<String> others) {
        Set<String> names = new TreeSet<>(some);
        names.addAll(others);
        return names;
    }

    boolean has(String name) {
        return object.has(name);
    }

    /** The text of a field, absent or null being empty. */
    Optional<String> text(String name) {
        return value(name)
                .map(
                        node -> {
                            if (!node.isString()) {
                                throw wrong(name, "must be a string");
                            }
                            return node.stringValue();
                        });
    }

    String requiredText(String name) {
        return text(name).orElseThrow(() -> wrong(name, "is missing"));
    }

    OwnerId ownerId() {
        return parsed("ownerid", requiredText("ownerid"), OwnerId::parse);
    }

    Optional<Boolean> bool(String name) {
        return value(name)
                .map(
                        node -> {
                            if (!node.isBoolean()) {
                                throw wrong(name, "must be true or false");
                            }
                            return node.booleanValue();
                        });
    }

    Optional<Integer> count(String name) {
        return value(name)
                .map(
                        node -> {
                            if (!node.isIntegralNumber()
                                    || !node.canConvertToInt()
                                    || node.intValue() < 0) {
                                throw wrong(name, "must be a whole number of 0 or more");
                            }
                            return node.intValue();
                        });
    }

    /** Like {@link #count}, for what does not fit 31 bits. */
    Optional<Long> longCount(String name) {
        return value(name)
                .map(
                        node -> {
                            if (!node.isIntegralNumber()
                                    || !node.canConvertToLong()
                                    || node.longValue() < 0) {
                                throw wrong(name, "must be a whole number of 0 or more");
                            }
                            return node.longValue();
                        });
    }

    /** A CRC-32: clients write it as a signed or an unsigned number, both are the same 32 bits. */
    Optional<Integer> crc(String name) {
        return value(name)
                .map(
                        node -> {
                            if (!node.isIntegralNumber()
                                    || !node.canConvertToLong()
                                    || node.longValue() < Integer.MIN_VALUE
                                    || node.longValue() > 0xFFFF_FFFFL) {
                                throw wrong(
                                        name, "must be a CRC-32 as a number, signed or unsigned");
                            }
                            return (int) node.longValue();
                        });
    }

    int requiredCrc(String name) {
        return crc(name).orElseThrow(() -> wrong(name, "is missing"));
    }

    /** Bytes in base64; PEM is taken as it is. */
    Optional<byte[]> bytes(String name) {
        return text(name)
                .map(
                        text -> {
                            if (text.startsWith("-----BEGIN ")) {
                                return text.getBytes(StandardCharsets.US_ASCII);
                            }
                            try {
                                return Base64.getDecoder().decode(text.replaceAll("\\s", ""));
                            } catch (IllegalArgumentException e) {
                                throw wrong(name, "is not base64");
                            }
                        });
    }

    /** A time as ISO 8601; without a zone it is UTC. */
    Optional<Instant> time(String name) {
        return text(name)
                .map(
                        text -> {
                            try {
                                return text.matches(".*(?:Z|[+-]\\d\\d:?\\d\\d)$")
                                        ? java.time.OffsetDateTime.parse(text).toInstant()
                                        : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
                            } catch (DateTimeException e) {
                                throw wrong(
                                        name, "is not a time: write it like 2026-11-21T10:00:00Z");
                            }
                        });
    }

    /** A parameter that may be left away (unchanged), null or empty (cleared), or given. */
    <T> Setting<T> setting(String name, Function<String, Optional<T>> read) {
        if (!object.has(name)) {
            return Setting.unchanged();
        }
        JsonNode node = object.get(name);
        if (node.isNull() || (node.isString() && node.stringValue().isEmpty())) {
            return Setting.cleared();
        }
        return read.apply(name).map(Setting::to).orElseGet(Setting::cleared);
    }

    /** The elements of an array, in order; empty if the field is absent. */
    Optional<List<JsonNode>> list(String name) {
        return value(name)
                .map(
                        node -> {
                            if (!node.isArray()) {
                                throw wrong(name, "must be an array");
                            }
                            return new ArrayList<>(node.values());
                        });
    }

    /** The elements of an array of strings. */
    Optional<List<String>> texts(String name) {
        return list(name)
                .map(
                        elements -> {
                            if (!elements.stream().allMatch(JsonNode::isString)) {
                                throw wrong(name, "must be an array of strings");
                            }
                            return elements.stream().map(JsonNode::stringValue).toList();
                        });
    }

    /** For what can be changed, but not be taken away. */
    void refuseNull(Set<String> names) {
        for (String name : names) {
            if (has(name) && value(name).isEmpty()) {
                throw wrong(name, "is null: leave it out to keep it as it is");
            }
        }
    }

    Eui64 requiredEui(String name) {
        return eui(name).orElseThrow(() -> wrong(name, "is missing"));
    }

    Optional<Eui64> eui(String name) {
        return text(name).map(text -> parsed(name, text, Eui64::parse));
    }

    Optional<Fields> object(String name, Set<String> known) {
        return value(name)
                .map(node -> of(node, where.isEmpty() ? name : where + "." + name, known));
    }

    /**
     * Reads a text with a parser whose {@link IllegalArgumentException} is a sentence for people.
     */
    <T> T parsed(String name, String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new BadRequest(path(name) + ": " + e.getMessage());
        }
    }

    private Optional<JsonNode> value(String name) {
        JsonNode node = object.get(name);
        return node == null || node.isNull() ? Optional.empty() : Optional.of(node);
    }

    private BadRequest wrong(String name, String what) {
        return new BadRequest(path(name) + " " + what);
    }

    private String path(String name) {
        return where.isEmpty() ? name : where + "." + name;
    }
}
