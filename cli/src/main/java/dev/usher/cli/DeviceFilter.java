package dev.usher.cli;

import dev.usher.lorawan.Eui64;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which of all devices, as options. */
final class DeviceFilter {

    @Option(
            names = "--owner",
            paramLabel = "ID",
            description = "Only this owner's. Default: those of the API key's owner.")
    private @Nullable String owner;

    @Option(
            names = "--maker",
            paramLabel = "ID",
            description = "Only this maker's; a maker sees those that nobody has claimed.")
    private @Nullable String maker;

    @Option(
            names = "--join-eui",
            paramLabel = "EUI",
            converter = DeviceEui.class,
            description = "Only those with this JoinEUI.")
    private @Nullable Eui64 joinEui;

    /** Whether only devices are meant that somebody has claimed, if an owner asks. */
    boolean isOfOwners() {
        return maker == null;
    }

    Map<String, String> query() {
        Map<String, String> query = new TreeMap<>();
        if (owner != null) {
            query.put("owner", owner);
        }
        if (maker != null) {
            query.put("maker", maker);
        }
        if (joinEui != null) {
            query.put("joinEui", joinEui.toString());
        }
        return query;
    }
}
