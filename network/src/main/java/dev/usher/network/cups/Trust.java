package dev.usher.network.cups;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.usher.keys.SystemAuthorities;
import dev.usher.network.claiming.TrustSource;
import dev.usher.station.CertificateDer;
import dev.usher.station.StationUri;
import dev.usher.store.StoreException;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which root a gateway must trust to reach a server: what the server's chain is seen to end in, or
 * what was pinned. A station holds one root and no more (basics-station.md 3.4).
 *
 * <p>What was seen is kept, and looked at again every day, so that a gateway can be given the new
 * root of its server when it next asks. A server that is away for a while keeps its root; what
 * failed is tried again after a minute at the earliest.
 */
public final class Trust implements TrustSource {

    private static final Logger LOG = LoggerFactory.getLogger(Trust.class);

    private static final Duration CHECKED_EVERY = Duration.ofDays(1);
    private static final Duration LASTS = Duration.ofDays(7);
    private static final Duration RETRIED_AFTER = Duration.ofMinutes(1);
    private static final int MOST_SERVERS = 10_000;

    private final ChainFetch fetch;
    private final InstantSource clock;
    private final Optional<TrustedServers> kept;
    private final Map<String, Pin> pins = new ConcurrentHashMap<>();

    /** Those that people have pinned; they come before those of this process. */
    private volatile Map<String, Pin> keptPins = Map.of();

    private final Cache<String, Server> servers =
            Caffeine.newBuilder().maximumSize(MOST_SERVERS).build();

    private record Pin(CertificateDer root, Instant at) {

        TrustedServer shown(String name) {
            return new TrustedServer(
                    name, Optional.of(root), true, at, Optional.empty(), Optional.empty());
        }
    }

    /**
     * @param guard what may be dialled
     * @param authorities whose certificates are trusted besides those that Java trusts
     */
    public Trust(DialGuard guard, Collection<X509Certificate> authorities, InstantSource clock) {
        this(
                guard,
                () -> SystemAuthorities.and(authorities),
                ChainFetch.Limits.DEFAULT,
                Optional.empty(),
                clock);
    }

    /**
     * Likewise; what was seen and pinned before is known from the beginning.
     *
     * @param kept where it is
     */
    public Trust(
            DialGuard guard,
            Collection<X509Certificate> authorities,
            TrustedServers kept,
            InstantSource clock) {
        this(
                guard,
                () -> SystemAuthorities.and(authorities),
                ChainFetch.Limits.DEFAULT,
                Optional.of(kept),
                clock);
    }

    Trust(
            DialGuard guard,
            Set<X509Certificate> authorities,
            ChainFetch.Limits limits,
            InstantSource clock) {
        this(guard, () -> authorities, limits, Optional.empty(), clock);
    }

    Trust(
            DialGuard guard,
            Supplier<Set<X509Certificate>> authorities,
            ChainFetch.Limits limits,
            Optional<TrustedServers> kept,
            InstantSource clock) {
        this.fetch = new ChainFetch(guard, authorities, limits, clock);
        this.clock = requireNonNull(clock, "clock");
        this.kept = requireNonNull(kept, "kept");
        kept.ifPresent(table -> table.all().forEach(this::remember));
        refresh();
    }

    private void remember(TrustedServers.Row row) {
        TrustedServer server = row.server();
        if (!server.isPinned()) {
            Server known = new Server(TrustedServers.server(server.server()));
            known.seen =
                    new Seen(
                            server.root().orElse(null),
                            server.checkedAt(),
                            row.triedAt(),
                            server.changedAt(),
                            server.problem().orElse(null));
            servers.put(server.server(), known);
        }
    }

    /** Learns what was pinned, here or at another node. To be called every few seconds. */
    public void refresh() {
        kept.ifPresent(
                table ->
                        keptPins =
                                table.pinned().stream()
                                        .map(TrustedServers.Row::server)
                                        .collect(
                                                Collectors.toUnmodifiableMap(
                                                        TrustedServer::server,
                                                        server ->
                                                                new Pin(
                                                                        server.root().orElseThrow(),
                                                                        server.checkedAt()))));
    }

    private Optional<Pin> pin(String name) {
        return Optional.ofNullable(keptPins.get(name))
                .or(() -> Optional.ofNullable(pins.get(name)));
    }

    /**
     * Says which root a server has, instead of asking it, as long as this process runs: for this
     * node's own. What people pin is kept by {@link TrustedServers}.
     *
     * @param certificate one certificate, DER or PEM
     * @throws IllegalArgumentException if a station could not use it; the message says why
     */
    public void pin(StationUri uri, byte[] certificate) {
        pins.put(
                TrustedServers.name(uri), new Pin(CertificateDer.of(certificate), clock.instant()));
    }

    /**
     * Has the server asked again.
     *
     * @return whether it was pinned
     */
    public boolean unpin(StationUri uri) {
        return pins.remove(TrustedServers.name(uri)) != null;
    }

    @Override
    public byte[] trustOf(StationUri uri) throws IOException {
        return switch (root(uri)) {
            case Root.Known(CertificateDer certificate) -> certificate.bytes();
            case Root.Unknown(String why) -> throw new IOException(uri + " " + why);
        };
    }

    /** As {@link #trustOf}; takes as long as a handshake the first time, and nothing later. */
    Root root(StationUri uri) {
        String name = TrustedServers.name(uri);
        Optional<Pin> pin = pin(name);
        return pin.isPresent()
                ? new Root.Known(pin.get().root())
                : servers.get(name, _ -> new Server(uri)).root();
    }

    /** Looks at a server now, unless it is pinned, and says what is known of it. */
    public TrustedServer check(StationUri uri) {
        String name = TrustedServers.name(uri);
        return pin(name)
                .map(pin -> pin.shown(name))
                .orElseGet(
                        () -> {
                            Server server = servers.get(name, _ -> new Server(uri));
                            server.lookAgain();
                            return server.shown(name);
                        });
    }

    /**
     * Looks again at the servers that were not looked at for a day. To be called every few minutes;
     * blocks while it asks them.
     *
     * @return those that need attention: their chain ends in another root now, the check failed, or
     *     the root ends within 30 days
     */
    public List<TrustedServer> recheck() {
        List<TrustedServer> remarkable = new ArrayList<>();
        for (Map.Entry<String, Server> entry : servers.asMap().entrySet()) {
            if (pin(entry.getKey()).isEmpty() && entry.getValue().recheck()) {
                TrustedServer server = entry.getValue().shown(entry.getKey());
                String remark = server.remark(clock.instant()).orElse("needs attention");
                LOG.warn("{} {}", server.server(), remark);
                kept.ifPresent(table -> table.announce(server, remark));
                remarkable.add(server);
            }
        }
        return remarkable;
    }

    /** All servers that are known here, by name. */
    public List<TrustedServer> list() {
        Map<String, Pin> pinned = new HashMap<>(pins);
        pinned.putAll(keptPins);
        return Stream.concat(
                        pinned.entrySet().stream().map(pin -> pin.getValue().shown(pin.getKey())),
                        servers.asMap().entrySet().stream()
                                .filter(entry -> !pinned.containsKey(entry.getKey()))
                                .flatMap(entry -> entry.getValue().ifLooked(entry.getKey())))
                .sorted(Comparator.comparing(TrustedServer::server))
                .toList();
    }

    /**
     * What was seen of a server.
     *
     * @param root the last that was seen
     * @param seenAt when it was last seen
     * @param triedAt when it was last looked for
     * @param problem why the last look failed
     */
    private record Seen(
            @Nullable CertificateDer root,
            Instant seenAt,
            Instant triedAt,
            Optional<Instant> changedAt,
            @Nullable String problem) {}

    /** A server, and at most one look at it at a time. */
    private final class Server {

        private final StationUri uri;
        private volatile @Nullable Seen seen;

        Server(StationUri uri) {
            this.uri = uri;
        }

        Root root() {
            Seen current = seen;
            return current == null || !isGood(current) ? lookOrWait() : known(current);
        }

        private Root known(Seen current) {
            CertificateDer root = current.root();
            return root == null || isOver(current)
                    ? new Root.Unknown(requireNonNull(current.problem()))
                    : new Root.Known(root);
        }

        private synchronized Root lookOrWait() {
            Seen current = seen;
            if (current == null || !isGood(current)) {
                current = look(current);
            }
            return known(current);
        }

        /** Whether it is answered without another look. */
        private boolean isGood(Seen current) {
            boolean hasRoot = current.root() != null && !isOver(current);
            boolean hasJustFailed =
                    current.problem() != null
                            && clock.instant().isBefore(current.triedAt().plus(RETRIED_AFTER));
            return hasRoot || hasJustFailed;
        }

        private boolean isOver(Seen current) {
            return !clock.instant().isBefore(current.seenAt().plus(LASTS));
        }

        private Seen look(@Nullable Seen before) {
            Instant now = clock.instant();
            CertificateDer known = before == null ? null : before.root();
            Optional<Instant> changedAt = before == null ? Optional.empty() : before.changedAt();
            Seen next;
            try {
                CertificateDer root = fetch.rootOf(uri);
                boolean changed = known != null && !known.equals(root);
                next = new Seen(root, now, now, changed ? Optional.of(now) : changedAt, null);
            } catch (IOException e) {
                LOG.debug("the root of {} is not known", uri, e);
                next =
                        new Seen(
                                known,
                                before == null ? now : before.seenAt(),
                                now,
                                changedAt,
                                e.getMessage());
            }
            seen = next;
            keep(next);
            return next;
        }

        /** What is known counts also when it cannot be written down. */
        private void keep(Seen known) {
            String name = TrustedServers.name(uri);
            try {
                kept.ifPresent(
                        table -> table.seen(new TrustedServers.Row(shown(name), known.triedAt())));
            } catch (StoreException e) {
                LOG.warn("what was seen of {} could not be written down", name, e);
            }
        }

        synchronized void lookAgain() {
            var _ = look(seen);
        }

        /** Whether it was looked at and there is something to say about it. */
        synchronized boolean recheck() {
            Seen before = seen;
            Instant now = clock.instant();
            if (before == null || now.isBefore(before.triedAt().plus(CHECKED_EVERY))) {
                return false;
            }
            Seen after = look(before);
            CertificateDer root = after.root();
            boolean endsSoon =
                    root != null
                            && root.toX509()
                                    .getNotAfter()
                                    .toInstant()
                                    .isBefore(now.plus(TrustedServer.SOON));
            return endsSoon
                    || after.problem() != null
                    || !after.changedAt().equals(before.changedAt());
        }

        Stream<TrustedServer> ifLooked(String name) {
            return seen == null ? Stream.empty() : Stream.of(shown(name));
        }

        TrustedServer shown(String name) {
            Seen current = requireNonNull(seen, "seen");
            return new TrustedServer(
                    name,
                    Optional.ofNullable(current.root()),
                    false,
                    current.seenAt(),
                    current.changedAt(),
                    Optional.ofNullable(current.problem()));
        }
    }
}
