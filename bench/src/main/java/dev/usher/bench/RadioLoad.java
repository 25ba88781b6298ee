package dev.usher.bench;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MalformedFrameException;
import dev.usher.station.LnsCodec;
import dev.usher.station.LnsDownlink;
import dev.usher.station.MalformedMessageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What the stations of a {@link StationFleet} hear: uplinks and join-requests at even intervals,
 * each by one station, all in their turn. A latency counts from the moment something was due. All
 * of it happens on the event loop of the fleet.
 */
final class RadioLoad {

    private static final Duration LAST_ANSWERS = Duration.ofSeconds(3);

    private final List<FieldDevice> senders = new ArrayList<>();
    private final List<FieldDevice> joiners = new ArrayList<>();
    private final Map<Eui64, Asked> asked = new HashMap<>();
    private Optional<StationFleet> fleet = Optional.empty();
    private long[] joinLatencies = new long[1 << 16];
    private int joins;
    private int nextStation;

    private record Asked(FieldDevice device, long due) {}

    /**
     * Devices that have not joined.
     *
     * @param senders how many send uplinks; the rest of the devices only join
     */
    RadioLoad(Fleet devices, int senders) {
        for (int number = 0; number < devices.devices(); number++) {
            (number < senders ? this.senders : joiners).add(new FieldDevice(number));
        }
    }

    /** What they hear, they pass on from now on. */
    void over(StationFleet stations) {
        fleet = Optional.of(stations);
    }

    /** A station got a dnmsg; on the event loop. */
    void downlink(String message, int station) {
        long now = System.nanoTime();
        try {
            if (LnsCodec.readDownlink(message) instanceof LnsDownlink.Frame frame) {
                Asked answered = asked.remove(frame.devEui());
                if (answered != null) {
                    answered.device.accept(frame.pdu());
                    add(now - answered.due);
                }
            }
        } catch (@SuppressWarnings("unused")
                MalformedMessageException
                | MalformedFrameException e) {
            // counts as no answer
        }
    }

    private void add(long latency) {
        if (joins == joinLatencies.length) {
            joinLatencies = Arrays.copyOf(joinLatencies, 2 * joins);
        }
        joinLatencies[joins++] = latency;
    }

    /** Lets every device that is to send uplinks join; returns how many have. */
    int joinSenders(double perSecond) throws InterruptedException {
        Duration time = Duration.ofNanos((long) (senders.size() / perSecond * 1e9));
        run(time, Rate.NONE, new Rate(senders, perSecond));
        return (int) senders.stream().filter(FieldDevice::hasJoined).count();
    }

    /**
     * How one round went.
     *
     * @param uplinks that were sent
     * @param joins that were asked for
     * @param joinLatencies of those that were answered, sorted, in nanoseconds
     */
    record Result(int uplinks, int joins, long[] joinLatencies) {}

    /** Uplinks and joins beside each other; either may be 0 a second. */
    Result run(double uplinksPerSecond, double joinsPerSecond, Duration time)
            throws InterruptedException {
        return run(
                time,
                new Rate(
                        senders.stream().filter(FieldDevice::hasJoined).toList(), uplinksPerSecond),
                new Rate(joiners, joinsPerSecond));
    }

    private Result run(Duration time, Rate uplinks, Rate joining) throws InterruptedException {
        StationFleet stations = fleet.orElseThrow();
        Run run = new Run(stations, time, uplinks, joining);
        stations.loop().execute(run::begin);
        run.over.await(time.plus(LAST_ANSWERS).plusSeconds(30).toSeconds(), TimeUnit.SECONDS);
        return requireNonNull(stations.loop().submit(run::result).sync().getNow());
    }

    /** Devices in their turn, at even intervals. */
    private record Rate(List<FieldDevice> devices, double perSecond) {
        static final Rate NONE = new Rate(List.of(), 0);

        /** Nanoseconds; for ever, if there is nothing to do. */
        long interval() {
            return devices.isEmpty() || perSecond <= 0
                    ? Long.MAX_VALUE / 4
                    : (long) (1e9 / perSecond);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what is not answered is seen
    private final class Run {

        private final StationFleet stations;
        private final Duration time;
        private final Rate uplinks;
        private final Rate joining;
        private final CountDownLatch over = new CountDownLatch(1);
        private long end;
        private long uplinkDue;
        private long joinDue;
        private int sent;
        private int askedFor;

        Run(StationFleet stations, Duration time, Rate uplinks, Rate joining) {
            this.stations = stations;
            this.time = time;
            this.uplinks = uplinks;
            this.joining = joining;
        }

        void begin() {
            joins = 0;
            asked.clear();
            long now = System.nanoTime();
            end = now + time.toNanos();
            uplinkDue = uplinks.interval() == Rate.NONE.interval() ? Long.MAX_VALUE : now;
            joinDue = joining.interval() == Rate.NONE.interval() ? Long.MAX_VALUE : now;
            Ticks.on(stations.loop(), this::tick);
        }

        private boolean tick() {
            long now = System.nanoTime();
            for (; uplinkDue <= Math.min(now, end); uplinkDue += uplinks.interval()) {
                FieldDevice device = uplinks.devices.get(sent++ % uplinks.devices.size());
                byte[] payload = ByteBuffer.allocate(Long.BYTES).putLong(uplinkDue).array();
                stations.send(station(), device.send(payload));
            }
            for (; joinDue <= Math.min(now, end); joinDue += joining.interval()) {
                FieldDevice device = joining.devices.get(askedFor++ % joining.devices.size());
                asked.put(device.devEui(), new Asked(device, joinDue));
                stations.send(station(), device.join());
            }
            if (now >= end) {
                stations.loop()
                        .schedule(over::countDown, LAST_ANSWERS.toMillis(), TimeUnit.MILLISECONDS);
            }
            return now < end;
        }

        private int station() {
            return nextStation++ % stations.size();
        }

        Result result() {
            long[] sorted = Arrays.copyOf(joinLatencies, joins);
            Arrays.sort(sorted);
            return new Result(sent, askedFor, sorted);
        }
    }
}
