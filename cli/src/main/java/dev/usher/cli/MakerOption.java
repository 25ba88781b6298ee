package dev.usher.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Which maker's, for administrators. */
final class MakerOption {
    @Option(
            names = "--maker",
            paramLabel = "ID",
            description = "The maker, as in ::1. Default: the owner of the API key.")
    private @Nullable String maker;

    void put(ObjectNode wish) {
        if (maker != null) {
            wish.put("maker", maker);
        }
    }

    Map<String, String> query() {
        return maker == null ? Map.of() : Map.of("maker", maker);
    }
}
