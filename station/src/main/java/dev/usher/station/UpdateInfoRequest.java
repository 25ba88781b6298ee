package dev.usher.station;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * What a gateway says of itself when it asks {@code POST /update-info}: who it is, what it is
 * configured with, what it runs ({@code cups.c:216-249}).
 *
 * <p>URIs and CRCs are those of the regular credential set, also when the session itself runs on
 * the backup or the boot set. The texts are as the gateway sent them, except that they are cut to
 * {@value #LONGEST_TEXT} characters and that characters no database stores (NUL, halves of a
 * surrogate pair) are replaced by U+FFFD: an odd version string is no reason to leave a genuine
 * gateway without an answer.
 *
 * @param router the EUI of the gateway
 * @param cupsUri content of {@code cups.uri}; empty when there is none
 * @param tcUri content of {@code tc.uri}, the LNS; empty when there is none
 * @param cupsCredCrc CRC-32 of the CUPS credentials, {@link Credentials#NONE_CRC} when there are
 *     none; compare as 32 bits
 * @param tcCredCrc the same for the LNS credentials
 * @param station firmware version and build date
 * @param model the platform station was built for
 * @param packageVersion content of {@code version.txt}
 * @param keyCrcs CRC-32 of each signature key ({@code sig-0.key}, {@code sig-1.key}, …), at most
 *     {@value #MOST_KEYS}
 */
public record UpdateInfoRequest(
        Eui64 router,
        Optional<String> cupsUri,
        Optional<String> tcUri,
        int cupsCredCrc,
        int tcCredCrc,
        Optional<String> station,
        Optional<String> model,
        Optional<String> packageVersion,
        List<Integer> keyCrcs) {

    /** The largest request that is read, in bytes; station itself can send 8 KB. */
    public static final int LARGEST = 64 * 1024;

    /** Longer texts are cut to this many characters. */
    public static final int LONGEST_TEXT = 255;

    /** Signature keys beyond this many are not kept. */
    public static final int MOST_KEYS = 255;

    private static final int DEEPEST = 32;

    // Names are neither interned nor kept in a shared table: strangers choose them.
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
                    .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                    .build();

    public UpdateInfoRequest {
        requireNonNull(router, "router");
        requireNonNull(cupsUri, "cupsUri");
        requireNonNull(tcUri, "tcUri");
        requireNonNull(station, "station");
        requireNonNull(model, "model");
        requireNonNull(packageVersion, "packageVersion");
        keyCrcs = List.copyOf(keyCrcs);
    }

    /**
     * Reads the body of a request, which is one JSON object in UTF-8.
     *
     * <p>Only {@code router} is needed; it may be an ID6, any EUI form or a number. Absent or null
     * is empty for a text, no key for {@code keys}, and {@link Credentials#NONE_CRC} for a CRC,
     * which may be signed or unsigned. Unknown fields are ignored. A known field that comes twice
     * is refused, because two readers of such a message could see two different gateways.
     *
     * @throws MalformedMessageException if it is anything else, or larger than {@value #LARGEST}
     *     bytes
     */
    public static UpdateInfoRequest parse(byte[] json) {
        if (json.length > LARGEST) {
            throw new MalformedMessageException(
                    "update-info request of "
                            + json.length
                            + " bytes: at most "
                            + LARGEST
                            + " are read");
        }
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text(json))) {
            return new Reader(parser).read();
        } catch (JacksonException e) {
            throw new MalformedMessageException(
                    "update-info request is not JSON: " + Printable.of(e.getOriginalMessage()), e);
        }
    }

    /** Strict UTF-8: the JSON parser alone would let overlong forms pass, and UTF-16 and UTF-32. */
    private static String text(byte[] json) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedMessageException("update-info request is not UTF-8", e);
        }
    }

    /** The body as station 2.0.6 writes it, byte for byte. */
    public byte[] toJson() {
        StringBuilder json = new StringBuilder(320);
        json.append("{\"router\":\"").append(router.id6()).append('"');
        appendText(json, "cupsUri", cupsUri);
        appendText(json, "tcUri", tcUri);
        json.append(",\"cupsCredCrc\":").append(Integer.toUnsignedString(cupsCredCrc));
        json.append(",\"tcCredCrc\":").append(Integer.toUnsignedString(tcCredCrc));
        appendText(json, "station", station);
        appendText(json, "model", model);
        appendText(json, "package", packageVersion);
        json.append(",\"keys\":[");
        for (int i = 0; i < keyCrcs.size(); i++) {
            json.append(i == 0 ? "" : ",").append(Integer.toUnsignedString(keyCrcs.get(i)));
        }
        return json.append("]}").toString().getBytes(UTF_8);
    }

    private static void appendText(StringBuilder json, String name, Optional<String> text) {
        json.append(",\"").append(name).append("\":");
        if (text.isEmpty()) {
            json.append("null");
            return;
        }
        json.append('"');
        text.get().chars().forEach(c -> appendEscaped(json, (char) c));
        json.append('"');
    }

    /** The escapes of {@code uj.c:787-816}. */
    private static void appendEscaped(StringBuilder json, char c) {
        switch (c) {
            case '"', '\\' -> json.append('\\').append(c);
            case '\b' -> json.append("\\b");
            case '\f' -> json.append("\\f");
            case '\n' -> json.append("\\n");
            case '\r' -> json.append("\\r");
            case '\t' -> json.append("\\t");
            default -> {
                if (c < ' ') {
                    json.append("\\u00")
                            .append(HexFormat.of().withUpperCase().toHexDigits((byte) c));
                } else {
                    json.append(c);
                }
            }
        }
    }

    /** Reads one request; the fields come in any order. */
    private static final class Reader {

        private final JsonParser parser;
        private int seen;
        private Optional<Eui64> router = Optional.empty();
        private Optional<String> cupsUri = Optional.empty();
        private Optional<String> tcUri = Optional.empty();
        private int cupsCredCrc = Credentials.NONE_CRC;
        private int tcCredCrc = Credentials.NONE_CRC;
        private Optional<String> station = Optional.empty();
        private Optional<String> model = Optional.empty();
        private Optional<String> packageVersion = Optional.empty();
        private List<Integer> keyCrcs = List.of();

        Reader(JsonParser parser) {
            this.parser = parser;
        }

        UpdateInfoRequest read() {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedMessageException("update-info request is not a JSON object");
            }
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "router" -> router = once(0, name, eui(name, value));
                    case "cupsUri" -> cupsUri = once(1, name, text(name, value));
                    case "tcUri" -> tcUri = once(2, name, text(name, value));
                    case "cupsCredCrc" -> cupsCredCrc = once(3, name, crc(name, value));
                    case "tcCredCrc" -> tcCredCrc = once(4, name, crc(name, value));
                    case "station" -> station = once(5, name, text(name, value));
                    case "model" -> model = once(6, name, text(name, value));
                    case "package" -> packageVersion = once(7, name, text(name, value));
                    case "keys" -> keyCrcs = once(8, name, crcs(name, value));
                    default -> parser.skipChildren();
                }
            }
            if (parser.nextToken() != null) {
                throw new MalformedMessageException(
                        "update-info request goes on after its JSON object");
            }
            return new UpdateInfoRequest(
                    router.orElseThrow(
                            () ->
                                    new MalformedMessageException(
                                            "update-info request names no router")),
                    cupsUri,
                    tcUri,
                    cupsCredCrc,
                    tcCredCrc,
                    station,
                    model,
                    packageVersion,
                    keyCrcs);
        }

        private <T> T once(int field, String name, T value) {
            if ((seen & (1 << field)) != 0) {
                throw new MalformedMessageException("field '" + name + "' comes twice");
            }
            seen |= 1 << field;
            return value;
        }

        private Optional<Eui64> eui(String name, JsonToken value) {
            return switch (value) {
                case VALUE_NULL -> Optional.empty();
                case VALUE_STRING -> {
                    try {
                        yield Optional.of(Eui64.parse(parser.getString()));
                    } catch (IllegalArgumentException e) {
                        throw new MalformedMessageException(
                                "field '" + name + "': " + e.getMessage(), e);
                    }
                }
                case VALUE_NUMBER_INT -> Optional.of(new Eui64(number(name, 64)));
                default -> throw wrongType(name, "an EUI", value);
            };
        }

        private int crc(String name, JsonToken value) {
            return switch (value) {
                case VALUE_NULL -> Credentials.NONE_CRC;
                case VALUE_NUMBER_INT -> (int) number(name, 32);
                default -> throw wrongType(name, "a whole number", value);
            };
        }

        /** A number of so many bits, whether its writer thinks of it as signed or unsigned. */
        private long number(String name, int bits) {
            BigInteger number = new BigInteger(parser.getString());
            boolean fits =
                    number.signum() < 0 ? number.bitLength() < bits : number.bitLength() <= bits;
            if (!fits) {
                throw new MalformedMessageException(
                        "field '%s': %s is not a number of %d bits"
                                .formatted(name, Printable.of(number.toString()), bits));
            }
            return number.longValue();
        }

        private List<Integer> crcs(String name, JsonToken value) {
            if (value == JsonToken.VALUE_NULL) {
                return List.of();
            }
            if (value != JsonToken.START_ARRAY) {
                throw wrongType(name, "an array of whole numbers", value);
            }
            List<Integer> crcs = new ArrayList<>(4);
            for (JsonToken element = parser.nextToken();
                    element != JsonToken.END_ARRAY;
                    element = parser.nextToken()) {
                if (element != JsonToken.VALUE_NUMBER_INT) {
                    throw wrongType(name, "an array of whole numbers", element);
                }
                int crc = crc(name, element);
                if (crcs.size() < MOST_KEYS) {
                    crcs.add(crc);
                }
            }
            return crcs;
        }

        private Optional<String> text(String name, JsonToken value) {
            return switch (value) {
                case VALUE_NULL -> Optional.empty();
                case VALUE_STRING -> Optional.of(storable(parser.getString()));
                default -> throw wrongType(name, "a text", value);
            };
        }

        private static MalformedMessageException wrongType(
                String name, String expected, JsonToken value) {
            return new MalformedMessageException(
                    "field '" + name + "' is not " + expected + " but " + kindOf(value));
        }

        private static String kindOf(JsonToken value) {
            return switch (value) {
                case START_OBJECT -> "an object";
                case START_ARRAY -> "an array";
                case VALUE_STRING -> "a text";
                case VALUE_NUMBER_INT -> "a number";
                case VALUE_NUMBER_FLOAT -> "a number with a fraction or exponent";
                case VALUE_TRUE, VALUE_FALSE -> "true or false";
                case VALUE_NULL -> "null";
                default -> "something else";
            };
        }
    }

    /** The text, cut and without what databases refuse; nearly always the very same object. */
    static String storable(String text) {
        String cut = text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT);
        for (int i = 0; i < cut.length(); i++) {
            if (cut.charAt(i) == 0 || Character.isSurrogate(cut.charAt(i))) {
                return replaceUnstorable(cut);
            }
        }
        return cut;
    }

    private static String replaceUnstorable(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c == 0 || (c >= 0xD800 && c <= 0xDFFF) ? 0xFFFD : c)
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }
}
