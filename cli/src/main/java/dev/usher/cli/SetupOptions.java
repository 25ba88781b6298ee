package dev.usher.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/**
 * What gateways are to be told: where their CUPS and LNS are, with which credentials, and which
 * firmware. Options are for all gateways of a command, fields of a row for that gateway.
 */
final class SetupOptions {

    /** What a row may have beside its gateway. */
    static final Fields FIELDS =
            new Fields()
                    .require("gateway", "eui", "router")
                    .allow("cupsUri")
                    .allow("cupsTrust")
                    .allow("cupsCrt")
                    .allow("cupsKey")
                    .allow("cupsToken")
                    .allow("lnsUri")
                    .allow("lnsTrust")
                    .allow("lnsCrt")
                    .allow("lnsKey")
                    .allow("lnsToken")
                    .allow("fwcrc", "firmware-crc")
                    .allow("fwafter", "firmware-after")
                    .allow("fwunsigned", "firmware-unsigned");

    @Option(names = "--cups-uri", paramLabel = "URI", description = "As in https://host:443.")
    private @Nullable String cupsUri;

    @Option(
            names = "--cups-trust",
            paramLabel = "FILE",
            description = "The CA of the CUPS server, PEM or DER.")
    private @Nullable Path cupsTrust;

    @Option(
            names = "--cups-crt",
            paramLabel = "FILE",
            description = "The gateway's client certificate for CUPS.")
    private @Nullable Path cupsCrt;

    @Option(names = "--cups-key", paramLabel = "FILE", description = "Its private key.")
    private @Nullable Path cupsKey;

    @Option(
            names = "--cups-token",
            paramLabel = "TEXT",
            description = "Or, instead of a certificate: what follows 'Authorization: ', or @FILE.")
    private @Nullable Secret cupsToken;

    @Option(names = "--lns-uri", paramLabel = "URI", description = "As in wss://host:8887.")
    private @Nullable String lnsUri;

    @Option(
            names = "--lns-trust",
            paramLabel = "FILE",
            description = "The CA of the LNS, PEM or DER.")
    private @Nullable Path lnsTrust;

    @Option(
            names = "--lns-crt",
            paramLabel = "FILE",
            description = "The gateway's client certificate for the LNS.")
    private @Nullable Path lnsCrt;

    @Option(names = "--lns-key", paramLabel = "FILE", description = "Its private key.")
    private @Nullable Path lnsKey;

    @Option(
            names = "--lns-token",
            paramLabel = "TEXT",
            description =
                    "Or, instead of a certificate: what follows 'Authorization: ', as in 'Bearer"
                            + " NNSXS.…', or @FILE.")
    private @Nullable Secret lnsToken;

    @Option(
            names = "--firmware-crc",
            paramLabel = "CRC",
            description = "The firmware to offer once, as 'firmware list' shows it.")
    private @Nullable Crc firmwareCrc;

    @Option(
            names = "--firmware-after",
            paramLabel = "TIME",
            description = "Not before this time, as in 2026-11-21T10:00:00Z.")
    private @Nullable Time firmwareAfter;

    @Option(
            names = "--firmware-unsigned",
            description = "Offer it also to a gateway that cannot verify it.")
    private boolean firmwareUnsigned;

    /** The options as the Owner API has them; what is not given is not in it and stays as it is. */
    ObjectNode common() {
        ObjectNode setup = Json.object();
        put(setup, "cupsUri", cupsUri);
        putCertificate(setup, "cupsTrust", cupsTrust);
        putCertificate(setup, "cupsCrt", cupsCrt);
        putKey(setup, "cups", cupsKey, cupsToken);
        put(setup, "lnsUri", lnsUri);
        putCertificate(setup, "lnsTrust", lnsTrust);
        putCertificate(setup, "lnsCrt", lnsCrt);
        putKey(setup, "lns", lnsKey, lnsToken);
        if (firmwareCrc != null) {
            setup.put("fwcrc", firmwareCrc.value());
        }
        if (firmwareAfter != null) {
            setup.put("fwafter", firmwareAfter.withoutZone());
        }
        if (firmwareUnsigned) {
            setup.put("fwunsigned", true);
        }
        return setup;
    }

    private static void put(ObjectNode setup, String field, @Nullable String value) {
        if (value != null) {
            setup.put(field, value);
        }
    }

    private static void putCertificate(ObjectNode setup, String field, @Nullable Path file) {
        if (file != null) {
            setup.put(field, base64(Pem.certificateInDer(file)));
        }
    }

    private static void putKey(
            ObjectNode setup, String target, @Nullable Path key, @Nullable Secret token) {
        if (key != null && token != null) {
            throw Failure.ofUsage("Give --" + target + "-key or --" + target + "-token, not both.");
        }
        if (key != null) {
            setup.put(target + "Key", base64(Pem.privateKeyInDer(key)));
        } else if (token != null) {
            try {
                setup.put(target + "Key", headerLine(token.reveal()));
            } catch (IllegalArgumentException e) {
                throw new Failure("--" + target + "-token: " + e.getMessage() + ".", e);
            }
        }
    }

    /**
     * A row as the Owner API has it: tokens become header lines, {@code @FILE} becomes what is in
     * the file. Null stands for taking a value away.
     *
     * @throws IllegalArgumentException if a value is wrong
     */
    static ObjectNode prepare(ObjectNode row) {
        ObjectNode setup = Json.object();
        row.forEachEntry(
                (field, value) -> {
                    switch (field) {
                        case "gateway" -> setup.put(field, OwnerCommand.id6(row));
                        case "fwcrc" -> setup.put(field, Crc.parse(value.asString("")).value());
                        case "fwunsigned" -> setup.put(field, truth(value.asString("")));
                        case "fwafter" ->
                                setup.put(field, Time.parse(Fields.text(row, field)).withoutZone());
                        case "cupsToken" -> putToken(setup, "cupsKey", row, field);
                        case "lnsToken" -> putToken(setup, "lnsKey", row, field);
                        default -> putText(setup, field, row);
                    }
                });
        return setup;
    }

    private static void putToken(ObjectNode setup, String key, ObjectNode row, String field) {
        if (row.has(key)) {
            throw new IllegalArgumentException("it has both " + key + " and " + field);
        }
        setup.put(key, headerLine(new Secret(Fields.text(row, field)).reveal()));
    }

    private static void putText(ObjectNode setup, String field, ObjectNode row) {
        if (row.path(field).isNull()) {
            setup.putNull(field);
            return;
        }
        String text = Fields.text(row, field);
        if (text.startsWith("@") && !field.endsWith("Uri")) {
            Path file = Path.of(text.substring(1));
            setup.put(
                    field,
                    base64(
                            field.endsWith("Key")
                                    ? Pem.privateKeyInDer(file)
                                    : Pem.certificateInDer(file)));
        } else {
            setup.put(field, text);
        }
    }

    private static boolean truth(String text) {
        return switch (text.toLowerCase(java.util.Locale.ROOT)) {
            case "true", "yes", "1" -> true;
            case "false", "no", "0" -> false;
            default -> throw new IllegalArgumentException("fwunsigned must be true or false");
        };
    }

    /** A token as a gateway keeps it: the one header line it sends, in base64. */
    private static String headerLine(String token) {
        if (token.isEmpty() || !token.chars().allMatch(c -> c >= ' ' && c < 0x7F)) {
            throw new IllegalArgumentException(
                    "the token is empty, or has characters that cannot stand in one header line");
        }
        String name = "Authorization: ";
        String line = token.regionMatches(true, 0, name, 0, name.length()) ? token : name + token;
        return base64((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
