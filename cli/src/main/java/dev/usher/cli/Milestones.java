package dev.usher.cli;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Things that are to happen, each of them a sentence. Safe to use from several threads. */
final class Milestones {

    private final Set<String> missing;

    Milestones(List<String> all) {
        this.missing = new LinkedHashSet<>(all);
    }

    /** This has happened; whatever was not to happen is no matter. */
    synchronized void reached(String one) {
        if (missing.remove(one) && missing.isEmpty()) {
            notifyAll();
        }
    }

    /** Waits for all; what is still missing then, nothing if all have happened. */
    synchronized List<String> await(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!missing.isEmpty()) {
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                return List.copyOf(missing);
            }
            wait(millis);
        }
        return List.of();
    }
}
