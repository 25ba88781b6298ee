package dev.usher.cli;

import dev.usher.api.ClaimLink;
import dev.usher.keys.GatewayKeys;
import dev.usher.keys.GatewaySecrets;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.station.CertificateDer;
import dev.usher.station.StationUri;
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

    /** The generation of every gateway that leaves the factory. */
    private static final int FACTORY = 0;

    @Command(
            name = "provision",
            description = {
                "Write each gateway's home files and its label.",
                "OUT/EUI/ gets cups.uri, cups.trust, cups.key and the same as cups-boot.*;"
                        + " OUT/labels.csv gets one line for each gateway: eui, mac, pin, qr. A run"
                        + " that was cut off goes on where it ended when it is repeated, unless"
                        + " what is in OUT was made with another key or for another server.",
                "A range gets what gateways are made with; a gateway that --eui names gets what it"
                        + " has now, so its new PIN if a release retired the old one: files and"
                        + " label that are there already are replaced."
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
            @Mixin FactoryOrder order,
            @Option(
                            names = "--batch",
                            required = true,
                            paramLabel = "NAME",
                            description = "The batch the gateways belong to.")
                    String batch) {
        String path = "/api/v1/batches/" + RemoteServer.segment(batch) + "/provision";
        RemoteServer server = connection.rest();
        order.fill(
                Json.object().put("batch", batch),
                true,
                (part, writer) -> provision(server, path, part, order.namesGateways(), writer));
    }

    @Command(
            name = "provision-offline",
            description = {
                "Do the same with the factory's own vault, without a server.",
                "The vault has the batch's root key, as the twin of the server's or the other way"
                        + " round ('usher vault'). What is written is the same as 'provision'"
                        + " writes for a range."
            },
            footer = {
                "%nExamples:",
                "  usher factory provision-offline --vault factory/vault --key-label femto-2026 \\",
                "      --cups-uri https://usher.example.com:9191 --trust ca.pem --out gateways \\",
                "      --range 58A0CBFFFE800000-58A0CBFFFE8003E7",
                "  usher factory provision-offline --library /usr/lib/softhsm/libsofthsm2.so \\",
                "      --token factory --pin-file pin --key-label femto-2026 --out gateways \\",
                "      --cups-uri https://usher.example.com:9191 --trust ca.pem \\",
                "      --eui 58A0CBFFFE800BE7 --show"
            })
    void provisionOffline(
            @Mixin LocalVault vault,
            @Mixin FactoryOrder order,
            @Option(
                            names = "--key-label",
                            required = true,
                            paramLabel = "LABEL",
                            description = "The batch's root key in the vault.")
                    KeyLabel key,
            @Option(
                            names = "--cups-uri",
                            required = true,
                            paramLabel = "URI",
                            description = "The Gateway API, as in https://usher.example.com:9191.")
                    StationUri cupsUri,
            @Option(
                            names = "--trust",
                            required = true,
                            paramLabel = "FILE",
                            description =
                                    "The one certificate its server's chain ends in, PEM or DER; a"
                                            + " server with the built-in CA offers it at /ca.pem.")
                    Path trust) {
        if (cupsUri.scheme() != StationUri.Scheme.HTTPS) {
            throw Failure.ofUsage("--cups-uri is " + cupsUri + ": a gateway needs https here.");
        }
        vault.use(
                opened -> {
                    byte[] certificate = certificate(trust);
                    GatewayKeys keys = new GatewayKeys(requireKey(opened, key));
                    order.fill(
                            Json.object().put("keyLabel", key.value()),
                            false,
                            (part, writer) ->
                                    part.stream()
                                            .forEach(
                                                    eui ->
                                                            write(
                                                                    eui,
                                                                    cupsUri.toString(),
                                                                    certificate,
                                                                    keys.derive(key, eui, FACTORY),
                                                                    writer)));
                    return key;
                });
    }

    /** A certificate as a gateway takes it. */
    private static byte[] certificate(Path file) {
        try {
            return CertificateDer.of(LocalFile.read(file)).bytes();
        } catch (IllegalArgumentException e) {
            throw new Failure(
                    "'"
                            + file
                            + "' is nothing a gateway can trust: "
                            + Terminal.visible(String.valueOf(e.getMessage()))
                            + ".",
                    e);
        }
    }

    /** Before anything is written, as a directory of labels without gateways would confuse. */
    private static Vault requireKey(Vault vault, KeyLabel key) {
        if (!vault.contains(key)) {
            throw new Failure(
                    "There is no key '"
                            + key
                            + "' in the vault: bring it there with 'usher vault import', or correct"
                            + " --key-label.");
        }
        return vault;
    }

    private static void write(
            Eui64 eui,
            String cupsUri,
            byte[] trust,
            GatewaySecrets secrets,
            FactoryOrder.Writer writer) {
        writer.write(
                new GatewayHome(eui, cupsUri, trust, secrets.token()),
                new Label(
                        eui,
                        eui.hasMac() ? eui.mac() : "",
                        secrets.pin().text(),
                        ClaimLink.of(cupsUri, eui, secrets.pin())));
    }

    /** Has the server derive the secrets of a range, part by part. */
    private static void provision(
            RemoteServer server,
            String path,
            EuiRange range,
            boolean byName,
            FactoryOrder.Writer writer) {
        for (EuiRange part : parts(range, GATEWAYS_PER_REQUEST)) {
            Answer answer = new Answer(writer);
            server.lines(path, request(part, byName), answer::line);
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

    private static ObjectNode request(EuiRange part, boolean byName) {
        return byName
                ? Json.object().put("eui", part.first().toString())
                : Json.object().put("range", part.first() + "-" + part.last());
    }

    /** The lines of an answer: first what all gateways have in common, then one for each. */
    private static final class Answer {

        private final FactoryOrder.Writer writer;
        private @Nullable String cupsUri;
        private byte[] trust = new byte[0];
        private long gateways;

        Answer(FactoryOrder.Writer writer) {
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
