package dev.usher.network.outlets;

import dev.usher.network.traffic.TrafficEvent;
import dev.usher.network.traffic.TrafficEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The last events of all nodes, numbered as this node learned of them, so that somebody whose
 * stream broke off can go on where it ended.
 */
public final class RecentEvents implements AutoCloseable {

    private static final long POLL_MILLIS = 500;

    /** What tells the numbers of this run from those of others. */
    private final String run = UUID.randomUUID().toString().substring(0, 8);

    private final @Nullable TrafficEvent[] ring;
    private final TrafficEvents.Subscription events;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition happened = lock.newCondition();
    private long last;
    private volatile boolean closing;

    /**
     * @param kept how many are kept
     */
    public RecentEvents(TrafficEvents events, int kept) {
        this.ring = new TrafficEvent[kept];
        this.events = events.subscribeEverywhere(_ -> true);
        Thread.ofVirtual().name("usher-recent-events").start(this::take);
    }

    private void take() {
        long missed = 0;
        try {
            while (!closing) {
                List<TrafficEvent> next = events.next(POLL_MILLIS);
                lock.lock();
                try {
                    // What did not get here has numbers too, so that it is seen to be missing.
                    for (; missed < events.missed(); missed++) {
                        add(null);
                    }
                    next.forEach(this::add);
                    happened.signalAll();
                } finally {
                    lock.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void add(@Nullable TrafficEvent event) {
        last++;
        ring[(int) (last % ring.length)] = event;
    }

    /** The number of the last event so far. */
    public long last() {
        lock.lock();
        try {
            return last;
        } finally {
            lock.unlock();
        }
    }

    /** What the event of this number goes by outside of this process. */
    public String id(long number) {
        return run + "-" + number;
    }

    /** Which event goes by this; empty if it is none of this run. */
    public OptionalLong number(String id) {
        if (!id.matches(run + "-[0-9]{1,18}")) {
            return OptionalLong.empty();
        }
        long number = Long.parseLong(id.substring(run.length() + 1));
        return number > last() ? OptionalLong.empty() : OptionalLong.of(number);
    }

    /** An event and its number. */
    public record Numbered(long number, TrafficEvent event) {}

    /**
     * Events in their order.
     *
     * @param last the number up to which this goes
     * @param missed how many were not kept
     */
    public record Page(List<Numbered> events, long last, long missed) {
        public Page {
            events = List.copyOf(events);
        }
    }

    /**
     * What came after an event; waits if there is nothing yet.
     *
     * @param most at most so many
     * @param millis how long to wait at most
     */
    public Page after(long number, int most, long millis) throws InterruptedException {
        lock.lock();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
            while (last == number && nanos > 0) {
                nanos = happened.awaitNanos(nanos);
            }
            long first = Math.max(number + 1, last - ring.length + 1);
            long end = Math.min(last, first + most - 1);
            List<Numbered> page = new ArrayList<>();
            for (long at = first; at <= end; at++) {
                TrafficEvent event = ring[(int) (at % ring.length)];
                if (event != null) {
                    page.add(new Numbered(at, event));
                }
            }
            long reached = Math.max(number, end);
            return new Page(page, reached, reached - number - page.size());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        closing = true;
        events.close();
    }
}
