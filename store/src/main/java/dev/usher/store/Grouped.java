package dev.usher.store;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Makes one kind of change, together with whoever else asks for it at the time ({@link
 * Database#grouped}).
 *
 * @param <Q> what a caller asks for
 * @param <R> what it is told once that is durable
 */
public interface Grouped<Q, R extends @Nullable Object> {

    /**
     * Waits for the result, which is durable.
     *
     * @throws StoreException as {@link Database#write} does
     */
    R run(Q request);

    /**
     * Asks without waiting. What is made to depend on the result may run on the thread that makes
     * all these changes, so it must be short and never wait for the database.
     *
     * @return fails with what {@link #run} throws, also if too many are waiting
     */
    CompletableFuture<R> submit(Q request);
}
