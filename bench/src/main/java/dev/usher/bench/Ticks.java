package dev.usher.bench;

import io.netty.channel.EventLoop;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets something happen on an event loop at short intervals, as a load at an even rate needs it.
 *
 * <p>The loop is not to do so by itself: for what is due within half a millisecond, Netty's loop
 * looks at its sockets without end instead of waiting, and takes from the server one of the cores
 * that they share.
 */
final class Ticks {

    private static final long PERIOD = TimeUnit.MICROSECONDS.toNanos(500);

    private Ticks() {}

    /**
     * Begins; does not wait.
     *
     * @param tick says whether there is to be another
     */
    static void on(EventLoop loop, Callable<Boolean> tick) {
        Thread.ofPlatform()
                .name("usher-bench-ticks")
                .daemon()
                .start(
                        () -> {
                            try {
                                while (loop.submit(tick).get()) {
                                    LockSupport.parkNanos(PERIOD);
                                }
                            } catch (InterruptedException | ExecutionException e) {
                                throw new IllegalStateException("the load ended too early", e);
                            }
                        });
    }
}
