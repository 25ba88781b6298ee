package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher network}: what this network does for devices. */
@Command(
        name = "network",
        description = "The devices this network serves, what they say, and what they are sent.",
        addMethodSubcommands = false)
final class NetworkCommand {

    private final Terminal terminal;

    NetworkCommand(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    @Shows(Shows.Result.DOWNLINK)
    @Command(
            name = "downlink",
            description = "Queue something for a device; it is sent after one of its next uplinks.",
            footer = {
                "%nExamples:",
                "  usher network downlink 0102030405060708 --port 2 --payload 0AFF --confirmed",
                "  usher network downlink 0102030405060708 --port 2 --payload @payload.hex"
            })
    void downlink(
            @Mixin Connection connection,
            @Mixin Output output,
            @Option(
                            names = "--port",
                            required = true,
                            paramLabel = "PORT",
                            description = "1 to 223 are the application's own.")
                    int port,
            @Option(
                            names = "--payload",
                            paramLabel = "HEX",
                            description = "In hex, @FILE, or - for stdin. Default: empty.")
                    @Nullable Secret payload,
            @Option(names = "--confirmed", description = "Have the device acknowledge it.")
                    boolean confirmed,
            @Parameters(paramLabel = "DEVEUI", description = "The device.") Eui64 devEui) {
        ObjectNode wish = Json.object().put("port", port);
        if (payload != null) {
            wish.put(
                    "payload", Base64.getEncoder().encodeToString(bytes(payload.reveal(terminal))));
        }
        output.show(
                connection
                        .rest()
                        .post(
                                NetworkDevicesCommand.path(devEui) + "/downlinks",
                                wish.put("confirmed", confirmed)));
    }

    private static byte[] bytes(String hex) {
        try {
            return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
        } catch (IllegalArgumentException _) {
            throw Failure.ofUsage("--payload is not hex: write two digits a byte, as in 0AFF.");
        }
    }

    @Shows(Shows.Result.COMMAND)
    @Command(
            name = "run",
            description = {
                "Run a command on a gateway that is connected.",
                "It does not tell what became of it. You need RIGHT_GATEWAY_ALL."
            },
            footer = {
                "%nExamples:",
                "  usher network run gtw1 reboot",
                "  usher network run gtw1 'logger \"$1\"' hello",
                "  usher network run gtw1 -- /etc/init.d/ntpd restart"
            })
    void run(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(index = "0", paramLabel = "GATEWAY", description = "Its ID or EUI.")
                    String gateway,
            @Parameters(
                            index = "1",
                            paramLabel = "COMMAND",
                            description =
                                    "The path of a program or a script, or text for the shell.")
                    String command,
            @Parameters(
                            index = "2..*",
                            arity = "0..*",
                            paramLabel = "ARGUMENT",
                            description = "What it is run with; in a text for the shell $1, $2.")
                    @Nullable List<String> arguments) {
        ObjectNode wish = Json.object().put("command", command);
        if (arguments != null) {
            arguments.forEach(wish.putArray("arguments")::add);
        }
        output.show(
                connection
                        .rest()
                        .post(
                                "/api/v1/network/gateways/"
                                        + GatewayOptions.segment(gateway)
                                        + "/commands",
                                wish));
    }

    @Command(
            name = "shell",
            description = {
                "Open a shell on a gateway that is connected, until you leave it with exit.",
                "You need RIGHT_GATEWAY_ALL; its station must be built with remote shells."
            },
            footer = {
                "%nExamples:",
                "  usher network shell gtw1",
                "  echo uptime | usher network shell gtw1"
            })
    void shell(
            @Mixin Connection connection,
            @Parameters(paramLabel = "GATEWAY", description = "Its ID or EUI.") String gateway) {
        new RemoteShell(terminal)
                .run(
                        connection.rest(),
                        RemoteServer.withQuery(
                                "/api/v1/network/gateways/"
                                        + GatewayOptions.segment(gateway)
                                        + "/shell",
                                Map.of(
                                        "term",
                                        terminal.variable("TERM").orElse("xterm-256color"))));
    }

    @Command(
            name = "events",
            description = {
                "Show what happens from now on, until you stop the command.",
                "Administrators see all of it; others what concerns their devices and gateways."
            },
            footer = {
                "%nExamples:",
                "  usher network events --device 0102030405060708",
                "  usher network events --gateway gtw1 --type uplink -o json"
            })
    void events(
            @Mixin Connection connection,
            @Mixin Output output,
            @Option(names = "--device", paramLabel = "DEVEUI", description = "Only of this device.")
                    @Nullable Eui64 device,
            @Option(
                            names = "--gateway",
                            paramLabel = "GATEWAY",
                            description = "Only with this gateway: its ID or EUI.")
                    @Nullable String gateway,
            @Option(
                            names = "--type",
                            paramLabel = "TYPE",
                            description =
                                    "Only these: join, join-failed, uplink, downlink, transmitted,"
                                            + " downlink-acked, downlink-nacked,"
                                            + " gateway-connected, gateway-disconnected,"
                                            + " gateway-alert.")
                    @Nullable String type,
            @Option(
                            names = "--limit",
                            paramLabel = "COUNT",
                            description = "End after so many. Default: go on.")
                    @Nullable Long limit) {
        Map<String, String> query = new TreeMap<>();
        if (device != null) {
            query.put("device", device.toString());
        }
        if (gateway != null) {
            query.put("gateway", GatewayOptions.segment(gateway));
        }
        if (type != null) {
            query.put("type", type);
        }
        long[] left = {limit == null ? Long.MAX_VALUE : limit};
        try (Listing events =
                output.live(
                        List.of(
                                Column.of("AT", "at"),
                                Column.of("TYPE", "type"),
                                Column.of("DEVICE", "device"),
                                new Column("GATEWAY", NetworkCommand::gateway),
                                new Column("WHAT", NetworkCommand::what)))) {
            connection
                    .rest()
                    .follow(
                            "/api/v1/network/events",
                            query,
                            event -> {
                                events.add(event);
                                left[0]--;
                                return left[0] > 0 && output.isRead();
                            });
        }
    }

    /** The gateway, or the best of those that heard it. */
    private static String gateway(JsonNode event) {
        String gateway = Json.text(event, "gateway");
        return gateway.isEmpty() ? Json.text(event.path("heardBy").path(0), "gateway") : gateway;
    }

    private static String what(JsonNode event) {
        return switch (Json.text(event, "type")) {
            case "uplink" ->
                    "FCnt "
                            + Json.text(event, "fCnt")
                            + ", port "
                            + Json.text(event, "port")
                            + ", "
                            + hex(Json.text(event, "payload"));
            case "downlink" -> "FCnt " + Json.text(event, "fCnt");
            case "join" -> "DevAddr " + Json.text(event, "devAddr");
            case "join-failed", "gateway-alert" -> Json.text(event, "why");
            case "gateway-connected" -> Json.text(event, "station");
            case "missed" -> Json.text(event, "count") + " events: reading is too slow";
            default -> "";
        };
    }

    private static String hex(String base64) {
        try {
            return HexFormat.of().withUpperCase().formatHex(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException _) {
            return base64;
        }
    }
}
