package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Where devices are at home, as options; an empty value takes away. */
final class ActivationOptions {

    private final Terminal terminal;

    @Option(
            names = "--home-net-id",
            paramLabel = "NETID",
            description = "The network that may activate, as in 000013.")
    private @Nullable String homeNetId;

    @Option(
            names = "--home-ns-id",
            paramLabel = "EUI",
            description = "The one Network Server in it that may. Default: any of them.")
    private @Nullable String homeNsId;

    @Option(
            names = "--as-id",
            paramLabel = "AS-ID",
            description = "The Application Server that may ask for AppSKeys.")
    private @Nullable String asId;

    @Option(
            names = "--as-kek-label",
            paramLabel = "LABEL",
            description = "What it calls the KEK of --as-kek.")
    private @Nullable String asKekLabel;

    @Option(
            names = "--as-kek",
            paramLabel = "HEX",
            description =
                    "Wrap AppSKeys with this KEK: hex, @FILE, or - for stdin. Default: the KEK of"
                            + " the Application Server's peer.")
    private @Nullable Secret asKek;

    @Option(
            names = "--app-s-key-in-clear",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "The Network Server may see the AppSKey where there is no KEK.")
    private @Nullable Boolean appSKeyInClear;

    ActivationOptions(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    /** Adds what was given, as the REST API has it. */
    void put(ObjectNode node) {
        put(node, "homeNetId", homeNetId);
        put(node, "homeNsId", eui(homeNsId));
        put(node, "asId", asId);
        put(node, "asKekLabel", asKekLabel);
        if (asKek != null) {
            put(node, "asKek", asKek.reveal(terminal));
        }
        if (appSKeyInClear != null) {
            node.put("appSKeyInClear", appSKeyInClear);
        }
    }

    private static @Nullable String eui(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return text;
        }
        try {
            return Eui64.parseOfDevice(text).toString();
        } catch (IllegalArgumentException e) {
            throw Failure.ofUsage("--home-ns-id: " + e.getMessage() + ".");
        }
    }

    private static void put(ObjectNode node, String field, @Nullable String value) {
        if (value != null && value.isEmpty()) {
            node.putNull(field);
        } else if (value != null) {
            node.put(field, value);
        }
    }
}
