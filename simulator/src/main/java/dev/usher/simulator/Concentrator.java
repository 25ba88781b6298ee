package dev.usher.simulator;

import dev.usher.simulator.RadioSetup.Window;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The radio of a station from one router_config to the next: its own time, and its one antenna that
 * transmits one frame after the other ({@code s2e.c:300-760}). What is too late for RX1, collides
 * or is over the duty cycle goes into RX2; what does not go there either is dropped, and the LNS is
 * not told.
 */
final class Concentrator implements AutoCloseable {

    /** Microseconds; how early a frame has to be there. */
    private static final long AIM_GAP = 20_000;

    private static final long MIN_GAP = 10_000;
    private static final long MAX_AHEAD = 600_000_000;
    private static final long SECOND = 1_000_000;
    private static final long CLASS_C_BACKOFF = 100_000;
    private static final int CLASS_C_TRIES = 10;

    private static final int SESSION_SHIFT = 48;
    private static final long TIME = (1L << SESSION_SHIFT) - 1;

    /** Is told what becomes of frames, on the thread of the radio. */
    interface Reports {

        /** It is on the air. */
        void transmitted(Downlink downlink, long xtime, Transmission transmission);

        void dropped(Downlink downlink, String why);
    }

    private final RadioSetup setup;
    private final int session;
    private final long origin;
    private final Reports reports;
    private final List<Job> queue = new ArrayList<>();
    private final Map<Integer, Long> free = new HashMap<>();
    private final Thread radio;
    private long busyUntil = Long.MIN_VALUE;
    private boolean closed;

    /** A frame with the window it is meant for at the moment. */
    private static final class Job {
        final Downlink downlink;
        Window window;
        Optional<Window> alternative;
        long at;
        int tries;

        Job(Downlink downlink, Window window, Optional<Window> alternative, long at) {
            this.downlink = downlink;
            this.window = window;
            this.alternative = alternative;
            this.at = at;
        }

        Transmission transmission() {
            return new Transmission(downlink.pdu(), window.frequency(), window.dataRate(), at);
        }

        long end() {
            return at + transmission().airtime();
        }

        /** Moves on to the next chance; false if there is none. */
        boolean moveOn(long earliest) {
            if (downlink.deviceClass() == Downlink.CLASS_C) {
                if (alternative.isPresent()) {
                    window = alternative.get();
                    alternative = Optional.empty();
                    at = earliest;
                    return true;
                }
                tries++;
                at = Math.max(at + CLASS_C_BACKOFF, earliest);
                return tries <= CLASS_C_TRIES;
            }
            if (alternative.isEmpty()) {
                return false;
            }
            window = alternative.get();
            alternative = Optional.empty();
            at += SECOND;
            return at >= earliest;
        }
    }

    /**
     * Starts the radio.
     *
     * @param before the one of the router_config before, whose times mean nothing any more
     */
    Concentrator(RadioSetup setup, Optional<Concentrator> before, Reports reports) {
        this.setup = setup;
        this.reports = reports;
        this.session =
                before.map(b -> b.session % 255 + 1)
                        .orElseGet(() -> ThreadLocalRandom.current().nextInt(1, 256));
        this.origin = Transmission.now() - ThreadLocalRandom.current().nextLong(1L << 32);
        this.radio = Thread.ofVirtual().name("virtual-radio").start(this::run);
    }

    RadioSetup setup() {
        return setup;
    }

    /** A time of the ether in the concentrator's own. */
    long xtime(long at) {
        return ((long) session << SESSION_SHIFT) | ((at - origin) & TIME);
    }

    /** The other way round; empty for a time of another session. */
    private OptionalLong ether(long xtime) {
        return xtime >>> SESSION_SHIFT == session
                ? OptionalLong.of((xtime & TIME) + origin)
                : OptionalLong.empty();
    }

    /** Takes a frame; what becomes of it is reported. */
    void transmit(Downlink downlink) {
        String refusal;
        synchronized (this) {
            refusal = accept(downlink, Transmission.now()).orElse("");
            notifyAll();
        }
        if (!refusal.isEmpty()) {
            reports.dropped(downlink, refusal);
        }
    }

    /** Puts a frame into the queue; empty, or why it is dropped. */
    private Optional<String> accept(Downlink downlink, long now) {
        long earliest = now + AIM_GAP;
        if (downlink.deviceClass() == Downlink.CLASS_B) {
            return Optional.of("class B: cannot convert GPS time, this gateway has none");
        }
        Optional<Window> first = downlink.rx1().or(downlink::rx2);
        if (first.isEmpty()) {
            return Optional.of("neither RX1 nor RX2 frequencies");
        }
        Optional<Window> second = downlink.rx1().flatMap(_ -> downlink.rx2());
        if (downlink.xtime() == 0) {
            return downlink.deviceClass() == Downlink.CLASS_C
                    ? place(new Job(downlink, first.get(), second, earliest), now)
                    : Optional.of("time conversion problems: no xtime");
        }
        OptionalLong uplink = ether(downlink.xtime());
        if (uplink.isEmpty()) {
            return Optional.of("xtime of an obsolete session");
        }
        boolean isRx2 = downlink.rx1().isEmpty() && downlink.deviceClass() == Downlink.CLASS_A;
        long at = uplink.getAsLong() + (downlink.rxDelay() + (isRx2 ? 1 : 0)) * SECOND;
        return place(new Job(downlink, first.get(), second, at), now);
    }

    private Optional<String> place(Job job, long now) {
        if (job.at > now + MAX_AHEAD) {
            return Optional.of("Tx job too far ahead");
        }
        long earliest = now + AIM_GAP;
        if (job.at < earliest && !job.moveOn(earliest)) {
            return Optional.of("too late for RX2 by %d ms".formatted((earliest - job.at) / 1000));
        }
        while (!mayTransmit(job) || job.at < busyUntil + MIN_GAP) {
            if (!job.moveOn(earliest)) {
                return Optional.of("unable to place frame: duty cycle, or another one on the air");
            }
        }
        int place = 0;
        while (place < queue.size() && queue.get(place).at <= job.at) {
            place++;
        }
        queue.add(place, job);
        return Optional.empty();
    }

    private boolean mayTransmit(Job job) {
        return !setup.hasDutyCycle()
                || job.at >= free.getOrDefault(resource(job.window), Long.MIN_VALUE);
    }

    /** What has a duty cycle: a band in EU868, a channel elsewhere. */
    private int resource(Window window) {
        return setup.region().equals(Optional.of("EU868"))
                ? europeanRate(window.frequency())
                : window.frequency();
    }

    private static int europeanRate(int frequency) {
        if (frequency >= 869_400_000 && frequency <= 869_650_000) {
            return 10;
        }
        boolean isCenti =
                (frequency >= 868_000_000 && frequency <= 868_600_000)
                        || (frequency >= 869_700_000 && frequency <= 870_000_000);
        return isCenti ? 100 : 1000;
    }

    /** How many times its length a frame blocks the band or channel. */
    private long rate(Window window) {
        return switch (setup.region().orElse("")) {
            case "EU868" -> europeanRate(window.frequency());
            case "KR920" -> 50;
            case "AS923-1" -> 10;
            default -> 0;
        };
    }

    private void run() {
        try {
            for (Optional<Job> job = next(); job.isPresent(); job = next()) {
                Transmission transmission = job.get().transmission();
                reports.transmitted(job.get().downlink, xtime(job.get().at), transmission);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until a frame begins; empty when the radio is off. */
    private Optional<Job> next() throws InterruptedException {
        while (true) {
            Optional<Job> begun = Optional.empty();
            List<Job> lost = new ArrayList<>();
            synchronized (this) {
                if (!awaitHead()) {
                    return Optional.empty();
                }
                Job head = queue.removeFirst();
                if (isHindered(head)) {
                    moveOn(head, lost);
                } else {
                    begin(head, lost);
                    begun = Optional.of(head);
                }
            }
            lost.forEach(job -> reports.dropped(job.downlink, "hindered by another frame"));
            if (begun.isPresent()) {
                return begun;
            }
        }
    }

    /** False when the radio is off. */
    private boolean awaitHead() throws InterruptedException {
        while (!closed) {
            long wait = queue.isEmpty() ? Long.MAX_VALUE : queue.getFirst().at - Transmission.now();
            if (wait <= 0) {
                return true;
            }
            wait(queue.isEmpty() ? 0 : wait / 1000 + 1);
        }
        return false;
    }

    /** Whether a frame that overlaps counts more. */
    private boolean isHindered(Job head) {
        return queue.stream()
                .anyMatch(
                        other ->
                                head.end() >= other.at - MIN_GAP
                                        && other.downlink.priority() > head.downlink.priority());
    }

    private void begin(Job job, List<Job> lost) {
        busyUntil = job.end();
        free.put(resource(job.window), job.at + rate(job.window) * (job.end() - job.at));
        List<Job> displaced = queue.stream().filter(j -> j.at - MIN_GAP <= busyUntil).toList();
        queue.removeAll(displaced);
        displaced.forEach(each -> moveOn(each, lost));
    }

    private void moveOn(Job job, List<Job> lost) {
        long now = Transmission.now();
        if (!job.moveOn(now + AIM_GAP) || place(job, now).isPresent()) {
            lost.add(job);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        radio.interrupt();
    }
}
