package dev.usher.simulator;

import dev.usher.station.LnsCodec;
import dev.usher.station.LnsUplink;
import java.time.Duration;

/**
 * How a station with a pulse per second learns which second it is ({@code timesync.c:440-540}): ten
 * questions 71 ms apart, then a pause, until an answer came within 2 seconds.
 */
final class TimeSync implements AutoCloseable {

    private static final int BURST = 10;
    private static final Duration RETRY = Duration.ofMillis(71);
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final long ANSWER_MICROS = 2_000_000;

    private final LnsSocket socket;
    private final VirtualStation station;
    private final Thread asking;
    private volatile boolean solved;

    TimeSync(LnsSocket socket, VirtualStation station) {
        this.socket = socket;
        this.station = station;
        this.asking = Thread.ofVirtual().name("virtual-timesync").unstarted(this::ask);
    }

    void start() {
        if (asking.getState() == Thread.State.NEW) {
            asking.start();
        }
    }

    private void ask() {
        try {
            for (int count = 1; !solved; count++) {
                socket.send(LnsCodec.write(new LnsUplink.TimeSync(Transmission.now())));
                Thread.sleep(count % BURST == 0 ? PAUSE : RETRY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** An answer, or the time of an uplink that the LNS knows from another gateway. */
    void received(StationJson json) {
        long xtime = json.whole("xtime", 0);
        long txTime = json.whole("txtime", 0);
        long gpsTime = json.whole("gpstime", 0);
        boolean answers = txTime != 0 && gpsTime != 0;
        if (answers && Transmission.now() - txTime > ANSWER_MICROS) {
            station.tell(new StationEvent.Dropped("answer to timesync is too late"));
            return;
        }
        if ((xtime != 0 || answers) && !solved) {
            solved = true;
            station.tell(new StationEvent.TimeSynced(gpsTime));
        }
    }

    @Override
    public void close() {
        asking.interrupt();
    }
}
