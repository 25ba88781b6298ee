package dev.usher.network.traffic;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** Tells whoever listens what happens, as it happens. Nobody who is told can hold it up. */
public final class TrafficEvents {

    /** How many a listener may be behind; then it misses some, and is told how many. */
    private static final int MOST_WAITING = 1024;

    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

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
            subscriptions.remove(this);
        }
    }

    /** Listens from now on. */
    public Subscription subscribe(Predicate<TrafficEvent> filter) {
        Subscription subscription = new Subscription(filter);
        subscriptions.add(subscription);
        return subscription;
    }

    void publish(TrafficEvent event) {
        for (Subscription subscription : subscriptions) {
            if (subscription.filter.test(event) && !subscription.waiting.offer(event)) {
                subscription.missed.incrementAndGet();
            }
        }
    }
}
