package dev.usher.cli;

import dev.usher.lorawan.Eui64;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher owner}: an owner's own gateways, at any Gateway Join Server. */
@Command(
        name = "owner",
        description = "Claim and set up your gateways, at any Gateway Join Server.",
        addMethodSubcommands = false)
final class OwnerCommand {

    private static final String GATEWAY = "gateway";

    /** What servers answer at once. */
    private static final int MOST_INFO = 128;

    private static final Column GATEWAY_COLUMN =
            new Column("GATEWAY", result -> eui(Json.text(result, GATEWAY)));
    private static final Fields NAMES =
            new Fields().require(GATEWAY, "eui", "router").ignore("mac", "pin", "claim", "qr");
    private static final Fields CLAIM =
            new Fields()
                    .require(GATEWAY, "eui", "router")
                    .require("claim", "pin", "code")
                    .ignore("mac", "qr");
    private static final Fields ADDITION =
            new Fields()
                    .require(GATEWAY, "eui", "router")
                    .require("token")
                    .allow("flavorid", "flavor");
    private static final Fields TOKEN =
            new Fields().require(GATEWAY, "eui", "router").allow("flavorid", "flavor");

    @Command(
            name = "claim",
            description = "Make gateways yours: the PIN on a gateway's label proves that it is.",
            footer = {
                "%nExamples:",
                "  usher owner claim 58A0CBFFFE800BE7 ABCD-EFGH-J --ownerid ::1",
                "  usher owner claim --ownerid ::1 --file labels.csv",
                "%nA file has the columns gateway (or eui) and pin, like the labels.csv of 'usher"
                        + " factory provision', or is JSON: [{\"gateway\": …, \"claim\": …}, …]"
            })
    int claim(
            @Mixin OwnerConnection owner,
            @Mixin BulkChange change,
            @Mixin Output output,
            @Parameters(
                            index = "0",
                            arity = "0..1",
                            paramLabel = "GATEWAY",
                            description = "EUI, MAC or ID6.")
                    @Nullable Eui64 gateway,
            @Parameters(
                            index = "1",
                            arity = "0..1",
                            paramLabel = "PIN",
                            description = "The PIN, or @FILE.")
                    @Nullable Secret pin) {
        List<ObjectNode> given = List.of();
        if (gateway != null) {
            if (pin == null) {
                throw Failure.ofUsage("Give the PIN on the label of " + gateway + " after it.");
            }
            given = List.of(named(gateway).put("claim", pin.reveal()));
        }
        Rows rows = change.rows(given, CLAIM);
        return call(owner, change, output, "claim", Json.object(), rows, "claimed");
    }

    @Command(
            name = "setup",
            description = {
                "Tell gateways which CUPS and LNS they belong to, and which firmware to take.",
                "What is not given stays as it is; an empty URI takes it away."
            },
            footer = {
                "%nExamples:",
                "  usher owner setup 58A0CBFFFE800BE7 --ownerid ::1 \\",
                "      --lns-uri wss://lns.example.com:8887 --lns-trust ca.pem --lns-token @token",
                "  usher owner setup --ownerid ::1 --file tokens.csv \\",
                "      --lns-uri wss://lns.example.com:8887 --lns-trust ca.pem",
                "%nA file has the column gateway (or eui) and any of cupsUri, cupsTrust, cupsCrt,"
                    + " cupsKey, cupsToken, lnsUri, lnsTrust, lnsCrt, lnsKey, lnsToken, fwcrc,"
                    + " fwafter, fwunsigned; certificates and keys as base64 of DER or as @FILE."
            })
    int setup(
            @Mixin OwnerConnection owner,
            @Mixin SetupOptions setup,
            @Mixin BulkChange change,
            @Mixin Output output,
            @Parameters(arity = "0..*", paramLabel = "GATEWAY", description = "EUI, MAC or ID6.")
                    @Nullable List<String> gateways) {
        ObjectNode common = setup.common();
        Rows rows = change.rows(named(gateways), SetupOptions.FIELDS);
        if (rows.areTyped() && common.isEmpty()) {
            throw Failure.ofUsage("There is nothing to set: give --lns-uri, --cups-uri or others.");
        }
        return call(owner, change, output, "setup", common, rows, SetupOptions::prepare, "set up");
    }

    @Command(
            name = "release",
            aliases = "delete",
            description = "Give gateways back: they are nobody's until somebody claims them.",
            footer = {
                "%nExamples:",
                "  usher owner release 58A0CBFFFE800BE7 --ownerid ::1",
                "  usher owner list --ownerid ::1 -o json | usher owner release --ownerid ::1"
            })
    int release(
            @Mixin OwnerConnection owner,
            @Mixin BulkChange change,
            @Mixin Output output,
            @Parameters(arity = "0..*", paramLabel = "GATEWAY", description = "EUI, MAC or ID6.")
                    @Nullable List<String> gateways) {
        Rows rows = change.rows(named(gateways), NAMES);
        return call(owner, change, output, "delete", Json.object(), rows, "released");
    }

    @Command(
            name = "add",
            description = "Add gateways that were made without a claim PIN.",
            footer = {
                "%nExamples:",
                "  usher owner add 70B3D5FFFE0000A1 --token @gateway.token --ownerid ::1",
                "  usher owner add --ownerid ::1 --file gateways.csv",
                "%nA file has the columns gateway (or eui), token and perhaps flavor."
            })
    int add(
            @Mixin OwnerConnection owner,
            @Mixin BulkChange change,
            @Mixin Output output,
            @Option(
                            names = "--token",
                            paramLabel = "TOKEN",
                            description = "What the gateway authenticates with, or @FILE.")
                    @Nullable Secret token,
            @Option(names = "--flavor", paramLabel = "FLAVOR", description = "Its kind.")
                    @Nullable String flavor,
            @Parameters(arity = "0..1", paramLabel = "GATEWAY", description = "EUI, MAC or ID6.")
                    @Nullable Eui64 gateway) {
        List<ObjectNode> given = List.of();
        if (gateway != null) {
            if (token == null) {
                throw Failure.ofUsage("Give the token of " + gateway + " with --token.");
            }
            given = List.of(named(gateway).put("token", token.reveal()));
        }
        Rows rows = change.rows(given, ADDITION);
        return call(owner, change, output, "add", flavor(flavor), rows, "added");
    }

    @Command(
            name = "info",
            description = "Show how gateways of yours are set up, and when they were seen.",
            footer = {
                "%nExamples:",
                "  usher owner info 58A0CBFFFE800BE7 --ownerid ::1 -o yaml",
                "  usher owner list --ownerid ::1 -o json | usher owner info --ownerid ::1"
            })
    int info(
            @Mixin OwnerConnection owner,
            @Mixin Bulk bulk,
            @Mixin Output output,
            @Parameters(arity = "0..*", paramLabel = "GATEWAY", description = "EUI, MAC or ID6.")
                    @Nullable List<String> gateways) {
        Rows rows = bulk.rows(named(gateways), NAMES);
        OwnerApi api = owner.open();
        Listing results =
                output.listing(
                        List.of(
                                GATEWAY_COLUMN,
                                Column.of("CLAIMED", "claimed"),
                                Column.of("LAST SEEN", "lastSeen"),
                                Column.of("CUPS", "cupsUri"),
                                Column.of("LNS", "lnsUri"),
                                Column.of("ERROR", "error")));
        return bulk.run(
                rows,
                new Bulk.Job(
                        GATEWAY,
                        MOST_INFO,
                        OwnerCommand::named,
                        some -> api.ask("info", Json.object(), some)),
                results);
    }

    @Command(
            name = "list",
            description = "List your gateways.",
            footer = {"%nExample:", "  usher owner list --ownerid ::1"})
    void list(@Mixin OwnerConnection owner, @Mixin Output output) {
        try (Listing gateways =
                output.listing(
                        List.of(
                                new Column("GATEWAY", id -> eui(Json.text(id))),
                                new Column("ID6", Json::text)))) {
            owner.open().list(GATEWAY).forEach(gateways::add);
            gateways.finish();
        }
    }

    @Command(
            name = "token",
            description = "Show the tokens that gateways of yours authenticate with.",
            footer = {"%nExample:", "  usher owner token 58A0CBFFFE800BE7 --ownerid ::1"})
    int token(
            @Mixin OwnerConnection owner,
            @Mixin Bulk bulk,
            @Mixin Output output,
            @Option(names = "--flavor", paramLabel = "FLAVOR", description = "Their kind.")
                    @Nullable String flavor,
            @Parameters(arity = "0..*", paramLabel = "GATEWAY", description = "EUI, MAC or ID6.")
                    @Nullable List<String> gateways) {
        Rows rows = bulk.rows(named(gateways), TOKEN);
        OwnerApi api = owner.open();
        Listing results =
                output.listing(
                        List.of(
                                GATEWAY_COLUMN,
                                Column.of("TOKEN", "token"),
                                Column.of("ERROR", "error")));
        return bulk.run(
                rows,
                new Bulk.Job(
                        GATEWAY,
                        OwnerCommand::named,
                        some -> api.ask("token", flavor(flavor), some)),
                results);
    }

    private static int call(
            OwnerConnection owner,
            BulkChange change,
            Output output,
            String call,
            ObjectNode common,
            Rows rows,
            String done) {
        return call(owner, change, output, call, common, rows, OwnerCommand::named, done);
    }

    /**
     * Makes a change to gateways.
     *
     * @param done what became of a gateway without an error, in one word
     */
    private static int call(
            OwnerConnection owner,
            BulkChange change,
            Output output,
            String call,
            ObjectNode common,
            Rows rows,
            Bulk.Preparation preparation,
            String done) {
        OwnerApi api = owner.open();
        boolean dryRun = change.isDryRun();
        String salt = change.salt(rows);
        Listing results =
                output.listing(
                        List.of(
                                GATEWAY_COLUMN,
                                new Column("RESULT", result -> outcome(result, dryRun, done))));
        return change.run(
                rows,
                new Bulk.Job(
                        GATEWAY, preparation, some -> api.change(call, common, some, dryRun, salt)),
                results);
    }

    private static String outcome(JsonNode result, boolean dryRun, String done) {
        String error = Json.text(result, "error");
        String notice = Json.text(result, "notice");
        return error.isEmpty()
                ? (dryRun ? "could be " : "") + done + (notice.isEmpty() ? "" : "; " + notice)
                : "failed: " + error;
    }

    private static ObjectNode flavor(@Nullable String flavor) {
        return flavor == null ? Json.object() : Json.object().put("flavorid", flavor);
    }

    /** Taken as texts, because picocli does not say what is wrong with one of many arguments. */
    private static List<ObjectNode> named(@Nullable List<String> gateways) {
        List<ObjectNode> rows = new ArrayList<>();
        for (String gateway : gateways == null ? List.<String>of() : gateways) {
            try {
                rows.add(named(Eui64.parse(gateway)));
            } catch (IllegalArgumentException e) {
                throw Failure.ofUsage(e.getMessage() + ".");
            }
        }
        return rows;
    }

    private static ObjectNode named(Eui64 gateway) {
        return Json.object().put(GATEWAY, gateway.id6());
    }

    /**
     * A row of texts, its gateway in the form every server reads.
     *
     * @throws IllegalArgumentException if it is no EUI
     */
    private static ObjectNode named(ObjectNode row) {
        return Fields.texts(row).put(GATEWAY, id6(row));
    }

    static String id6(ObjectNode row) {
        return Eui64.parse(Fields.text(row, GATEWAY)).id6();
    }

    /** Labels have EUIs, so people get EUIs; programs get what the server said. */
    private static String eui(String gateway) {
        try {
            return Eui64.parse(gateway).toString();
        } catch (IllegalArgumentException _) {
            return gateway;
        }
    }
}
