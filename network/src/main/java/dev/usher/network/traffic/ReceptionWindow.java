package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Gathers the copies of a frame that several gateways heard: from the first one on it waits a
 * moment for the others, then hands over all of them. A copy that comes later yet is dropped.
 *
 * <p>A frame that a device sends again, for lack of an answer, begins anew: devices wait for longer
 * than a copy can take.
 */
final class ReceptionWindow {

    private final Duration length;
    private final Duration latest;
    private final ScheduledExecutorService timer;
    private final Map<ByteBuffer, List<Heard>> open = new ConcurrentHashMap<>();

    /**
     * A window.
     *
     * @param length how long it waits
     * @param latest after what time a copy is a frame of its own
     */
    ReceptionWindow(Duration length, Duration latest, ScheduledExecutorService timer) {
        this.length = requireNonNull(length, "length");
        this.latest = requireNonNull(latest, "latest");
        this.timer = requireNonNull(timer, "timer");
    }

    /**
     * A gateway heard a frame.
     *
     * @param whole called on a virtual thread, once, with all copies: the best first
     */
    void heard(byte[] phyPayload, Heard heard, Consumer<List<Heard>> whole) {
        ByteBuffer frame = ByteBuffer.wrap(phyPayload.clone()).asReadOnlyBuffer();
        AtomicBoolean first = new AtomicBoolean();
        open.compute(
                frame,
                (_, known) -> {
                    first.set(known == null);
                    List<Heard> copies = known == null ? new ArrayList<>(2) : known;
                    copies.add(heard);
                    return copies;
                });
        if (first.get()) {
            var _ = timer.schedule(() -> close(frame, whole), length.toNanos(), NANOSECONDS);
            var _ = timer.schedule(() -> open.remove(frame), latest.toNanos(), NANOSECONDS);
        }
    }

    private void close(ByteBuffer frame, Consumer<List<Heard>> whole) {
        List<Heard> copies = new ArrayList<>();
        open.computeIfPresent(
                frame,
                (_, known) -> {
                    copies.addAll(known);
                    return known;
                });
        Thread.startVirtualThread(() -> whole.accept(Heard.bestFirst(copies)));
    }
}
