package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.stream.Stream;

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
    private final Map<ByteBuffer, Window> windows = new ConcurrentHashMap<>();

    /**
     * What is known of a frame.
     *
     * @param open whether more copies count
     */
    private record Window(List<Heard> copies, boolean open) {

        Window with(Heard heard) {
            return open
                    ? new Window(Stream.concat(copies.stream(), Stream.of(heard)).toList(), true)
                    : this;
        }

        Window closed() {
            return new Window(copies, false);
        }
    }

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
     * @return whether it counts; a copy that comes too late does not
     */
    boolean heard(byte[] phyPayload, Heard heard, Consumer<List<Heard>> whole) {
        ByteBuffer frame = ByteBuffer.wrap(phyPayload.clone()).asReadOnlyBuffer();
        Window now =
                windows.compute(
                        frame,
                        (_, known) ->
                                known == null
                                        ? new Window(List.of(heard), true)
                                        : known.with(heard));
        boolean isFirst = now.open() && now.copies().size() == 1;
        if (isFirst) {
            var _ = timer.schedule(() -> close(frame, whole), length.toNanos(), NANOSECONDS);
            var _ = timer.schedule(() -> windows.remove(frame), latest.toNanos(), NANOSECONDS);
        }
        return now.open();
    }

    private void close(ByteBuffer frame, Consumer<List<Heard>> whole) {
        Window closed = windows.computeIfPresent(frame, (_, known) -> known.closed());
        if (closed != null) {
            Thread.startVirtualThread(() -> whole.accept(Heard.bestFirst(closed.copies())));
        }
    }
}
