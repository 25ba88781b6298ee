package dev.usher.keys;

import dev.usher.lorawan.Printable;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Platform threads that call into a token's native library, each call with a deadline.
 *
 * <p>A native call pins its carrier, so a hundred virtual threads waiting for a slow token would
 * stop every other one. Here they park instead, and a token that hangs costs these threads only.
 */
final class TokenThreads implements AutoCloseable {

    private static final Pattern REASON = Pattern.compile("CKR_[A-Z0-9_]+");

    private final String token;
    private final ThreadPoolExecutor threads;

    /**
     * @param token its name for messages
     * @param waiting how many calls may queue before the next is refused at once
     */
    TokenThreads(String token, int count, int waiting) {
        this.token = token;
        this.threads =
                new ThreadPoolExecutor(
                        count,
                        count,
                        1,
                        TimeUnit.MINUTES,
                        new LinkedBlockingQueue<>(waiting),
                        Thread.ofPlatform().daemon().name("token-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Runs the call on one of the threads and waits for it.
     *
     * @throws VaultUnavailableException if it has not returned after the deadline, queueing
     *     included, if the token failed, if too many are queueing, or if this was closed
     */
    <T> T call(Duration deadline, Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        submit(task);
        try {
            return task.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            abandon(task);
            throw new VaultUnavailableException(
                    token
                            + " did not answer within "
                            + deadline.toMillis()
                            + " ms: check that it is reachable and not overloaded");
        } catch (InterruptedException e) {
            abandon(task);
            Thread.currentThread().interrupt();
            throw new VaultUnavailableException("interrupted while waiting for " + token);
        } catch (CancellationException e) {
            throw closed();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case VaultException failed -> throw failed;
                case Error error -> throw error;
                case GeneralSecurityException failed -> throw broken(failed);
                case ProviderException failed -> throw broken(failed);
                case null, default -> throw new IllegalStateException(token, e.getCause());
            }
        }
    }

    /** Java's own names for what went wrong tell an operator nothing; those of PKCS#11 do. */
    private VaultUnavailableException broken(Exception failed) {
        String reason =
                Stream.iterate((Throwable) failed, Objects::nonNull, Throwable::getCause)
                        .map(cause -> REASON.matcher(String.valueOf(cause.getMessage())))
                        .filter(Matcher::find)
                        .map(Matcher::group)
                        .findFirst()
                        .orElseGet(() -> Printable.of(String.valueOf(failed.getMessage())));
        return new VaultUnavailableException(
                token + " failed (" + reason + "): check that it is there and in order", failed);
    }

    /**
     * Has the call run on one of the threads some time, and does not wait for it.
     *
     * @throws VaultUnavailableException if too many are queueing, or if this was closed
     */
    void callLater(Runnable call) {
        submit(new FutureTask<>(call, null));
    }

    private void submit(FutureTask<?> task) {
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            if (threads.isShutdown()) {
                throw closed();
            }
            throw new VaultUnavailableException(
                    threads.getQueue().size()
                            + " calls are waiting for "
                            + token
                            + " already: it is overloaded or hangs");
        }
    }

    /** A call that nobody waits for any more must not run later, nor keep others from queueing. */
    private void abandon(FutureTask<?> task) {
        task.cancel(false);
        threads.remove(task);
    }

    private VaultUnavailableException closed() {
        return new VaultUnavailableException(token + " is closed");
    }

    /** Refuses new calls and those that queue; calls that run are left to end. */
    @Override
    public void close() {
        for (Runnable queued : threads.shutdownNow()) {
            ((FutureTask<?>) queued).cancel(false);
        }
    }
}
