package dev.usher.network.claiming;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which Gateway Join Server knows which gateways: the one with the smallest range wins. */
public final class Upstreams {

    private final List<Upstream> upstreams;

    /** Which gateways a Gateway Join Server is asked for. */
    @FunctionalInterface
    public interface Ranges {

        /** The smallest range that the gateway is in; empty if the server is not asked for it. */
        Optional<EuiRange> smallestWith(Eui64 eui);

        /** These, always. */
        static Ranges of(List<EuiRange> ranges) {
            List<EuiRange> all = List.copyOf(ranges);
            return eui ->
                    all.stream()
                            .filter(range -> range.contains(eui))
                            .min(Comparator.comparing(EuiRange::size));
        }
    }

    /**
     * A Gateway Join Server and the gateways it is asked for.
     *
     * @param name what it is called in the configuration and the audit log
     */
    public record Upstream(String name, Ranges ranges, ClaimingUpstream server) {
        public Upstream {
            requireNonNull(name, "name");
            requireNonNull(ranges, "ranges");
            requireNonNull(server, "server");
        }

        /** With ranges that stay the same. */
        public Upstream(String name, List<EuiRange> ranges, ClaimingUpstream server) {
            this(name, Ranges.of(ranges), server);
        }
    }

    /**
     * @param upstreams of two with ranges of the same size the first wins
     */
    public Upstreams(List<Upstream> upstreams) {
        this.upstreams = List.copyOf(upstreams);
        Set<String> names = new HashSet<>();
        for (Upstream upstream : upstreams) {
            if (!names.add(upstream.name())) {
                throw new IllegalArgumentException(
                        "two Gateway Join Servers are called '"
                                + upstream.name()
                                + "': give them different names");
            }
        }
    }

    private record Match(Upstream upstream, EuiRange range) {}

    /** The one to ask for this gateway; empty if none knows it. */
    public Optional<Upstream> of(Eui64 eui) {
        return upstreams.stream()
                .flatMap(
                        upstream ->
                                upstream
                                        .ranges()
                                        .smallestWith(eui)
                                        .map(range -> new Match(upstream, range))
                                        .stream())
                .min(Comparator.comparing(match -> match.range().size()))
                .map(Match::upstream);
    }

    /** The one with this name; a gateway stays with it when the ranges change. */
    public Optional<Upstream> named(String name) {
        return upstreams.stream().filter(upstream -> upstream.name().equals(name)).findFirst();
    }
}
