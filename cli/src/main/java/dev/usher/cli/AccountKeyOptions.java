package dev.usher.cli;

import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A new API key with rights, as options. */
final class AccountKeyOptions {

    @Mixin private final KeyOptions key = new KeyOptions();

    @Option(
            names = {"--right", "--rights"},
            required = true,
            split = ",",
            paramLabel = "RIGHT",
            description =
                    "What it allows, as in RIGHT_GATEWAY_INFO or RIGHT_GATEWAY_ALL; several with"
                            + " commas. Never more than you may do yourself.")
    private List<String> rights = List.of();

    /**
     * Makes a key.
     *
     * @param thing the path of what it is a key of
     */
    void create(Connection connection, Change change, Output output, String thing) {
        ObjectNode wish = Json.object();
        ArrayNode names = wish.putArray("rights");
        rights.stream()
                .flatMap(some -> Arrays.stream(some.split(",", -1)))
                .map(String::strip)
                .forEach(names::add);
        key.create(connection, change, output, path(thing), wish);
    }

    /** Where the keys of a thing are. */
    static String path(String thing) {
        return thing + "/api-keys";
    }
}
