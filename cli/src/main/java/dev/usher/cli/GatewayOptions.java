package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What people want of a gateway of the network, as options. */
final class GatewayOptions {

    private final Terminal terminal;

    @Option(names = "--name", paramLabel = "NAME", description = "A name for people.")
    private @Nullable String name;

    @Option(names = "--description", paramLabel = "TEXT", description = "More for people.")
    private @Nullable String description;

    @Option(
            names = {"--frequency-plan-id", "--frequency-plan-ids"},
            split = ",",
            paramLabel = "PLAN",
            description = "Which channels it listens to, as in EU_863_870; several with commas.")
    private @Nullable List<String> frequencyPlanIds;

    @Option(
            names = "--gateway-server-address",
            paramLabel = "ADDRESS",
            description =
                    "The LNS it connects to: HOST:PORT, or ws://HOST:PORT without TLS. Default:"
                            + " this network's own.")
    private @Nullable String address;

    @Option(
            names = "--lns-key",
            paramLabel = "KEY",
            description =
                    "What it shows to another LNS: the key, @FILE, or - for stdin; '' for none.")
    private @Nullable Secret lnsKey;

    @Option(
            names = "--target-cups-uri",
            paramLabel = "URI",
            description = "Hand it on to the CUPS of another cluster, as in https://HOST:PORT.")
    private @Nullable String targetCupsUri;

    @Option(
            names = "--target-cups-key",
            paramLabel = "KEY",
            description = "What it shows to that CUPS: the key, @FILE, or - for stdin.")
    private @Nullable Secret targetCupsKey;

    @Option(
            names = "--require-authenticated-connection",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Whether it must show a key when it connects here. Default: true.")
    private @Nullable Boolean requireAuthenticatedConnection;

    @Option(
            names = "--enforce-duty-cycle",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Whether it keeps to the region's duty cycle. Default: true.")
    private @Nullable Boolean enforceDutyCycle;

    GatewayOptions(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    /** The options as the REST API has them; an empty value takes away. */
    ObjectNode read() {
        ObjectNode wish = Json.object();
        put(wish, "name", name);
        put(wish, "description", description);
        if (frequencyPlanIds != null) {
            putPlans(wish.putArray("frequencyPlanIds"), frequencyPlanIds);
        }
        put(wish, "gatewayServerAddress", address);
        put(wish, "targetCupsUri", targetCupsUri);
        put(wish, "lnsKey", lnsKey == null ? null : lnsKey.reveal(terminal));
        put(wish, "targetCupsKey", targetCupsKey == null ? null : targetCupsKey.reveal(terminal));
        if (requireAuthenticatedConnection != null) {
            wish.put("requireAuthenticatedConnection", requireAuthenticatedConnection);
        }
        if (enforceDutyCycle != null) {
            wish.put("enforceDutyCycle", enforceDutyCycle);
        }
        return wish;
    }

    private static void put(ObjectNode wish, String field, @Nullable String value) {
        if (value != null) {
            wish.put(field, value.isEmpty() ? null : value);
        }
    }

    /** Plans, each of which may be several with commas between them. */
    static void putPlans(ArrayNode plans, List<String> given) {
        given.stream()
                .flatMap(some -> Arrays.stream(some.split(",", -1)))
                .map(String::strip)
                .filter(plan -> !plan.isEmpty())
                .forEach(plans::add);
    }

    /**
     * What names a gateway, as a segment of a path: its ID, or its EUI in any of the forms in which
     * it is no ID.
     */
    static String segment(String idOrEui) {
        String text = idOrEui.strip();
        return text.matches("[a-z0-9](-?[a-z0-9]){2,}") ? text : RemoteServer.segment(eui(text));
    }

    private static String eui(String text) {
        try {
            return Eui64.parse(text).toString();
        } catch (IllegalArgumentException e) {
            throw Failure.ofUsage(
                    "'"
                            + Terminal.visible(text)
                            + "' is neither the ID of a gateway, as in gtw1, nor an EUI or MAC.");
        }
    }
}
