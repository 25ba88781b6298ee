package dev.usher.api;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.usher.api.edge.Request;
import dev.usher.lorawan.Eui64;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that somebody else uses what a gateway proves itself with: it is used in two places in
 * turn, within a short time. It is kept in memory, and nothing waits for it.
 *
 * <p>A gateway's address changes, and that says nothing: behind NAT, with a new lease, or with a
 * second uplink while the first is down. So both places must be come back to: it is used here,
 * there, here and there again. Addresses of one network (IPv4 /24, IPv6 /48) are one place, as a
 * provider's NAT changes them from connection to connection; IPv4 and IPv6 are looked at apart, as
 * a gateway may have both.
 */
public final class AddressWatch {

    private static final Logger LOG = LoggerFactory.getLogger(AddressWatch.class);

    private static final int MOST_GATEWAYS = 100_000;
    private static final int CHANGES = 3;
    private static final Duration QUIET = Duration.ofHours(1);
    private static final int IPV4_BYTES = 3;
    private static final int IPV6_BYTES = 6;

    private final Duration shortTime;
    private final TrustedProxies proxies;
    private final InstantSource clock;
    private final Counter alerts;
    private final BiConsumer<Eui64, String> told;
    private final Cache<Key, Trace> traces =
            Caffeine.newBuilder().maximumSize(MOST_GATEWAYS).build();

    private record Key(Eui64 gateway, boolean isIpv4) {}

    /**
     * Watches nobody yet.
     *
     * @param face what gateways prove themselves to, as the metric names it
     * @param shortTime within which no gateway comes back to two places
     * @param proxies whose word counts for where a gateway is
     * @param told is told which gateway it is and what somebody should know of it, one sentence;
     *     once an hour again while it goes on
     */
    public AddressWatch(
            String face,
            Duration shortTime,
            TrustedProxies proxies,
            InstantSource clock,
            MeterRegistry meters,
            BiConsumer<Eui64, String> told) {
        this.shortTime = requireNonNull(shortTime, "shortTime");
        this.proxies = requireNonNull(proxies, "proxies");
        this.clock = requireNonNull(clock, "clock");
        this.told = requireNonNull(told, "told");
        this.alerts =
                Counter.builder("usher.gateway.alerts")
                        .description("Gateways whose key or certificate two seem to use at a time")
                        .tag("face", face)
                        .register(meters);
    }

    /** A gateway has proved itself with this request. */
    void used(Eui64 gateway, Request request) {
        proxies.clientAddress(request).ifPresent(address -> used(gateway, address));
    }

    /** A gateway has proved itself from this address. */
    void used(Eui64 gateway, InetAddress address) {
        traces.get(new Key(gateway, address instanceof Inet4Address), _ -> new Trace())
                .used(place(address), clock.instant())
                .ifPresent(
                        why -> {
                            alerts.increment();
                            LOG.warn("gateway {}: {}", gateway, why);
                            told.accept(gateway, why);
                        });
    }

    /** {@code 192.0.2.0/24}. */
    private static String place(InetAddress address) {
        int length = address instanceof Inet4Address ? IPV4_BYTES : IPV6_BYTES;
        byte[] prefix = Arrays.copyOf(address.getAddress(), length);
        try {
            InetAddress first =
                    InetAddress.getByAddress(Arrays.copyOf(prefix, address.getAddress().length));
            return first.getHostAddress() + "/" + length * Byte.SIZE;
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Where a gateway has proved itself from. */
    private final class Trace {

        private @Nullable String here;
        private @Nullable String there;

        /** When it last went from one of these places to the other. */
        private final Deque<Instant> changes = new ArrayDeque<>(CHANGES);

        private Instant told = Instant.MIN;

        synchronized Optional<String> used(String place, Instant now) {
            String before = here;
            if (place.equals(before)) {
                return Optional.empty();
            }
            if (!place.equals(there)) {
                changes.clear();
            }
            here = place;
            there = before;
            if (before == null) {
                return Optional.empty();
            }
            if (changes.size() == CHANGES) {
                changes.removeFirst();
            }
            changes.addLast(now);
            boolean isInTwoPlaces =
                    changes.size() == CHANGES && !changes.getFirst().plus(shortTime).isBefore(now);
            if (!isInTwoPlaces || told.isAfter(now.minus(QUIET))) {
                return Optional.empty();
            }
            told = now;
            return Optional.of(
                    "what it proves itself with is used in two places in turn, "
                            + before
                            + " and "
                            + place
                            + ": unless it has two uplinks, somebody has copied it, so issue"
                            + " another");
        }
    }
}
