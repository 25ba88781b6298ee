package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher gateways claim}: how a gateway comes to this network by the code on its label. */
@Command(
        name = "claim",
        description = {
            "Claim gateways: the code on a gateway's label proves that it is yours.",
            "Repeated, it goes on where it stopped."
        },
        footer = {
            "%nExamples:",
            "  usher gateways claim 00800000A00009EF --authentication-code abcdef \\",
            "      --target-gateway-id gtw1 --target-frequency-plan-id EU_863_870 --user-id user1",
            "  usher gateways claim --user-id user1 --target-frequency-plan-id EU_863_870 \\",
            "      < gateways.json",
            "%nRows have the fields eui and authenticationCode, and any of targetGatewayId,"
                    + " targetCupsUri, targetGatewayServerAddress, targetFrequencyPlanIds,"
                    + " collaborator; as JSON, or as CSV like the labels.csv of 'usher factory"
                    + " provision'."
        },
        addMethodSubcommands = false)
final class GatewaysClaimCommand implements Callable<Integer> {

    private static final Fields CLAIM =
            new Fields()
                    .require("eui", "gatewayEui", "gateway")
                    .require("authenticationCode", "code", "pin", "claim")
                    .allow("targetGatewayId", "gatewayId", "id")
                    .allow("targetCupsUri")
                    .allow("targetGatewayServerAddress")
                    .allow("targetFrequencyPlanIds", "targetFrequencyPlanId")
                    .allow("collaborator", "userId", "organizationId")
                    .ignore("mac", "qr");

    private final Terminal terminal;

    @Mixin private final Connection connection;
    @Mixin private final Bulk bulk;
    @Mixin private final Output output;
    @Mixin private final AccountOption account = new AccountOption();

    @Option(
            names = "--authentication-code",
            paramLabel = "CODE",
            description = "What the label says, @FILE, or - for stdin.")
    private @Nullable Secret code;

    @Option(
            names = "--target-gateway-id",
            paramLabel = "ID",
            description = "What to call it here. Default: eui-EUI.")
    private @Nullable String targetGatewayId;

    @Option(
            names = "--target-cups-uri",
            paramLabel = "URI",
            description = "The CUPS it is sent to. Default: this network's.")
    private @Nullable String targetCupsUri;

    @Option(
            names = "--target-gateway-server-address",
            paramLabel = "ADDRESS",
            description = "The LNS it is sent to. Default: this network's.")
    private @Nullable String targetGatewayServerAddress;

    @Option(
            names = {"--target-frequency-plan-id", "--target-frequency-plan-ids"},
            split = ",",
            paramLabel = "PLAN",
            description = "Which channels it listens to, as in EU_863_870; several with commas.")
    private List<String> targetFrequencyPlanIds = List.of();

    @Parameters(arity = "0..1", paramLabel = "EUI", description = "EUI, MAC or 12-digit number.")
    private @Nullable Eui64 eui;

    GatewaysClaimCommand(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
        this.connection = new Connection(terminal);
        this.bulk = new Bulk(terminal);
        this.output = new Output(terminal);
    }

    @Override
    public Integer call() {
        List<ObjectNode> given = List.of();
        if (eui != null) {
            if (code == null) {
                throw Failure.ofUsage(
                        "Give the code on the label of " + eui + ": --authentication-code.");
            }
            given =
                    List.of(
                            Json.object()
                                    .put("eui", eui.toString())
                                    .put("authenticationCode", code.reveal(terminal)));
        } else if (code != null) {
            throw Failure.ofUsage("Name the gateway whose code this is.");
        }
        GatewayRows rows =
                new GatewayRows(
                        connection.rest(), GatewaysCommand.PATH + "/claim", common(), "claimed");
        return bulk.run(
                bulk.rows(given, CLAIM),
                rows.job(Optional.of("")),
                output.listing(rows.columns(false)));
    }

    private ObjectNode common() {
        ObjectNode common = Json.object();
        account.given().ifPresent(whose -> common.put("collaborator", whose));
        put(common, "targetGatewayId", targetGatewayId);
        put(common, "targetCupsUri", targetCupsUri);
        put(common, "targetGatewayServerAddress", targetGatewayServerAddress);
        if (!targetFrequencyPlanIds.isEmpty()) {
            GatewayOptions.putPlans(
                    common.putArray("targetFrequencyPlanIds"), targetFrequencyPlanIds);
        }
        return common;
    }

    private static void put(ObjectNode wish, String field, @Nullable String value) {
        Optional.ofNullable(value).ifPresent(text -> wish.put(field, text));
    }

    @Command(
            name = "info",
            description = "Whether a gateway with this EUI can be claimed here.",
            footer = {"%nExample:", "  usher gateways claim info 58A0CBFFFE800BE7"})
    void info(
            @Mixin Connection server,
            @Mixin Output result,
            @Parameters(paramLabel = "EUI", description = "EUI, MAC or 12-digit number.")
                    Eui64 gateway) {
        result.show(
                server.rest()
                        .post(
                                GatewaysCommand.PATH + "/claim/info",
                                Json.object().put("eui", gateway.toString())));
    }

    @Shows(Shows.Result.GATEWAY)
    @Command(
            name = "authorize",
            description = {
                "Let somebody else claim a gateway of yours with a code, until then.",
                "It is theirs alone when they do, and its keys end."
            },
            footer = {
                "%nExample:",
                "  usher gateways claim authorize gtw1 --code SELL-2-BOB-1 --until 2026-12-24"
            })
    void authorize(
            @Mixin Connection server,
            @Mixin Change change,
            @Mixin Output result,
            @Option(
                            names = "--code",
                            required = true,
                            paramLabel = "CODE",
                            description =
                                    "At least 8 letters and digits, @FILE, or - for stdin; tell it"
                                            + " to whoever is to have the gateway.")
                    Secret handover,
            @Option(
                            names = "--until",
                            required = true,
                            paramLabel = "TIME",
                            description = "When the code ends.")
                    Time until,
            @Parameters(paramLabel = "GATEWAY", description = "Its ID or EUI.") String gateway) {
        ObjectNode wish =
                Json.object().put("code", handover.reveal(terminal)).put("until", until.toString());
        result.show(server.rest().post(GatewaysCommand.path(gateway) + "/authorize", wish, change));
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "unauthorize",
            description = "Let nobody else claim a gateway any more.",
            footer = {"%nExample:", "  usher gateways claim unauthorize gtw1"})
    void unauthorize(
            @Mixin Connection server,
            @Mixin Change change,
            @Mixin Output result,
            @Parameters(paramLabel = "GATEWAY", description = "Its ID or EUI.") String gateway) {
        server.rest().delete(GatewaysCommand.path(gateway) + "/authorize", change);
        result.show(change.deleted("the authorization of " + gateway));
    }
}
