package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import dev.usher.interop.DnsQuestions.DnsException;
import dev.usher.interop.JoinEuiDns.HostPort;
import dev.usher.interop.JoinServerClient.Location;
import dev.usher.interop.JoinServerConfig.Address;
import dev.usher.lorawan.Eui64;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Where the Join Server of a JoinEUI is. */
sealed interface Locations {

    /** Empty if there is none. */
    Optional<Location> of(Eui64 joinEui, Deadline deadline) throws DnsException;

    static Locations of(
            JoinServerConfig config,
            InteropSettings settings,
            InstantSource clock,
            RandomGenerator random) {
        return switch (config.address()) {
            case Address.Fixed fixed ->
                    new Always(
                            new Location(
                                    List.of(new HostPort(fixed.fqdn(), config.port())),
                                    breaker(settings, clock)));
            case Address.InDns dns ->
                    new Found(
                            new JoinEuiDns(dns, config.scheme(), config.port(), random),
                            settings,
                            clock);
        };
    }

    private static CircuitBreaker breaker(InteropSettings settings, InstantSource clock) {
        return new CircuitBreaker(settings.failuresToOpen(), settings.openFor(), clock);
    }

    /** The same for all JoinEUIs. */
    record Always(Location location) implements Locations {
        public Always {
            requireNonNull(location, "location");
        }

        @Override
        public Optional<Location> of(Eui64 joinEui, Deadline deadline) {
            return Optional.of(location);
        }
    }

    /**
     * What DNS said, remembered for a while. Devices choose their JoinEUIs freely, so there is an
     * end to how many are remembered.
     */
    final class Found implements Locations {

        private static final int MOST = 1000;
        private static final Duration LIFETIME = Duration.ofMinutes(5);
        private static final Duration LIFETIME_OF_NONE = Duration.ofMinutes(1);

        private final JoinEuiDns dns;
        private final InteropSettings settings;
        private final InstantSource clock;

        // In the order of use: who was asked for least recently is forgotten first.
        private final Map<Eui64, Remembered> found =
                new LinkedHashMap<>(16, 0.75f, true) {
                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Eui64, Remembered> eldest) {
                        return size() > MOST;
                    }
                };

        private record Remembered(Optional<Location> location, Instant until) {}

        Found(JoinEuiDns dns, InteropSettings settings, InstantSource clock) {
            this.dns = requireNonNull(dns, "dns");
            this.settings = requireNonNull(settings, "settings");
            this.clock = requireNonNull(clock, "clock");
        }

        @Override
        public Optional<Location> of(Eui64 joinEui, Deadline deadline) throws DnsException {
            synchronized (found) {
                Remembered remembered = found.get(joinEui);
                if (remembered != null && clock.instant().isBefore(remembered.until())) {
                    return remembered.location();
                }
            }
            List<HostPort> hosts = dns.locate(joinEui, deadline);
            Remembered now =
                    hosts.isEmpty()
                            ? new Remembered(
                                    Optional.empty(), clock.instant().plus(LIFETIME_OF_NONE))
                            : new Remembered(
                                    Optional.of(new Location(hosts, breaker(settings, clock))),
                                    clock.instant().plus(LIFETIME));
            synchronized (found) {
                found.put(joinEui, now);
            }
            return now.location();
        }
    }
}
