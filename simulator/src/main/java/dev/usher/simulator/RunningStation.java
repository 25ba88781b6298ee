package dev.usher.simulator;

import static java.util.Objects.requireNonNull;

import dev.usher.simulator.CupsOutcome.Result;
import dev.usher.simulator.CupsOutcome.Segment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A station that is switched on: it contacts CUPS and keeps connected to its LNS, both as station
 * does ({@code cups.c:99-182}, {@code tc.c:342-386}). New data for the LNS from CUPS starts the
 * connection anew; an LNS that refuses the station, or that it does not reach ten times, makes it
 * ask CUPS; while it is connected it asks CUPS once a day.
 *
 * <pre>
 *  VirtualStation station = new VirtualStation(eui, home, settings, listener);
 *  try (RunningStation running = RunningStation.start(station)) {
 *      running.hear(uplink);
 *  }
 * </pre>
 *
 * <p>Safe to use from several threads; the {@link VirtualStation} is its own until it is closed.
 */
public final class RunningStation implements Antenna, AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final VirtualStation station;
    private final List<Consumer<Transmission>> listeners = new CopyOnWriteArrayList<>();
    private final Thread cups;

    private Optional<TcEngine> tc = Optional.empty();
    private boolean cupsPending = true;
    private boolean cupsFailed;
    private boolean closed;

    /** By {@link System#nanoTime}. */
    private long cupsDue = System.nanoTime();

    private RunningStation(VirtualStation station) {
        this.station = requireNonNull(station, "station");
        this.cups = Thread.ofVirtual().name("virtual-cups-" + station.eui()).unstarted(this::run);
    }

    /** Switches a station on. */
    public static RunningStation start(VirtualStation station) {
        RunningStation running = new RunningStation(station);
        running.cups.start();
        return running;
    }

    public VirtualStation station() {
        return station;
    }

    private void run() {
        if (!station.restart()) {
            return;
        }
        startTc();
        if (!station.hasCups()) {
            return;
        }
        try {
            boolean runs = true;
            while (runs) {
                awaitDue();
                runs = contactCups();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stopTc();
    }

    private synchronized void awaitDue() throws InterruptedException {
        for (long wait = left(); wait > 0; wait = left()) {
            wait(wait / 1_000_000 + 1);
        }
        cupsPending = true;
    }

    private long left() {
        return cupsDue - System.nanoTime();
    }

    /** One contact, and what follows from it; false if station does not run any more. */
    private boolean contactCups() {
        CupsOutcome outcome = station.checkIn();
        if (outcome.result() == Result.NOT_RUNNING) {
            return false;
        }
        if (outcome.received().contains(Segment.TC_URI)
                || outcome.received().contains(Segment.TC_CREDENTIALS)) {
            stopTc();
        }
        boolean soon =
                !outcome.isDone()
                        || outcome.received().contains(Segment.CUPS_URI)
                        || outcome.received().contains(Segment.CUPS_CREDENTIALS);
        synchronized (this) {
            Settings settings = station.settings();
            cupsFailed = !outcome.isDone();
            cupsPending = false;
            cupsIn(soon && !station.isLnsConnected() ? settings.resync() : settings.okSync());
        }
        startTc();
        return true;
    }

    private void cupsIn(Duration duration) {
        cupsDue = System.nanoTime() + duration.toNanos();
        notifyAll();
    }

    private synchronized void startTc() {
        if (tc.isEmpty() && !closed) {
            Engine engine = new Engine();
            tc = Optional.of(engine.tc);
            engine.tc.start();
        }
    }

    private synchronized void stopTc() {
        tc.ifPresent(TcEngine::close);
        tc = Optional.empty();
        station.setLnsConnected(false);
    }

    /** What one engine tells; an engine that was stopped does not count any more. */
    private final class Engine implements TcEngine.Owner {

        private final TcEngine tc = new TcEngine(this);

        private boolean isCurrent() {
            return RunningStation.this.tc.equals(Optional.of(tc));
        }

        @Override
        public VirtualStation station() {
            return station;
        }

        @Override
        public boolean hasCups() {
            return station.hasCups();
        }

        @Override
        public void connected() {
            synchronized (RunningStation.this) {
                if (isCurrent()) {
                    station.setLnsConnected(true);
                    if (cupsFailed && !cupsPending) {
                        cupsIn(station.settings().okSync());
                    }
                }
            }
        }

        @Override
        public void disconnected() {
            synchronized (RunningStation.this) {
                if (isCurrent()) {
                    station.setLnsConnected(false);
                }
            }
        }

        @Override
        public void givenUp() {
            synchronized (RunningStation.this) {
                if (isCurrent()) {
                    RunningStation.this.tc = Optional.empty();
                    if (!cupsPending) {
                        cupsPending = true;
                        cupsIn(station.settings().resync());
                    }
                }
            }
        }

        @Override
        public void transmit(Transmission transmission) {
            listeners.forEach(listener -> listener.accept(transmission));
        }
    }

    @Override
    public void hear(Transmission uplink) {
        Optional<TcEngine> now;
        synchronized (this) {
            now = tc;
        }
        now.ifPresent(engine -> engine.hear(uplink));
    }

    @Override
    public void addListener(Consumer<Transmission> listener) {
        listeners.add(requireNonNull(listener, "listener"));
    }

    /** Switches it off, as by pulling its plug. */
    @Override
    public void close() {
        Optional<TcEngine> last;
        synchronized (this) {
            closed = true;
            last = tc;
            stopTc();
        }
        cups.interrupt();
        try {
            cups.join(PATIENCE);
            if (last.isPresent()) {
                last.get().join(PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
