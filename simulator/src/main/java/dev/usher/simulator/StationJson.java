package dev.usher.simulator;

import dev.usher.lorawan.Printable;
import dev.usher.station.MalformedMessageException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A JSON object as station's own decoder reads it ({@code uj.c}): comments are blanks, nesting ends
 * at 8, a whole number is one without a point and an exponent and wraps at 64 bits, of a field that
 * comes twice the last counts.
 *
 * <p>Where station finds another type than it expects, it drops the message as a whole; here that
 * is a {@link MalformedMessageException}. What it did before it came to the wrong field, station
 * does not undo, and this never does.
 */
final class StationJson {

    private static final int DEEPEST = 8;

    /** Null, true and false. */
    private enum Literal {
        NULL,
        TRUE,
        FALSE
    }

    /** A number without point and exponent. */
    private record Whole(long bits, boolean isNegative) {}

    private final Map<String, Object> fields = new LinkedHashMap<>();

    private StationJson() {}

    /**
     * Reads a text frame.
     *
     * @throws MalformedMessageException if it is not one JSON object
     */
    static StationJson parse(String text) {
        Decoder decoder = new Decoder(text);
        StationJson object = decoder.object();
        decoder.end();
        return object;
    }

    Set<String> names() {
        return fields.keySet();
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    /** Whether it is there, and not null. */
    boolean isGiven(String name) {
        return fields.containsKey(name) && fields.get(name) != Literal.NULL;
    }

    /** A text; null is none. Empty if there is no such field. */
    Optional<String> text(String name) {
        return value(name).map(value -> as(name, value, String.class, "a string value"));
    }

    /** All 64 bits of a whole number of either sign. */
    long whole(String name) {
        return whole(name, required(name));
    }

    /** A whole number, or the default if there is no such field. */
    long whole(String name, long absent) {
        return value(name).map(value -> whole(name, value)).orElse(absent);
    }

    long wholeWithin(String name, long smallest, long largest) {
        long value = whole(name);
        if (value < smallest || value > largest) {
            throw wrong(name, "not in range [%d..%d]: %d".formatted(smallest, largest, value));
        }
        return value;
    }

    boolean flag(String name) {
        Object value = required(name);
        if (value == Literal.TRUE || value == Literal.FALSE) {
            return value == Literal.TRUE;
        }
        throw wrong(name, "expecting a bool value");
    }

    /** A number with or without fraction. */
    double number(String name) {
        return switch (required(name)) {
            case Whole whole -> whole.bits;
            case Double number -> number;
            default -> throw wrong(name, "expecting a number");
        };
    }

    byte[] octets(String name) {
        String text = text(name).orElseThrow(() -> wrong(name, "is missing"));
        if (text.length() % 2 != 0 || !text.chars().allMatch(HexFormat::isHexDigit)) {
            throw wrong(name, "hex string has an odd length or other characters");
        }
        return HexFormat.of().parseHex(text);
    }

    /** An EUI: hex digits in pairs with or without dashes, or a number. */
    long eui(String name) {
        return switch (required(name)) {
            case Whole whole -> whole.bits;
            case String text -> {
                String digits = text.replaceAll("(..)-(?=.)", "$1");
                if (digits.length() % 2 != 0 || !digits.chars().allMatch(HexFormat::isHexDigit)) {
                    throw wrong(name, "EUI contains illegal hex characters");
                }
                long eui = 0;
                for (int i = 0; i < digits.length(); i += 2) {
                    eui = (eui << 8) | HexFormat.fromHexDigits(digits, i, i + 2);
                }
                yield eui;
            }
            default -> throw wrong(name, "expecting a string value with an EUI");
        };
    }

    StationJson object(String name) {
        return as(name, required(name), StationJson.class, "'{'");
    }

    List<StationJson> objects(String name) {
        return list(name).stream()
                .map(element -> as(name, element, StationJson.class, "'{'"))
                .toList();
    }

    List<String> texts(String name) {
        return list(name).stream()
                .map(element -> as(name, element, String.class, "a string value"))
                .toList();
    }

    /** Whole numbers, none of them negative. */
    List<Long> unsigned(String name) {
        return list(name).stream().map(element -> unsigned(name, element)).toList();
    }

    /** Whole numbers in arrays of so many in an array. */
    List<List<Long>> rows(String name, int length) {
        List<List<Long>> rows = new ArrayList<>();
        for (Object element : list(name)) {
            List<?> row = as(name, element, List.class, "'['");
            if (row.size() != length) {
                throw wrong(name, "expecting %d elements, not %d".formatted(length, row.size()));
            }
            rows.add(row.stream().map(each -> whole(name, each)).toList());
        }
        return rows;
    }

    private List<?> list(String name) {
        return as(name, required(name), List.class, "'['");
    }

    private Object required(String name) {
        return value(name).orElseThrow(() -> wrong(name, "is missing"));
    }

    private Optional<Object> value(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    private static long whole(String name, Object value) {
        return as(name, value, Whole.class, "an integer value").bits;
    }

    private static long unsigned(String name, Object value) {
        Whole whole = as(name, value, Whole.class, "an integer value");
        if (whole.isNegative) {
            throw wrong(name, "expecting a positive integer value");
        }
        return whole.bits;
    }

    private static <T> T as(String name, Object value, Class<T> type, String expected) {
        if (!type.isInstance(value)) {
            throw wrong(name, "expecting " + expected);
        }
        return type.cast(value);
    }

    static MalformedMessageException wrong(String name, String why) {
        return new MalformedMessageException("field '" + Printable.of(name) + "': " + why);
    }

    /** Goes through the text once. */
    private static final class Decoder {

        private final String text;
        private int at;
        private int depth;

        Decoder(String text) {
            this.text = text;
        }

        StationJson object() {
            enter('{', "expecting '{'");
            StationJson object = new StationJson();
            for (int c = skipBlanks(); c != '}'; c = skipBlanks()) {
                if (!object.fields.isEmpty()) {
                    require(c == ',', "expecting a comma");
                    c = skipBlanks();
                }
                require(c == '"', "expecting a field");
                String name = string();
                require(skipBlanks() == ':', "expecting a colon");
                object.fields.remove(name); // the last place counts too
                object.fields.put(name, value());
            }
            depth--;
            return object;
        }

        private List<Object> array() {
            enter('[', "expecting '['");
            List<Object> elements = new ArrayList<>();
            for (int c = skipBlanks(); c != ']'; c = skipBlanks()) {
                if (!elements.isEmpty()) {
                    require(c == ',', "expecting a comma");
                } else {
                    at--;
                }
                elements.add(value());
            }
            depth--;
            return elements;
        }

        void end() {
            require(skipBlanks() == 0, "expecting EOF but found garbage");
        }

        private void enter(char brace, String otherwise) {
            require(skipBlanks() == brace, otherwise);
            require(++depth <= DEEPEST, "JSON nested too deeply");
        }

        private Object value() {
            int c = skipBlanks();
            at--;
            return switch (c) {
                case '"' -> {
                    at++;
                    yield string();
                }
                case '{' -> object();
                case '[' -> array();
                case 't' -> literal("true", Literal.TRUE);
                case 'f' -> literal("false", Literal.FALSE);
                case 'n' -> literal("null", Literal.NULL);
                default -> {
                    require(c == '-' || isDigit(c), "syntax error");
                    yield number();
                }
            };
        }

        private Literal literal(String word, Literal literal) {
            require(text.startsWith(word, at), "expecting literal (null,true,false)");
            at += word.length();
            return literal;
        }

        private Object number() {
            boolean negative = text.charAt(at) == '-';
            if (negative) {
                at++;
            }
            int begin = at;
            long bits = 0;
            for (; isDigit(peek()); at++) {
                bits = bits * 10 + (peek() - '0');
            }
            require(at > begin, "expecting some decimal digits");
            boolean isWhole = true;
            if (peek() == '.') {
                at++;
                digits();
                isWhole = false;
            }
            if (peek() == 'e' || peek() == 'E') {
                at++;
                if (peek() == '-' || peek() == '+') {
                    at++;
                }
                digits();
                isWhole = false;
            }
            if (isWhole) {
                return new Whole(negative ? -bits : bits, negative);
            }
            double number = Double.parseDouble(text.substring(begin, at));
            return negative ? -number : number;
        }

        private void digits() {
            require(isDigit(peek()), "expecting some decimal digits");
            while (isDigit(peek())) {
                at++;
            }
        }

        private String string() {
            StringBuilder string = new StringBuilder();
            while (true) {
                int c = next();
                switch (c) {
                    case 0 -> throw malformed("malformed string - no closing quote");
                    case '"' -> {
                        return string.toString();
                    }
                    case '\\' -> string.append(escaped());
                    default -> string.append((char) c);
                }
            }
        }

        private char escaped() {
            int c = next();
            return switch (c) {
                case '"', '\\', '/' -> (char) c;
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'u' -> {
                    int value = 0;
                    for (int i = 0; i < 4; i++) {
                        int digit = next();
                        require(HexFormat.isHexDigit(digit), "malformed \\u escape sequence");
                        value = (value << 4) | HexFormat.fromHexDigit(digit);
                    }
                    yield (char) value;
                }
                default -> throw malformed("illegally escaped character");
            };
        }

        private int skipBlanks() {
            while (true) {
                int c = next();
                if (c == '/') {
                    require(next() == '*', "bad start of comment");
                    int end = text.indexOf("*/", at);
                    require(end >= 0, "unterminated /*.. comment");
                    at = end + 2;
                } else if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
                    return c;
                }
            }
        }

        private int next() {
            int c = peek();
            at++;
            return c;
        }

        /** The next character; 0 at the end. */
        private int peek() {
            return at < text.length() ? text.charAt(at) : 0;
        }

        private static boolean isDigit(int c) {
            return c >= '0' && c <= '9';
        }

        private void require(boolean condition, String otherwise) {
            if (!condition) {
                throw malformed(otherwise);
            }
        }

        private MalformedMessageException malformed(String why) {
            return new MalformedMessageException("at character " + at + ": " + why);
        }
    }
}
