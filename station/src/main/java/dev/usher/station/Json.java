package dev.usher.station;

import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.HexFormat;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes what station's own parser reads ({@code uj.c}): one compact object, plain numbers. */
final class Json {

    private static final int MICROSECONDS = 6;

    private static final JsonFactory JSON = new JsonFactory();

    private Json() {}

    static String write(Consumer<JsonGenerator> fields) {
        StringWriter text = new StringWriter(512);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            fields.accept(json);
            json.writeEndObject();
        }
        return text.toString();
    }

    /** UTC in seconds with six decimals and never an exponent. */
    static void time(JsonGenerator json, String name, Instant time) {
        decimal(
                json,
                name,
                BigDecimal.valueOf(time.getEpochSecond())
                        .add(BigDecimal.valueOf(time.getNano(), 9)),
                MICROSECONDS);
    }

    /** A finite number with so many decimals. */
    static void decimal(JsonGenerator json, String name, double number, int decimals) {
        decimal(json, name, BigDecimal.valueOf(number), decimals);
    }

    private static void decimal(JsonGenerator json, String name, BigDecimal number, int decimals) {
        json.writeName(name);
        json.writeRawValue(number.setScale(decimals, RoundingMode.HALF_UP).toPlainString());
    }

    /** A finite number with as many decimals as it takes. */
    static void number(JsonGenerator json, String name, double number) {
        json.writeName(name);
        json.writeRawValue(BigDecimal.valueOf(number).stripTrailingZeros().toPlainString());
    }

    static void octets(JsonGenerator json, String name, byte[] octets) {
        json.writeStringProperty(name, HexFormat.of().withUpperCase().formatHex(octets));
    }
}
