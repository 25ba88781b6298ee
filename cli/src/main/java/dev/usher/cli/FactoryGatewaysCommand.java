package dev.usher.cli;

import dev.usher.lorawan.Eui64;
import java.util.ArrayList;
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

/** {@code usher factory gateways}: all gateways that the Gateway Join Server has heard of. */
@Command(
        name = "gateways",
        description =
                "The gateways of the Gateway Join Server: who owns them, what they were told, why.",
        addMethodSubcommands = false)
final class FactoryGatewaysCommand {

    private static final String PATH = "/api/v1/gateways";
    private static final Fields IMPORT =
            new Fields()
                    .require("eui", "gateway")
                    .allow("code", "pin", "claim")
                    .allow("token")
                    .allow("flavor", "flavorid")
                    .ignore("mac", "qr");

    @Command(
            name = "list",
            aliases = "ls",
            description = "List gateways.",
            footer = {
                "%nExamples:",
                "  usher factory gateways list --owner ::1",
                "  usher factory gateways list --batch femto-2026 -o json | jq -r '.[].eui'"
            })
    void list(
            @Mixin Connection connection,
            @Mixin Output output,
            @Option(names = "--owner", paramLabel = "ID", description = "Only this owner's.")
                    @Nullable String owner,
            @Option(names = "--batch", paramLabel = "NAME", description = "Only this batch's.")
                    @Nullable String batch,
            @Option(
                            names = "--limit",
                            paramLabel = "COUNT",
                            description = "At most so many. Default: all.")
                    @Nullable Long limit) {
        Map<String, String> query = new TreeMap<>();
        if (owner != null) {
            query.put("owner", owner);
        }
        if (batch != null) {
            query.put("batch", batch);
        }
        try (Listing gateways =
                output.listing(
                        List.of(
                                Column.of("EUI", "eui"),
                                Column.of("BATCH", "batch"),
                                Column.of("OWNER", "owner"),
                                Column.of("CLAIMED", "claimedAt"),
                                Column.of("LNS", "setup.lnsUri"),
                                Column.of("LAST SEEN", "seen.at")))) {
            connection
                    .rest()
                    .list(PATH, query, limit == null ? Long.MAX_VALUE : limit, gateways::add);
            gateways.finish();
        }
    }

    @Command(
            name = "get",
            description = "Show one gateway, and why it was told what it was told.",
            footer = {"%nExample:", "  usher factory gateways get 58A0CBFFFE800BE7"})
    void get(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "EUI", description = "EUI, MAC or ID6.") Eui64 eui) {
        ObjectNode gateway = (ObjectNode) connection.rest().get(PATH + "/" + eui);
        if (output.format() == Output.Format.TABLE && !gateway.has("seen")) {
            gateway.put("seen", "not yet");
        }
        output.show(gateway);
    }

    @Shows(Shows.Result.GATEWAY_CERTIFICATE)
    @Command(
            name = "certificate",
            description = {
                "Issue a client certificate with its private key, which is shown this once.",
                "The built-in CA makes it for this one gateway, which can use it instead of its"
                        + " token: as cups.crt and cups.key, or cups-boot.crt and cups-boot.key, in"
                        + " place of a key file with a token."
            },
            footer = {
                "%nExample:",
                "  usher factory gateways certificate 58A0CBFFFE800BE7 --out cups",
            })
    void certificate(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "EUI", description = "EUI, MAC or ID6.") Eui64 eui,
            @Option(
                            names = "--days",
                            paramLabel = "COUNT",
                            description = "How long it is valid. Default: ten years.")
                    @Nullable Integer days,
            @Option(
                            names = "--out",
                            paramLabel = "BASE",
                            description =
                                    "Write new files BASE.crt and BASE.key (mode 0600) instead.")
                    @Nullable String out) {
        Optional<IdentityFiles> files = Optional.ofNullable(out).map(IdentityFiles::requireNew);
        ObjectNode wish = Json.object();
        if (days != null) {
            wish.put("days", days);
        }
        ObjectNode made =
                (ObjectNode)
                        connection.rest().post(PATH + "/" + eui + "/certificates", wish, change);
        files.filter(_ -> !change.isDryRun()).ifPresent(to -> to.take(made));
        output.show(made);
    }

    @Command(
            name = "import",
            description = {
                "Adopt gateways whose secrets were made elsewhere.",
                "The server keeps codes and tokens as hashes only."
            },
            footer = {
                "%nExamples:",
                "  usher factory gateways import --file makers-list.csv",
                "  usher factory gateways import < gateways.json",
                "%nA file has the column eui and any of code (what the label says), token, flavor;"
                        + " or is JSON: [{\"eui\": …, \"code\": …}, …]"
            })
    int importAll(@Mixin Connection connection, @Mixin BulkChange change, @Mixin Output output) {
        Rows rows = change.rows(new ArrayList<>(), IMPORT);
        RemoteServer server = connection.rest();
        String salt = change.salt(rows);
        String path = PATH + "/import";
        Listing results =
                output.listing(
                        List.of(
                                Column.of("EUI", "eui"),
                                new Column(
                                        "RESULT",
                                        result ->
                                                Json.text(result, "error").isEmpty()
                                                        ? change.isDryRun()
                                                                ? "could be imported"
                                                                : "imported"
                                                        : "failed: "
                                                                + Json.text(result, "error"))));
        return change.run(
                rows,
                new Bulk.Job(
                        "eui",
                        FactoryGatewaysCommand::prepare,
                        some ->
                                change.isDryRun()
                                        ? server.post(path + "?dryRun=true", some)
                                        : server.post(
                                                path,
                                                some,
                                                server.idempotencyKey(path + salt, some))),
                results);
    }

    private static ObjectNode prepare(ObjectNode row) {
        ObjectNode gateway = Fields.texts(row);
        return gateway.put("eui", Eui64.parse(Fields.text(row, "eui")).toString());
    }
}
