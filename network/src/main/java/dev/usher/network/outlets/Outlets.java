package dev.usher.network.outlets;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.usher.accounts.AccountId;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.Caller;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import dev.usher.network.cups.DialGuard;
import dev.usher.network.cups.DialRefusedException;
import dev.usher.network.registry.NetworkGateways;
import dev.usher.network.traffic.NetworkDevices;
import dev.usher.network.traffic.TrafficEvent;
import dev.usher.network.traffic.TrafficEvents;
import dev.usher.store.Database;
import dev.usher.store.StoreException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.net.ssl.SSLSocketFactory;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what happens on the network to its {@linkplain Outlet outlets}: it is written to the {@link
 * Outbox} as it happens, and delivered from there, at least once, by one of the nodes that share
 * the database. What is in one lane is delivered in order, unless the other side refuses something:
 * that is tried again later, and the rest goes on.
 */
public final class Outlets implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Outlets.class);

    private static final int MOST_WAITING = 50_000;
    private static final int EVENTS_A_WRITE = 500;
    private static final int DELIVERIES_A_ROUND = 64;
    private static final int DELIVERIES_AT_ONCE = 8;
    private static final Duration TICK = Duration.ofMillis(500);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration COUNT = Duration.ofSeconds(5);
    private static final Duration SWEEP = Duration.ofMinutes(1);
    private static final Duration ACCESS_REMEMBERED = Duration.ofSeconds(10);

    /** Longer than a delivery takes. */
    private static final Duration LEASE_TO_SPARE = Duration.ofSeconds(12);

    private final Outbox outbox;
    private final Webhooks webhooks;
    private final NetworkGateways gateways;
    private final NetworkDevices devices;
    private final WebhookOutlet.Dial dial;
    private final Optional<MqttBroker> mqtt;
    private final Patience patience;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final TrafficEvents.Subscription events;
    private final BlockingQueue<TrafficEvent> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
    private final AtomicLong missed = new AtomicLong();
    private final Semaphore work = new Semaphore(0);
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    private final Map<String, Instant> leases = new ConcurrentHashMap<>();
    private final Map<String, Pause> pauses = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile Map<String, Outlet> outlets = Map.of();
    private volatile Map<String, Long> pending = Map.of();
    private volatile boolean listening = true;
    private volatile boolean closing;

    /**
     * How long it is tried.
     *
     * @param first when something is tried again for the first time; then after twice as long, and
     *     so on
     * @param longest when at the latest
     * @param pause likewise, if nothing can be delivered to an outlet
     * @param giveUp when it is given up
     * @param mostPending how many may wait for an outlet; what comes then is not taken
     */
    public record Patience(
            Duration first, Duration longest, Duration pause, Duration giveUp, long mostPending) {

        public static final Patience DEFAULT =
                new Patience(
                        Duration.ofSeconds(2),
                        Duration.ofHours(1),
                        Duration.ofMinutes(5),
                        Duration.ofHours(24),
                        100_000);

        /** With a part that is random, so that what failed together is not repeated together. */
        Duration after(int failures, Duration most) {
            long millis =
                    Math.min(
                            first.toMillis() << Math.min(Math.max(failures - 1, 0), 20),
                            most.toMillis());
            return Duration.ofMillis(
                    millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
        }
    }

    /** An outlet that is left alone until then. */
    private record Pause(int failures, Instant until) {}

    /** What they stand on. */
    public record Base(
            Database database,
            Webhooks webhooks,
            NetworkGateways gateways,
            NetworkDevices devices,
            TrafficEvents events,
            InstantSource clock,
            MeterRegistry meters) {}

    /**
     * Begins to take events and to deliver them.
     *
     * @param guard what webhooks may reach
     * @param tls whose certificates they may have
     */
    public Outlets(
            Base base,
            DialGuard guard,
            SSLSocketFactory tls,
            Optional<MqttBroker> mqtt,
            Patience patience) {
        this.clock = base.clock();
        this.outbox = new Outbox(base.database(), clock, UUID.randomUUID().toString());
        this.webhooks = base.webhooks();
        this.gateways = base.gateways();
        this.devices = base.devices();
        this.dial = new WebhookOutlet.Dial(guard, tls);
        this.mqtt = requireNonNull(mqtt, "mqtt");
        this.patience = requireNonNull(patience, "patience");
        this.meters = base.meters();
        Gauge.builder(
                        "usher.outlets.pending",
                        this,
                        all -> all.pending.values().stream().mapToLong(Long::longValue).sum())
                .description("Events that wait to be delivered")
                .register(meters);
        lookForOutlets();
        this.events = base.events().subscribe(_ -> !outlets.isEmpty());
        var _ = threads.submit(this::listen);
        var _ = threads.submit(this::collect);
        var _ = threads.submit(this::dispatch);
        if (mqtt.isPresent()) {
            var _ = threads.submit(this::keepBroker);
        }
    }

    /**
     * Refuses a URL that nothing would ever be posted to. Its name is looked up, which may take a
     * while; one that cannot be found at present is let pass.
     *
     * @throws IllegalArgumentException if the server may not be dialled
     */
    public void requireAllowed(URI url) {
        try {
            var _ = dial.addresses(url);
        } catch (DialRefusedException e) {
            throw new IllegalArgumentException(
                    "'" + Printable.of(url.toString()) + "' " + e.getMessage(), e);
        } catch (IOException e) {
            LOG.debug("a webhook is to go to {}, which {}", url.getHost(), e.getMessage());
        }
    }

    // What happens, into the outbox

    /** Takes events out of the way of those who tell them, also while the database is slow. */
    private void listen() {
        try {
            boolean more = true;
            while (more || !closing) {
                List<TrafficEvent> next = events.next(TICK.toMillis());
                more = !next.isEmpty();
                for (TrafficEvent event : next) {
                    if (!waiting.offer(event)) {
                        missed.incrementAndGet();
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            listening = false;
        }
    }

    private void collect() {
        long told = 0;
        try {
            while (listening || !waiting.isEmpty()) {
                List<TrafficEvent> batch = nextEvents();
                long now = missed.get() + events.missed();
                if (now > told) {
                    count("any", "missed", now - told);
                    LOG.error(
                            "{} events were not written to the outbox: the database is too slow",
                            now - told);
                    told = now;
                }
                List<Outbox.Letter> letters = letters(batch);
                if (!letters.isEmpty()) {
                    keep(letters);
                    work.release();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("events are taken to the outlets no more", e);
        }
    }

    private List<TrafficEvent> nextEvents() throws InterruptedException {
        List<TrafficEvent> batch = new ArrayList<>();
        TrafficEvent first = waiting.poll(TICK.toMillis(), TimeUnit.MILLISECONDS);
        if (first != null) {
            batch.add(first);
            waiting.drainTo(batch, EVENTS_A_WRITE - 1);
        }
        return batch;
    }

    private List<Outbox.Letter> letters(List<TrafficEvent> batch) throws InterruptedException {
        while (true) {
            try {
                List<Outbox.Letter> letters = new ArrayList<>();
                Map<String, Long> dropped = new HashMap<>();
                for (Outlet outlet : outlets.values()) {
                    boolean full =
                            pending.getOrDefault(outlet.name(), 0L) >= patience.mostPending();
                    for (TrafficEvent event : batch) {
                        Optional<TrafficEvent> share = outlet.share(event);
                        if (share.isPresent() && full) {
                            dropped.merge(outlet.name(), 1L, Long::sum);
                        } else if (share.isPresent()) {
                            letters.add(Outbox.Letter.of(outlet.name(), share.get()));
                        }
                    }
                }
                dropped.forEach(this::drop);
                return letters;
            } catch (StoreException e) {
                waitForDatabase(e);
            }
        }
    }

    private void drop(String outlet, long count) {
        outbox.dropped(outlet, count);
        count(kind(outlet), "given-up", count);
    }

    private void keep(List<Outbox.Letter> letters) throws InterruptedException {
        while (true) {
            try {
                outbox.put(letters);
                return;
            } catch (StoreException e) {
                waitForDatabase(e);
            }
        }
    }

    private void waitForDatabase(StoreException e) throws InterruptedException {
        if (closing) {
            throw e;
        }
        LOG.warn("events wait in memory for the database: {}", e.getMessage());
        Thread.sleep(LOOK);
    }

    // Out of the outbox, to the outlets

    private void dispatch() {
        Instant looked = Instant.MIN;
        Instant counted = Instant.MIN;
        Instant swept = Instant.MIN;
        while (!closing) {
            try {
                boolean _ = work.tryAcquire(TICK.toMillis(), TimeUnit.MILLISECONDS);
                work.drainPermits();
                Instant now = clock.instant();
                if (!now.isBefore(after(looked, LOOK))) {
                    looked = now;
                    lookForOutlets();
                }
                if (!now.isBefore(after(counted, COUNT))) {
                    counted = now;
                    pending = outbox.pending();
                }
                if (!now.isBefore(after(swept, SWEEP))) {
                    swept = now;
                    count("any", "given-up", outbox.sweep(patience.giveUp()));
                }
                for (String name : outbox.withDue()) {
                    Outlet outlet = outlets.get(name);
                    if (outlet != null && !isPaused(name) && underWay.add(name)) {
                        var _ = threads.submit(() -> carry(outlet));
                    }
                }
            } catch (InterruptedException e) {
                return;
            } catch (StoreException e) {
                LOG.warn("nothing is delivered at the moment: {}", e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("nothing is delivered at the moment", e);
            }
        }
    }

    private static Instant after(Instant last, Duration time) {
        return last.equals(Instant.MIN) ? last : last.plus(time);
    }

    private boolean isPaused(String outlet) {
        Pause pause = pauses.get(outlet);
        return pause != null && clock.instant().isBefore(pause.until());
    }

    private synchronized void lookForOutlets() {
        Map<String, Outlet> before = outlets;
        Map<String, Outlet> now = new LinkedHashMap<>();
        mqtt.ifPresent(broker -> now.put(broker.name(), broker));
        for (Webhooks.Active active : webhooks.enabled()) {
            String name = active.webhook().id().outlet();
            boolean same = before.get(name) instanceof WebhookOutlet outlet && outlet.is(active);
            now.put(name, same ? requireNonNull(before.get(name)) : outlet(active));
        }
        outlets = Map.copyOf(now);
        Set<Outlet> gone = new HashSet<>(before.values());
        gone.removeAll(now.values());
        gone.forEach(
                outlet -> {
                    if (outlet instanceof WebhookOutlet webhook) {
                        webhook.close();
                        pauses.remove(outlet.name()); // it may have another URL now
                    }
                });
    }

    private WebhookOutlet outlet(Webhooks.Active active) {
        return new WebhookOutlet(webhooks, active, audience(active.webhook()), dial, clock);
    }

    /** What a webhook may tell: what an API key of its account with its rights would show. */
    private Audience audience(Webhook webhook) {
        if (webhook.account().isEmpty()) {
            return Audience.EVERYTHING;
        }
        AccountId account = webhook.account().get();
        return audience(
                handle ->
                        Accounts.find(handle, account)
                                .map(
                                        found ->
                                                new Caller.KeyHolder(
                                                        found.entity(),
                                                        webhook.rights(),
                                                        "webhook " + webhook.id())));
    }

    /** What somebody may know, if there is such a one; asked anew when rights may have changed. */
    public Audience audience(Function<Handle, Optional<? extends Caller>> somebody) {
        return Audience.of(
                remembering(eui -> gateways.watchedSince(somebody, eui)),
                remembering(eui -> devices.readableSince(somebody, eui)));
    }

    private static Function<Eui64, Optional<Instant>> remembering(
            Function<Eui64, Optional<Instant>> access) {
        Cache<Eui64, Optional<Instant>> known =
                Caffeine.newBuilder()
                        .maximumSize(100_000)
                        .expireAfterWrite(ACCESS_REMEMBERED)
                        .build();
        return eui -> known.get(eui, access);
    }

    /** Delivers what is due at an outlet, if this node is to. */
    private void carry(Outlet outlet) {
        String name = outlet.name();
        try {
            while (!closing && hold(name)) {
                Pause pause = pauses.get(name);
                // After a failure one is enough to see whether it goes again.
                List<Delivery> due = outbox.due(name, pause == null ? DELIVERIES_A_ROUND : 1);
                if (due.isEmpty() || !round(outlet, due)) {
                    return;
                }
            }
        } catch (StoreException e) {
            LOG.warn("nothing is delivered to {} at the moment: {}", name, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("a delivery to {} failed", name, e);
            pause(name, Optional.empty());
        } finally {
            underWay.remove(name);
        }
    }

    /** What came of some deliveries. */
    private static final class Round {
        private final Queue<Long> arrived = new ConcurrentLinkedQueue<>();
        private final Map<Long, Instant> refused = new ConcurrentHashMap<>();
        private final AtomicReference<Delivery.Outcome> last = new AtomicReference<>();

        /** Why nothing more is to be tried. */
        private final AtomicReference<Delivery.Outcome> end = new AtomicReference<>();
    }

    /** Whether to go on. */
    private boolean round(Outlet outlet, List<Delivery> due) throws InterruptedException {
        Round round = new Round();
        Queue<List<Delivery>> lanes = new ConcurrentLinkedQueue<>(lanes(due));
        try (ExecutorService couriers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < DELIVERIES_AT_ONCE; i++) {
                var _ = couriers.submit(() -> courier(outlet, lanes, round));
            }
            couriers.shutdown();
            if (!couriers.awaitTermination(5, TimeUnit.MINUTES)) {
                couriers.shutdownNow();
            }
        }
        outbox.note(
                outlet.name(),
                new Outbox.Report(
                        List.copyOf(round.arrived),
                        round.refused,
                        Optional.ofNullable(round.last.get()).map(Outlets::why)));
        String kind = kind(outlet.name());
        count(kind, "arrived", round.arrived.size());
        count(kind, "refused", round.refused.size());
        return switch (round.end.get()) {
            case null -> {
                pauses.remove(outlet.name());
                yield true;
            }
            case Delivery.Outcome.Away away -> {
                count(kind, "away", 1);
                pause(outlet.name(), away.retryAfterSeconds());
                LOG.info("{} is not there at the moment: {}", outlet.name(), away.why());
                yield false;
            }
            default -> {
                LOG.info("{} wants nothing any more, and is disabled", outlet.name());
                outlet.end();
                yield false;
            }
        };
    }

    private static List<List<Delivery>> lanes(List<Delivery> due) {
        Map<String, List<Delivery>> lanes = new LinkedHashMap<>();
        due.forEach(
                delivery ->
                        lanes.computeIfAbsent(delivery.lane(), _ -> new ArrayList<>())
                                .add(delivery));
        return List.copyOf(lanes.values());
    }

    private void courier(Outlet outlet, Queue<List<Delivery>> lanes, Round round) {
        for (List<Delivery> lane = lanes.poll(); lane != null; lane = lanes.poll()) {
            for (Delivery delivery : lane) {
                if (closing || round.end.get() != null || !isHeld(outlet.name())) {
                    return;
                }
                switch (outlet.deliver(delivery)) {
                    case Delivery.Outcome.Arrived _ -> round.arrived.add(delivery.seq());
                    case Delivery.Outcome.Refused refused -> {
                        round.last.set(refused);
                        round.refused.put(
                                delivery.seq(),
                                clock.instant()
                                        .plus(
                                                patience.after(
                                                        delivery.attempts() + 1,
                                                        patience.longest())));
                    }
                    case Delivery.Outcome other -> {
                        round.last.set(other);
                        round.end.set(other);
                    }
                }
            }
        }
    }

    private static String why(Delivery.Outcome outcome) {
        return switch (outcome) {
            case Delivery.Outcome.Arrived _ -> "";
            case Delivery.Outcome.Refused refused -> refused.why();
            case Delivery.Outcome.Away away -> away.why();
            case Delivery.Outcome.Gone gone -> gone.why();
        };
    }

    private void pause(String outlet, Optional<Long> seconds) {
        pauses.compute(
                outlet,
                (_, before) -> {
                    int failures = before == null ? 1 : before.failures() + 1;
                    Duration time =
                            seconds.map(Duration::ofSeconds)
                                    .filter(asked -> asked.compareTo(patience.longest()) <= 0)
                                    .orElseGet(() -> patience.after(failures, patience.pause()));
                    return new Pause(failures, clock.instant().plus(time));
                });
    }

    /** Whether this node delivers to the outlet for some time to come. */
    private boolean hold(String outlet) {
        if (isHeld(outlet)) {
            return true;
        }
        Instant until = clock.instant().plus(Outbox.LEASE);
        boolean held = outbox.hold(outlet, Outbox.LEASE);
        if (held) {
            leases.put(outlet, until);
        } else {
            leases.remove(outlet);
        }
        return held;
    }

    private boolean isHeld(String outlet) {
        Instant until = leases.get(outlet);
        return until != null && clock.instant().plus(LEASE_TO_SPARE).isBefore(until);
    }

    // The broker

    /** Of all nodes the one that holds the lease is connected, and takes downlinks. */
    private void keepBroker() {
        MqttBroker broker = mqtt.orElseThrow();
        while (!closing) {
            try {
                if (hold(broker.name())) {
                    if (broker.connect()) {
                        pauses.remove(broker.name());
                        work.release();
                    }
                } else {
                    broker.disconnect();
                }
                Thread.sleep(LOOK);
            } catch (InterruptedException e) {
                return;
            } catch (StoreException e) {
                LOG.warn("who is to be connected to the broker is not known: {}", e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("the connection to the broker is not looked after at the moment", e);
            }
        }
    }

    // For people

    public Webhooks webhooks() {
        return webhooks;
    }

    /** Posts a try to a webhook at once; whoever may change it may do that. */
    public TrialDelivery test(Caller caller, WebhookId id) {
        webhooks.get(caller, id);
        return webhooks.active(id)
                .map(
                        active -> {
                            try (WebhookOutlet once = outlet(active)) {
                                return once.test(UUID.randomUUID().toString());
                            }
                        })
                .orElseThrow();
    }

    private static String kind(String outlet) {
        int colon = outlet.indexOf(':');
        return colon < 0 ? outlet : outlet.substring(0, colon);
    }

    private void count(String kind, String outcome, long times) {
        if (times > 0) {
            Counter.builder("usher.outlets.deliveries")
                    .description("Events on their way to webhooks and the MQTT broker")
                    .tag("kind", kind)
                    .tag("outcome", outcome)
                    .register(meters)
                    .increment((double) times);
        }
    }

    /**
     * Writes what has happened, stops delivering, and leaves the rest to other nodes or to later.
     */
    @Override
    public void close() {
        closing = true;
        events.close();
        work.release();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
                threads.shutdownNow();
                boolean _ = threads.awaitTermination(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
        mqtt.ifPresent(MqttBroker::disconnect);
        outlets.values().stream()
                .filter(WebhookOutlet.class::isInstance)
                .map(WebhookOutlet.class::cast)
                .forEach(WebhookOutlet::close);
        try {
            outbox.release();
        } catch (StoreException e) {
            LOG.info("others take over in {} seconds", Outbox.LEASE.toSeconds());
        }
    }
}
