package dev.usher.network.cups;

import dev.usher.station.Why;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What is kept in memory of one gateway. */
final class Remembered {

    private List<Why> whys = List.of();
    private Optional<Trial> trial = Optional.empty();
    private Optional<Instant> selfRegisteredAt = Optional.empty();

    /** Adds one more; the same again counts up instead of filling the list. */
    synchronized void add(Why why) {
        whys = Why.with(whys, why);
    }

    /** The newest first. */
    synchronized List<Why> whys() {
        return whys;
    }

    synchronized Optional<Trial> trial() {
        return trial;
    }

    synchronized void setTrial(Optional<Trial> now) {
        trial = now;
    }

    /** When it registered itself, until it shows the key that it was told then. */
    synchronized Optional<Instant> selfRegisteredAt() {
        return selfRegisteredAt;
    }

    synchronized void setSelfRegisteredAt(Optional<Instant> at) {
        selfRegisteredAt = at;
    }
}
