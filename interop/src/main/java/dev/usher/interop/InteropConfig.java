package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import dev.usher.backend.ProtocolVersion;
import dev.usher.interop.ConfigReader.Entry;
import dev.usher.interop.ConfigReader.Reading;
import dev.usher.lorawan.Eui64;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * Which Join Servers there are, for which JoinEUIs, and how they are asked: {@code config.yml} and
 * the files it names, in the form of The Things Stack. docs/interop.md tells what they hold.
 * Immutable; holds secrets that it never shows.
 */
public final class InteropConfig {

    private final List<Entry> entries;
    private final List<ConfigProblem> warnings;
    private final Map<Component, Routes> routes = new EnumMap<>(Component.class);

    private InteropConfig(Reading reading) {
        this.entries = reading.entries();
        this.warnings = reading.problems();
        for (Component component : Component.values()) {
            routes.put(component, new Routes(component, entries));
        }
    }

    /**
     * A Join Server that is asked.
     *
     * @param prefix why: it contains the JoinEUI
     * @param joinServer scheme, host and port; or where in DNS that is looked up
     * @param senderNsId what our Network Server is called there, if not by its own NSID
     * @param file that says how it is asked, relative to the configuration's directory
     */
    public record Route(
            JoinEuiPrefix prefix,
            String joinServer,
            ProtocolVersion protocol,
            Optional<Eui64> senderNsId,
            Path file) {

        public Route {
            requireNonNull(prefix, "prefix");
            requireNonNull(joinServer, "joinServer");
            requireNonNull(protocol, "protocol");
            requireNonNull(senderNsId, "senderNsId");
            requireNonNull(file, "file");
        }
    }

    /**
     * Reads a configuration without looking at what only a node knows: its NSID and its key vault.
     *
     * @param source the directory with {@code config.yml}, or that file under any name
     * @throws InteropConfigException if anything in it is wrong
     */
    public static InteropConfig read(Path source) {
        return of(ConfigReader.read(source, Optional.empty(), InstantSource.system()));
    }

    /**
     * @throws InteropConfigException if anything in it is wrong
     */
    static InteropConfig of(Reading reading) {
        if (!reading.isUsable()) {
            throw new InteropConfigException(reading.problems());
        }
        return new InteropConfig(reading);
    }

    /**
     * Everything that is wrong with a configuration: the problems of {@link #read} and its
     * warnings.
     */
    public static List<ConfigProblem> check(Path source) {
        return ConfigReader.read(source, Optional.empty(), InstantSource.system()).problems();
    }

    /** What its author may have meant otherwise. */
    public List<ConfigProblem> warnings() {
        return warnings;
    }

    /** Who is asked for a JoinEUI: nobody, one, or several at once, of whom the first counts. */
    public List<Route> route(Component component, Eui64 joinEui) {
        return routes(component)
                .match(joinEui)
                .map(
                        match ->
                                match.joinServers().stream()
                                        .map(joinServer -> route(match.prefix(), joinServer))
                                        .toList())
                .orElse(List.of());
    }

    /** Every Join Server, once for each file. */
    SequencedSet<JoinServerConfig> joinServers() {
        SequencedSet<JoinServerConfig> all = new LinkedHashSet<>();
        entries.forEach(entry -> all.add(entry.joinServer()));
        return all;
    }

    Routes routes(Component component) {
        return requireNonNull(routes.get(component), "every component has routes");
    }

    private static Route route(JoinEuiPrefix prefix, JoinServerConfig joinServer) {
        return new Route(
                prefix,
                joinServer.shown(),
                joinServer.protocol(),
                joinServer.senderNsId(),
                joinServer.file());
    }

    /** Counts alone. */
    @Override
    public String toString() {
        return "InteropConfig[" + entries.size() + " Join Servers]";
    }
}
