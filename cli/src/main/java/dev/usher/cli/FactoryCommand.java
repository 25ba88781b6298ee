package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher factory}: what is done where gateways are made. */
@Command(
        name = "factory",
        description = "What is done where gateways are made.",
        addMethodSubcommands = false)
final class FactoryCommand {

    /** Small enough for one answer to take seconds, large enough for many a second. */
    private static final int GATEWAYS_PER_REQUEST = 10_000;

    private final Terminal terminal;

    FactoryCommand(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    @Command(
            name = "provision",
            description = {
                "Write each gateway's home files and its label.",
                "OUT/EUI/ gets cups.uri, cups.trust, cups.key and the same as cups-boot.*;"
                        + " OUT/labels.csv gets one line for each gateway: eui, mac, pin, qr. A run"
                        + " that was cut off goes on where it ended when it is repeated."
            },
            footer = {
                "%nExamples:",
                "  usher factory provision --batch femto-2026 --out gateways \\",
                "      --eui 58A0CBFFFE800BE7 --show",
                "  usher factory provision --batch femto-2026 --out gateways \\",
                "      --range 58A0CBFFFE800000-58A0CBFFFE8003E7"
            })
    void provision(
            @Mixin Connection connection,
            @Mixin Output output,
            @Option(
                            names = "--batch",
                            required = true,
                            paramLabel = "NAME",
                            description = "The batch the gateways belong to.")
                    String batch,
            @Option(
                            names = "--eui",
                            paramLabel = "EUI",
                            description = "One gateway; may be given several times.")
                    @Nullable List<Eui64> euis,
            @Option(
                            names = "--range",
                            paramLabel = "RANGE",
                            description = "Or many: FIRST-LAST or PREFIX/BITS.")
                    @Nullable EuiRange range,
            @Option(
                            names = "--out",
                            required = true,
                            paramLabel = "DIR",
                            description = "Where to write; it is made if it is not there.")
                    Path out,
            @Option(names = "--boot-only", description = "Write cups-boot.* only.")
                    boolean bootOnly,
            @Option(
                            names = "--show",
                            description = "Also print each label with its QR code (tables only).")
                    boolean show) {
        if ((euis == null) == (range == null)) {
            throw Failure.ofUsage("Which gateways? Give --eui EUI or --range FIRST-LAST.");
        }
        List<EuiRange> wanted =
                range != null
                        ? List.of(range)
                        : requireNonNull(euis).stream()
                                .distinct()
                                .map(eui -> new EuiRange(eui, eui))
                                .toList();
        String path = "/api/v1/batches/" + RemoteServer.segment(batch) + "/provision";
        boolean showing = show && output.format() == Output.Format.TABLE;
        RemoteServer server = connection.rest();
        try (FactoryDirectory directory = new FactoryDirectory(out, bootOnly)) {
            List<EuiRange> missing = directory.missing(wanted);
            long total = count(missing);
            try (Progress progress = new Progress(terminal, "gateways", showing ? 0 : total)) {
                for (EuiRange part : missing) {
                    provision(
                            server,
                            path,
                            part,
                            (home, label) -> {
                                directory.write(home, label);
                                if (showing) {
                                    output.print(label.render(terminal.hasColours()));
                                } else {
                                    progress.advance(1);
                                }
                            });
                }
            }
            output.show(
                    Json.object()
                            .put("batch", batch)
                            .put("provisioned", total)
                            .put("alreadyThere", count(wanted) - total)
                            .put("directory", out.toString())
                            .put("labels", directory.labelFile().toString()));
        }
    }

    private static long count(List<EuiRange> ranges) {
        return ranges.stream().mapToLong(range -> range.size().longValueExact()).sum();
    }

    /** Takes a gateway's secrets. */
    private interface Writer {
        void write(GatewayHome home, Label label);
    }

    /** Has the server derive the secrets of a range, part by part. */
    private static void provision(RemoteServer server, String path, EuiRange range, Writer writer) {
        for (EuiRange part : parts(range, GATEWAYS_PER_REQUEST)) {
            Answer answer = new Answer(writer);
            server.lines(path, request(part), answer::line);
            long size = part.size().longValueExact();
            if (answer.gateways != size) {
                throw new Failure(
                        "The server sent "
                                + answer.gateways
                                + " of "
                                + size
                                + " gateways: run the same command again to go on.");
            }
        }
    }

    /** A range, cut into parts of this size and a smaller last one. */
    static List<EuiRange> parts(EuiRange range, int size) {
        List<EuiRange> parts = new ArrayList<>();
        Eui64 first = range.first();
        while (range.last().value() - first.value() >= size) {
            parts.add(new EuiRange(first, new Eui64(first.value() + size - 1)));
            first = new Eui64(first.value() + size);
        }
        parts.add(new EuiRange(first, range.last()));
        return parts;
    }

    private static ObjectNode request(EuiRange part) {
        return part.first().equals(part.last())
                ? Json.object().put("eui", part.first().toString())
                : Json.object().put("range", part.first() + "-" + part.last());
    }

    /** The lines of an answer: first what all gateways have in common, then one for each. */
    private static final class Answer {

        private final Writer writer;
        private @Nullable String cupsUri;
        private byte[] trust = new byte[0];
        private long gateways;

        Answer(Writer writer) {
            this.writer = writer;
        }

        void line(JsonNode line) {
            try {
                String uri = cupsUri;
                if (uri == null) {
                    cupsUri = required(line, "cupsUri");
                    trust = Base64.getDecoder().decode(required(line, "trust"));
                    return;
                }
                Eui64 eui = Eui64.parse(required(line, "eui"));
                writer.write(
                        new GatewayHome(eui, uri, trust, required(line, "token")),
                        new Label(
                                eui,
                                Json.text(line, "mac"),
                                required(line, "pin"),
                                required(line, "qr")));
                gateways++;
            } catch (IllegalArgumentException | JacksonException e) {
                throw new Failure(
                        "The server sent a line that is none of a gateway ("
                                + e.getMessage()
                                + "): is this program as old as the server?",
                        e);
            }
        }

        private static String required(JsonNode line, String field) {
            String text = Json.text(line, field);
            if (text.isEmpty()) {
                throw new IllegalArgumentException("there is no " + field);
            }
            return text;
        }
    }
}
