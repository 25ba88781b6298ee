package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher network webhooks}: where events are posted to. */
@Command(
        name = "webhooks",
        aliases = {"webhook", "hooks"},
        description = "Have what happens posted to a URL, signed.",
        addMethodSubcommands = false)
final class NetworkWebhooksCommand {

    private static final String PATH = "/api/v1/network/webhooks";

    private final Terminal terminal;

    NetworkWebhooksCommand(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    @Shows(Shows.Result.WEBHOOK)
    @Command(
            name = "create",
            aliases = "add",
            description = {
                "Make a webhook. The secret that signs what it posts is shown this once.",
                "It tells what its user or organization may know; without one it is the network's"
                        + " own, which tells everything and is for administrators."
            },
            footer = {
                "%nExample:",
                "  usher network webhooks create hook1 --to https://example.com/usher \\",
                "      --type uplink --type join --user-id user1"
            })
    void create(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Mixin AccountOption account,
            @Option(
                            names = "--to",
                            required = true,
                            paramLabel = "URL",
                            description = "Where to, https.")
                    String url,
            @Option(
                            names = "--type",
                            split = ",",
                            paramLabel = "TYPE",
                            description =
                                    "Only these: join, join-failed, uplink, downlink, transmitted,"
                                            + " downlink-acked, downlink-nacked,"
                                            + " gateway-connected, gateway-disconnected. Default:"
                                            + " all.")
                    @Nullable List<String> types,
            @Option(
                            names = "--secret",
                            paramLabel = "SECRET",
                            description =
                                    "What to sign with, @FILE, or - for stdin. Default: a new one"
                                            + " is made.")
                    @Nullable Secret secret,
            @Parameters(paramLabel = "WEBHOOK", description = "What to call it.") String id) {
        ObjectNode wish = Json.object().put("id", id).put("url", url);
        account.given().ifPresent(owner -> wish.put("account", owner));
        write(wish, types);
        write(wish, secret);
        output.show(connection.rest().post(PATH, wish, change));
    }

    private static void write(ObjectNode wish, @Nullable List<String> types) {
        if (types != null) {
            ArrayNode names = wish.putArray("types");
            types.stream().filter(type -> !type.isBlank()).forEach(names::add);
        }
    }

    private void write(ObjectNode wish, @Nullable Secret secret) {
        if (secret != null) {
            wish.put("secret", secret.reveal(terminal));
        }
    }

    @Command(
            name = "list",
            aliases = "ls",
            description = "List webhooks, and how they fare.",
            footer = {"%nExample:", "  usher network webhooks list"})
    void list(
            @Mixin Connection connection,
            @Mixin Output output,
            @Mixin AccountOption account,
            @Option(
                            names = "--limit",
                            paramLabel = "COUNT",
                            description = "At most so many. Default: all.")
                    @Nullable Long limit) {
        Map<String, String> query = new TreeMap<>();
        account.given().ifPresent(owner -> query.put("account", owner));
        try (Listing webhooks =
                output.listing(
                        List.of(
                                Column.of("ID", "id"),
                                Column.of("ACCOUNT", "account"),
                                Column.of("URL", "url"),
                                new Column("TYPES", NetworkWebhooksCommand::types),
                                Column.of("ENABLED", "enabled"),
                                Column.of("PENDING", "pending"),
                                Column.of("DELIVERED", "deliveredAt"),
                                Column.of("LAST ERROR", "lastError")))) {
            connection
                    .rest()
                    .list(PATH, query, limit == null ? Long.MAX_VALUE : limit, webhooks::add);
            webhooks.finish();
        }
    }

    private static String types(JsonNode webhook) {
        List<String> types =
                webhook.path("types").values().stream().map(JsonNode::asString).toList();
        return types.isEmpty() ? "all" : String.join(",", types);
    }

    @Shows(Shows.Result.WEBHOOK)
    @Command(
            name = "get",
            description = "Show one webhook, and how it fares.",
            footer = {"%nExample:", "  usher network webhooks get hook1"})
    void get(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "WEBHOOK", description = "Its ID.") String id) {
        output.show(connection.rest().get(path(id)));
    }

    @Shows(Shows.Result.WEBHOOK)
    @Command(
            name = "set",
            aliases = "update",
            description = {
                "Change a webhook.",
                "With --new-secret it signs with another one, and for a day with the former one"
                        + " too."
            },
            footer = {
                "%nExamples:",
                "  usher network webhooks set hook1 --disable",
                "  usher network webhooks set hook1 --new-secret"
            })
    void set(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Option(names = "--to", paramLabel = "URL", description = "Where to, https.")
                    @Nullable String url,
            @Option(
                            names = "--type",
                            split = ",",
                            paramLabel = "TYPE",
                            description = "Only these; '' is all.")
                    @Nullable List<String> types,
            @Option(names = "--enable", description = "Tell it what happens.") boolean enable,
            @Option(
                            names = "--disable",
                            description = "Tell it nothing; what waits stays for a day.")
                    boolean disable,
            @Option(names = "--new-secret", description = "Sign with a new secret.")
                    boolean newSecret,
            @Option(
                            names = "--secret",
                            paramLabel = "SECRET",
                            description = "Sign with this one: itself, @FILE, or - for stdin.")
                    @Nullable Secret secret,
            @Parameters(paramLabel = "WEBHOOK", description = "Its ID.") String id) {
        if (enable && disable) {
            throw Failure.ofUsage("Give --enable or --disable, not both.");
        }
        ObjectNode wish = Json.object();
        if (url != null) {
            wish.put("url", url);
        }
        write(wish, types);
        if (enable || disable) {
            wish.put("enabled", enable);
        }
        Optional<JsonNode> answer = Optional.empty();
        if (!wish.isEmpty()) {
            answer = Optional.of(connection.rest().patch(path(id), wish, change));
        }
        if (newSecret || secret != null) {
            ObjectNode replacement = Json.object();
            write(replacement, secret);
            answer = Optional.of(connection.rest().post(path(id) + "/secret", replacement, change));
        }
        output.show(
                answer.orElseThrow(
                        () ->
                                Failure.ofUsage(
                                        "Say what to change, as in --to, --type, --disable or"
                                                + " --new-secret.")));
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            aliases = {"remove", "rm"},
            description = "End a webhook; what waits for it is forgotten.",
            footer = {"%nExample:", "  usher network webhooks delete hook1"})
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "WEBHOOK", description = "Its ID.") String id) {
        connection.rest().delete(path(id), change);
        output.show(change.deleted(id));
    }

    @Command(
            name = "test",
            description = "Post a try at once, and say what came of it.",
            footer = {"%nExample:", "  usher network webhooks test hook1"})
    void test(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "WEBHOOK", description = "Its ID.") String id) {
        output.show(connection.rest().post(path(id) + "/test", Json.object()));
    }

    private static String path(String id) {
        return PATH + "/" + RemoteServer.segment(id);
    }
}
