package dev.usher.network.cups;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** What is kept in memory of one gateway. */
final class Remembered {

    private final Deque<Why> whys = new ArrayDeque<>();
    private Optional<Trial> trial = Optional.empty();
    private Optional<Instant> selfRegisteredAt = Optional.empty();

    /** Adds one more; the same again counts up instead of filling the list. */
    synchronized void add(Why why) {
        Why last = whys.peekFirst();
        if (last != null && last.isSame(why)) {
            whys.removeFirst();
            whys.addFirst(new Why(why.at(), why.answer(), why.reason(), last.times() + 1));
            return;
        }
        whys.addFirst(why);
        if (whys.size() > Why.KEPT) {
            whys.removeLast();
        }
    }

    /** The newest first. */
    synchronized List<Why> whys() {
        return List.copyOf(whys);
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
