package dev.usher.station;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * One JSON object of an LNS message, read whole because {@code msgtype} may come last.
 *
 * <p>Taking a value out fails with a {@link MalformedMessageException} that names the field. A null
 * is an absent field, and a field that comes twice is refused when it is taken.
 */
final class JsonObject {

    /** Messages are small; the largest that station sends are log lines of a few kilobytes. */
    static final int LARGEST = 64 * 1024;

    private static final int DEEPEST = 8;
    private static final int LONGEST_NUMBER = 40;

    // Names are neither interned nor kept in a shared table: strangers choose them.
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
                    .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEEPEST)
                                    .maxNumberLength(LONGEST_NUMBER)
                                    .build())
                    .build();

    private enum Odd {
        SEVERAL
    }

    private final String path;
    private final Map<String, Object> fields = new HashMap<>();

    private JsonObject(String path) {
        this.path = path;
    }

    /**
     * Reads a message.
     *
     * @throws MalformedMessageException if it is not one JSON object
     */
    static JsonObject parse(String json) {
        if (json.length() > LARGEST) {
            throw new MalformedMessageException(
                    "message of %d characters: at most %d are read"
                            .formatted(json.length(), LARGEST));
        }
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedMessageException("message is not a JSON object");
            }
            JsonObject object = new JsonObject("");
            object.readFrom(parser);
            if (parser.nextToken() != null) {
                throw new MalformedMessageException("message goes on after its JSON object");
            }
            return object;
        } catch (JacksonException e) {
            throw new MalformedMessageException(
                    "message is not JSON: " + Printable.of(e.getOriginalMessage()), e);
        }
    }

    private void readFrom(JsonParser parser) {
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            Object value = value(parser, path + name + ".", parser.nextToken());
            if (value != null && fields.put(name, value) != null) {
                fields.put(name, Odd.SEVERAL);
            }
        }
    }

    private static @Nullable Object value(JsonParser parser, String path, JsonToken token) {
        return switch (token) {
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> new BigInteger(parser.getString());
            case VALUE_NUMBER_FLOAT -> Double.valueOf(parser.getString());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case START_OBJECT -> {
                JsonObject nested = new JsonObject(path);
                nested.readFrom(parser);
                yield nested;
            }
            case START_ARRAY -> {
                List<Object> elements = new ArrayList<>();
                for (JsonToken next = parser.nextToken();
                        next != JsonToken.END_ARRAY;
                        next = parser.nextToken()) {
                    Object element = value(parser, path, next);
                    if (element != null) {
                        elements.add(element);
                    }
                }
                yield elements;
            }
            default -> null;
        };
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    Optional<String> text(String name) {
        return value(name, String.class, "a text");
    }

    String requireText(String name) {
        return text(name).orElseThrow(() -> missing(name));
    }

    Optional<JsonObject> object(String name) {
        return value(name, JsonObject.class, "an object");
    }

    /** The objects in an array; empty if there is no such field. */
    List<JsonObject> objects(String name) {
        List<JsonObject> objects = new ArrayList<>();
        for (Object element : array(name)) {
            if (!(element instanceof JsonObject object)) {
                throw wrongType(name, "an array of objects", element);
            }
            objects.add(object);
        }
        return objects;
    }

    /** The texts in an array; empty if there is no such field. */
    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (Object element : array(name)) {
            if (!(element instanceof String text)) {
                throw wrongType(name, "an array of texts", element);
            }
            texts.add(text);
        }
        return texts;
    }

    private List<?> array(String name) {
        return value(name, List.class, "an array").orElse(List.of());
    }

    boolean flag(String name) {
        return value(name, Boolean.class, "true or false").orElse(false);
    }

    /** A whole number, or the default if there is none. */
    long number(String name, long smallest, long largest, long absent) {
        return value(name, BigInteger.class, "a whole number")
                .map(number -> within(name, number, smallest, largest))
                .orElse(absent);
    }

    long requireNumber(String name, long smallest, long largest) {
        require(name);
        return number(name, smallest, largest, smallest);
    }

    int requireInt(String name, int smallest, int largest) {
        return (int) requireNumber(name, smallest, largest);
    }

    /** A number of 32 bits, whether its writer thinks of it as signed or unsigned. */
    int require32Bits(String name) {
        return (int) requireNumber(name, Integer.MIN_VALUE, 0xFFFF_FFFFL);
    }

    /** A number with or without a fraction; 0 if there is none. */
    double decimal(String name) {
        Object value = get(name);
        return switch (value) {
            case null -> 0;
            case Double number -> finite(name, number);
            case BigInteger number -> finite(name, number.doubleValue());
            default -> throw wrongType(name, "a number", value);
        };
    }

    double requireDecimal(String name) {
        require(name);
        return decimal(name);
    }

    /** Octets as hex digits. */
    byte[] requireOctets(String name) {
        String text = requireText(name);
        if (text.length() % 2 != 0 || !text.chars().allMatch(HexFormat::isHexDigit)) {
            throw new MalformedMessageException(
                    "field '%s%s' is not a whole number of hex octets: '%s'"
                            .formatted(path, name, Printable.of(text)));
        }
        return HexFormat.of().parseHex(text);
    }

    /** An EUI in any form, also as a number. */
    Eui64 requireEui(String name) {
        Object value = require(name);
        try {
            return switch (value) {
                case String text -> Eui64.parse(text);
                case BigInteger number when number.signum() >= 0 && number.bitLength() <= 64 ->
                        new Eui64(number.longValue());
                default -> throw wrongType(name, "an EUI", value);
            };
        } catch (MalformedMessageException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException(
                    "field '" + path + name + "': " + e.getMessage(), e);
        }
    }

    private long within(String name, BigInteger number, long smallest, long largest) {
        if (number.bitLength() >= Long.SIZE
                || number.longValue() < smallest
                || number.longValue() > largest) {
            throw new MalformedMessageException(
                    "field '%s%s': %s is not between %d and %d"
                            .formatted(path, name, number, smallest, largest));
        }
        return number.longValue();
    }

    private double finite(String name, double number) {
        if (!Double.isFinite(number)) {
            throw new MalformedMessageException(
                    "field '" + path + name + "' is larger than any quantity it could be");
        }
        return number;
    }

    private Object require(String name) {
        Object value = get(name);
        if (value == null) {
            throw missing(name);
        }
        return value;
    }

    private <T> Optional<T> value(String name, Class<T> type, String expected) {
        Object value = get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!type.isInstance(value)) {
            throw wrongType(name, expected, value);
        }
        return Optional.of(type.cast(value));
    }

    private @Nullable Object get(String name) {
        Object value = fields.get(name);
        if (value == Odd.SEVERAL) {
            throw new MalformedMessageException("field '" + path + name + "' comes twice");
        }
        return value;
    }

    private MalformedMessageException missing(String name) {
        return new MalformedMessageException("field '" + path + name + "' is missing");
    }

    private MalformedMessageException wrongType(String name, String expected, Object value) {
        return new MalformedMessageException(
                "field '%s%s' is not %s but %s".formatted(path, name, expected, kindOf(value)));
    }

    private static String kindOf(Object value) {
        return switch (value) {
            case JsonObject _ -> "an object";
            case List<?> _ -> "an array";
            case String _ -> "a text";
            case BigInteger _ -> "a number";
            case Double _ -> "a number with a fraction or exponent";
            case Boolean _ -> "true or false";
            default -> "something else";
        };
    }
}
