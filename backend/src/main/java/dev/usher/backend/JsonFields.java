package dev.usher.backend;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The known fields of one JSON object, kept unread: which of them matter depends on the message
 * type, and that may come last.
 *
 * <p>The methods that take a value out throw {@link IllegalArgumentException} with a sentence that
 * names the field.
 */
final class JsonFields {

    private static final int EUI_DIGITS = 16;

    private final @Nullable Field owner;
    private final Map<Field, Value> values = new EnumMap<>(Field.class);

    /** The fields of a whole message. */
    JsonFields() {
        this(null);
    }

    private JsonFields(@Nullable Field owner) {
        this.owner = owner;
    }

    /** What a field holds. */
    private sealed interface Value {

        String kind();

        record Text(String text) implements Value {
            @Override
            public String kind() {
                return "a text";
            }
        }

        record Whole(long number) implements Value {
            @Override
            public String kind() {
                return "a whole number";
            }
        }

        record Nested(JsonFields fields) implements Value {
            @Override
            public String kind() {
                return "an object";
            }
        }

        /** What no field is meant to be. */
        enum Odd implements Value {
            NULL("null"),
            ARRAY("an array"),
            BOOLEAN("true or false"),
            FRACTION("a number with a fraction or exponent"),
            HUGE_NUMBER("a number of more than 64 bits"),
            SEVERAL("there several times");

            private final String kind;

            Odd(String kind) {
                this.kind = kind;
            }

            @Override
            public String kind() {
                return kind;
            }
        }
    }

    /**
     * Reads an object whose opening brace was read. If that fails halfway, the fields up to there
     * are kept.
     */
    void readFrom(JsonParser parser) {
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            JsonToken token = parser.nextToken();
            Field field = Field.of(name);
            if (field == null) {
                parser.skipChildren();
            } else if (values.put(field, value(parser, field, token)) != null) {
                values.put(field, Value.Odd.SEVERAL);
            }
        }
    }

    private static Value value(JsonParser parser, Field field, JsonToken token) {
        return switch (token) {
            case VALUE_STRING -> new Value.Text(parser.getString());
            case VALUE_NUMBER_INT ->
                    parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                            ? Value.Odd.HUGE_NUMBER
                            : new Value.Whole(parser.getLongValue());
            case VALUE_NUMBER_FLOAT -> Value.Odd.FRACTION;
            case VALUE_TRUE, VALUE_FALSE -> Value.Odd.BOOLEAN;
            case START_OBJECT -> {
                JsonFields nested = new JsonFields(field);
                nested.readFrom(parser);
                yield new Value.Nested(nested);
            }
            case START_ARRAY -> {
                parser.skipChildren();
                yield Value.Odd.ARRAY;
            }
            default -> Value.Odd.NULL;
        };
    }

    /** A text; empty if it is absent, null, or has no characters. */
    Optional<String> text(Field field) {
        return value(field, Value.Text.class, "a text")
                .map(Value.Text::text)
                .filter(Predicate.not(String::isEmpty));
    }

    /** A whole number from 0 up to the largest; empty if it is absent or null. */
    OptionalLong number(Field field, long largest) {
        Optional<Value.Whole> value = value(field, Value.Whole.class, "a whole number");
        if (value.isEmpty()) {
            return OptionalLong.empty();
        }
        long number = value.get().number();
        if (number < 0 || number > largest) {
            throw new IllegalArgumentException(
                    name(field) + " " + number + " is not between 0 and " + largest);
        }
        return OptionalLong.of(number);
    }

    /** An object; empty if it is absent or null. */
    Optional<JsonFields> nested(Field field) {
        return value(field, Value.Nested.class, "an object").map(Value.Nested::fields);
    }

    /** Hex digits; empty also if there is nothing after their 0x. */
    Optional<String> hex(Field field) {
        return text(field).filter(text -> !text.equalsIgnoreCase("0x"));
    }

    /** A number written as exactly so many hex digits, at most 16. */
    OptionalLong hexNumber(Field field, int digits) {
        Optional<String> text = hex(field);
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!Hex.isNumber(text.get(), digits)) {
            throw new IllegalArgumentException(
                    "%s '%s' is not %d hex digits, with or without 0x"
                            .formatted(name(field), Printable.of(text.get()), digits));
        }
        return OptionalLong.of(Hex.number(text.get(), digits));
    }

    Optional<Eui64> eui(Field field) {
        OptionalLong eui = hexNumber(field, EUI_DIGITS);
        return eui.isPresent() ? Optional.of(new Eui64(eui.getAsLong())) : Optional.empty();
    }

    Optional<Octets> octets(Field field) {
        return hex(field).map(parsedBy(Octets::parse, field));
    }

    /** Octets that no message repeats. */
    Optional<byte[]> secretOctets(Field field) {
        return text(field)
                .map(
                        text -> {
                            if (!Hex.isOctets(text)) {
                                throw new IllegalArgumentException(
                                        name(field) + " is not a whole number of hex octets");
                            }
                            return Hex.octets(text);
                        });
    }

    /** A reader whose complaint begins with the text it was given; the field goes before that. */
    <T> Function<String, T> parsedBy(Function<String, T> reader, Field field) {
        return text -> {
            try {
                return reader.apply(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(name(field) + " " + e.getMessage(), e);
            }
        };
    }

    IllegalArgumentException missing(Field field) {
        return new IllegalArgumentException(name(field) + " is missing");
    }

    private <T extends Value> Optional<T> value(Field field, Class<T> type, String expected) {
        Value value = values.get(field);
        if (value == null || value == Value.Odd.NULL) {
            return Optional.empty();
        }
        if (type.isInstance(value)) {
            return Optional.of(type.cast(value));
        }
        throw new IllegalArgumentException(
                value == Value.Odd.SEVERAL
                        ? name(field) + " is " + value.kind()
                        : name(field) + " is not " + expected + " but " + value.kind());
    }

    private String name(Field field) {
        return owner == null ? field.toString() : owner + "." + field;
    }
}
