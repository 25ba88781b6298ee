package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Tells whoever listens what happens, as it happens: at this node, or at every node on the
 * database. Nobody who is told can hold it up.
 */
public final class TrafficEvents {

    /** How many a listener may be behind; then it misses some, and is told how many. */
    private static final int MOST_WAITING = 1024;

    private final List<Subscription> here = new CopyOnWriteArrayList<>();
    private final List<Subscription> everywhere = new CopyOnWriteArrayList<>();
    private final Consumer<TrafficEvent> others;

    /**
     * Nobody listens yet.
     *
     * @param others is told what happens at this node, for the other nodes; it does not wait
     */
    TrafficEvents(Consumer<TrafficEvent> others) {
        this.others = requireNonNull(others, "others");
    }

    /** Somebody who listens. */
    public final class Subscription implements AutoCloseable {

        private final Predicate<TrafficEvent> filter;
        private final BlockingQueue<TrafficEvent> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
        private final AtomicLong missed = new AtomicLong();

        private Subscription(Predicate<TrafficEvent> filter) {
            this.filter = filter;
        }

        /** The next event; none if nothing happens for that long. */
        public List<TrafficEvent> next(long millis) throws InterruptedException {
            TrafficEvent event = waiting.poll(millis, TimeUnit.MILLISECONDS);
            return event == null ? List.of() : List.of(event);
        }

        /** How many events were missed, as the listener was too slow. */
        public long missed() {
            return missed.get();
        }

        @Override
        public void close() {
            here.remove(this);
            everywhere.remove(this);
        }
    }

    /** Listens from now on to what happens at this node: of all nodes, one tells of an event. */
    public Subscription subscribe(Predicate<TrafficEvent> filter) {
        return added(here, new Subscription(filter));
    }

    /** Listens from now on to what happens at any node. */
    public Subscription subscribeEverywhere(Predicate<TrafficEvent> filter) {
        return added(everywhere, new Subscription(filter));
    }

    private static Subscription added(List<Subscription> to, Subscription subscription) {
        to.add(subscription);
        return subscription;
    }

    /** It has happened at this node. */
    void publish(TrafficEvent event) {
        others.accept(event);
        tell(here, event);
        tell(everywhere, event);
    }

    /** It has happened at another node, which tells so. */
    void publishedElsewhere(TrafficEvent event) {
        tell(everywhere, event);
    }

    private static void tell(List<Subscription> subscriptions, TrafficEvent event) {
        for (Subscription subscription : subscriptions) {
            if (subscription.filter.test(event) && !subscription.waiting.offer(event)) {
                subscription.missed.incrementAndGet();
            }
        }
    }
}
