package dev.usher.cli;

import dev.usher.lorawan.Eui64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code usher joins}: what devices and their networks asked the Join Server. */
@Command(
        name = "joins",
        description = "What was asked of the Join Server, and why it was answered so.",
        addMethodSubcommands = false)
final class JoinsCommand {

    private static final String PATH = "/api/v1/backend-log";

    private static final List<Column> COLUMNS =
            List.of(
                    Column.of("AT", "at"),
                    Column.of("DEVICE", "device"),
                    Column.of("TYPE", "type"),
                    Column.of("NONCE", "nonce"),
                    Column.of("RESULT", "result"),
                    new Column("PEER", JoinsCommand::peer),
                    Column.of("WHY", "why"));

    @Command(
            name = "log",
            description = {
                "List what was asked, newest first; or follow it, until you stop the command.",
                "Owners see what concerns their own devices."
            },
            footer = {
                "%nExamples:",
                "  usher joins log --device 70B3D57ED0001234",
                "  usher joins log --peer ns1 --result MICFailed --limit 20",
                "  usher joins log --follow"
            })
    void log(
            @Mixin Connection connection,
            @Mixin Output output,
            @Option(names = "--peer", paramLabel = "NAME", description = "Only of this peer.")
                    @Nullable String peer,
            @Option(
                            names = "--device",
                            paramLabel = "DEVEUI",
                            converter = DeviceEui.class,
                            description = "Only about this device.")
                    @Nullable Eui64 device,
            @Option(
                            names = "--result",
                            paramLabel = "CODE",
                            description =
                                    "Only with this result, as in Success or FrameReplayed"
                                            + " (docs/backend-interfaces.md).")
                    @Nullable String result,
            @Option(
                            names = "--limit",
                            paramLabel = "COUNT",
                            description = "At most so many. Default: 100, or all with --follow.")
                    @Nullable Long limit,
            @Option(names = "--follow", description = "Show what is asked from now on.")
                    boolean follow) {
        Map<String, String> query = new TreeMap<>();
        if (peer != null) {
            query.put("peer", peer);
        }
        if (device != null) {
            query.put("device", device.toString());
        }
        if (result != null) {
            query.put("result", result);
        }
        RemoteServer server = connection.rest();
        if (follow) {
            follow(server, query, limit == null ? Long.MAX_VALUE : limit, output);
        } else {
            try (Listing entries = output.listing(COLUMNS)) {
                server.list(PATH, "before", query, limit == null ? 100 : limit, entries::add);
                entries.finish();
            }
        }
    }

    private static void follow(
            RemoteServer server, Map<String, String> query, long limit, Output output) {
        try (Listing entries = output.live(COLUMNS)) {
            long[] left = {limit};
            server.follow(
                    PATH + "/stream",
                    query,
                    entry -> {
                        entries.add(entry);
                        left[0]--;
                        return left[0] > 0 && output.isRead();
                    });
        }
    }

    /** Who asked or, where nobody proved to be a peer, the SenderID that was claimed. */
    private static String peer(JsonNode entry) {
        String peer = Json.text(entry, "peer");
        return peer.isEmpty() ? "(" + Json.text(entry, "sender") + ")" : peer;
    }
}
