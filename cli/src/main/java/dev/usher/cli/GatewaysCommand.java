package dev.usher.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher gateways}: the gateways of this network. */
@Command(
        name = "gateways",
        aliases = {"gateway", "gtw", "g"},
        description = {
            "The gateways of this network: claimed or registered, set up, handed over.",
            "Those of the Gateway Join Server are in 'usher factory gateways'."
        },
        addMethodSubcommands = false)
final class GatewaysCommand implements Shared {

    static final String PATH = "/api/v1/network/gateways";

    private static final Fields CREATION =
            new Fields()
                    .require("eui", "gatewayEui", "gateway")
                    .allow("id", "gatewayId")
                    .allow("collaborator", "userId", "organizationId")
                    .allow("name")
                    .allow("description")
                    .allow("frequencyPlanIds", "frequencyPlanId")
                    .allow("gatewayServerAddress")
                    .allow("targetCupsUri")
                    .allow("requireAuthenticatedConnection")
                    .allow("enforceDutyCycle")
                    .ignore("mac");

    @Shows(Shows.Result.REGISTERED_GATEWAY)
    @Command(
            name = "create",
            aliases = {"add", "register"},
            description = {
                "Register gateways by hand, which no Gateway Join Server knows.",
                "Those that can be claimed are to be claimed: 'usher gateways claim'."
            },
            footer = {
                "%nExamples:",
                "  usher gateways create gtw1 --gateway-eui 70B3D5FFFE0000A1 --user-id user1 \\",
                "      --frequency-plan-id EU_863_870",
                "  usher gateways create --user-id user1 < gateways.json",
                "%nRows have the field eui and any of id, collaborator, name, description,"
                        + " frequencyPlanIds, gatewayServerAddress."
            })
    int create(
            @Mixin Connection connection,
            @Mixin AccountOption account,
            @Mixin GatewayOptions options,
            @Mixin BulkChange change,
            @Mixin Output output,
            @Option(
                            names = "--gateway-eui",
                            paramLabel = "EUI",
                            description = "Its EUI, MAC or 12-digit number.")
                    @Nullable String eui,
            @Parameters(
                            arity = "0..1",
                            paramLabel = "GATEWAY-ID",
                            description = "What to call it. Default: eui-EUI.")
                    @Nullable String id) {
        ObjectNode common = options.read();
        account.given().ifPresent(whose -> common.put("collaborator", whose));
        if (common.has("lnsKey") || common.has("targetCupsKey")) {
            throw Failure.ofUsage("Set keys with 'usher gateways set' when the gateway is there.");
        }
        if (id != null && eui == null) {
            throw Failure.ofUsage("Give the EUI of " + Terminal.visible(id) + ": --gateway-eui.");
        }
        List<ObjectNode> given = List.of();
        if (eui != null) {
            ObjectNode row = Json.object().put("eui", eui);
            Optional.ofNullable(id).ifPresent(called -> row.put("id", called));
            given = List.of(row);
        }
        GatewayRows gateways = new GatewayRows(connection.rest(), PATH, common, "registered");
        Rows rows = change.rows(given, CREATION);
        boolean dryRun = change.isDryRun();
        return change.run(
                rows,
                gateways.job(dryRun ? Optional.empty() : Optional.of(change.salt(rows))),
                output.listing(gateways.columns(dryRun)));
    }

    @Command(
            name = "list",
            aliases = "ls",
            description = "List the gateways you may see.",
            footer = {
                "%nExamples:",
                "  usher gateways list",
                "  usher gateways list --user-id ann"
            })
    void list(
            @Mixin Connection connection,
            @Mixin AccountOption account,
            @Mixin Output output,
            @Option(
                            names = "--limit",
                            paramLabel = "COUNT",
                            description = "At most so many. Default: all.")
                    @Nullable Long limit) {
        Map<String, String> query = new TreeMap<>();
        account.given().ifPresent(whose -> query.put("collaborator", whose));
        try (Listing gateways =
                output.listing(
                        List.of(
                                Column.of("ID", "id"),
                                Column.of("EUI", "eui"),
                                Column.of("NAME", "name"),
                                Column.of("PLAN", "frequencyPlanIds"),
                                Column.of("ORIGIN", "origin"),
                                Column.of("LNS", "gatewayServerAddress"),
                                Column.of("CLAIMABLE UNTIL", "claimableUntil")))) {
            connection
                    .rest()
                    .list(PATH, query, limit == null ? Long.MAX_VALUE : limit, gateways::add);
            gateways.finish();
        }
    }

    @Shows(Shows.Result.GATEWAY)
    @Command(
            name = "get",
            aliases = "info",
            description = "Show one gateway.",
            footer = {
                "%nExamples:",
                "  usher gateways get gtw1",
                "  usher gateways get 58A0CB800BE7"
            })
    void get(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "GATEWAY", description = "Its ID or EUI.") String gateway) {
        output.show(connection.rest().get(path(gateway)));
    }

    @Shows(Shows.Result.GATEWAY)
    @Command(
            name = "set",
            aliases = "update",
            description = {
                "Change a gateway.",
                "What is not given stays as it is; an empty value takes away."
            },
            footer = {
                "%nExamples:",
                "  usher gateways set gtw1 --gateway-server-address lns.example.com:8887 \\",
                "      --lns-key @lns.key",
                "  usher gateways set gtw1 --gateway-server-address ws://192.168.2.2:1887 \\",
                "      --lns-key ''",
                "  usher gateways set gtw1 --gateway-server-address ''"
            })
    void set(
            @Mixin Connection connection,
            @Mixin GatewayOptions options,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "GATEWAY", description = "Its ID or EUI.") String gateway) {
        ObjectNode wish = options.read();
        if (wish.isEmpty()) {
            throw Failure.ofUsage(
                    "There is nothing to change: give --gateway-server-address or others.");
        }
        output.show(connection.rest().patch(path(gateway), wish, change));
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            aliases = {"remove", "rm"},
            description = {
                "Delete a gateway that was registered by hand, with its keys.",
                "One that was claimed is given back with 'unclaim'."
            },
            footer = {"%nExample:", "  usher gateways delete gtw1"})
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "GATEWAY", description = "Its ID or EUI.") String gateway) {
        connection.rest().delete(path(gateway), change);
        output.show(change.deleted(gateway));
    }

    @Shows(Shows.Result.UNCLAIMED)
    @Command(
            name = "unclaim",
            description = {
                "Give a claimed gateway back to its Gateway Join Server, and delete it here.",
                "Whoever has the code on its label can claim it then."
            },
            footer = {"%nExample:", "  usher gateways unclaim gtw1"})
    void unclaim(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "GATEWAY", description = "Its ID or EUI.") String gateway) {
        connection.rest().delete(path(gateway) + "/claim", new Change());
        output.show(Json.object().put("unclaimed", gateway));
    }

    @Shows(Shows.Result.STATION_KEY)
    @Command(
            name = "issue-key",
            description = {
                "Make a key for the station of a gateway, which is shown this once.",
                "The one before stays valid until the gateway has the new one. A claimed gateway"
                        + " gets its keys by itself."
            },
            footer = {
                "%nExamples:",
                "  usher gateways issue-key gtw1 lns --out tc.key",
                "  usher gateways issue-key gtw1 cups --out cups.key"
            })
    void issueKey(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            description =
                                    "Write it into this new file (mode 0600) as a station reads it"
                                            + " instead.")
                    @Nullable Path out,
            @Parameters(index = "0", paramLabel = "GATEWAY", description = "Its ID or EUI.")
                    String gateway,
            @Parameters(index = "1", paramLabel = "lns|cups", description = "For which of them.")
                    String kind) {
        if (out != null) {
            LocalFile.requireNew(out);
        }
        ObjectNode made =
                (ObjectNode)
                        connection
                                .rest()
                                .post(
                                        path(gateway) + "/keys/" + RemoteServer.segment(kind),
                                        Json.object(),
                                        change);
        if (out != null && !change.isDryRun()) {
            LocalFile.writeSecret(
                    out,
                    ("Authorization: " + Json.text(made, "key") + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            made.put("key", "@" + out);
        }
        output.show(made);
    }

    @Command(
            name = "stats",
            aliases = {"connection-stats", "get-connection-stats"},
            description = "Whether a gateway is connected, and works with what it was told.",
            footer = {"%nExample:", "  usher gateways stats gtw1"})
    void stats(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "GATEWAY", description = "Its ID or EUI.") String gateway) {
        output.show(connection.rest().get(path(gateway) + "/stats"));
    }

    @Override
    public String thing(String name) {
        return path(name);
    }

    static String path(String gateway) {
        return PATH + "/" + GatewayOptions.segment(gateway);
    }
}
