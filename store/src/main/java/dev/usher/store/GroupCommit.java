package dev.usher.store;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes the requests of many callers durable with one commit.
 *
 * <p>Callers park; one thread takes what is waiting, runs it in one transaction, commits, and wakes
 * them. Under load the cost of the commit is shared by the whole group, and after a commit that was
 * shared the next may be put off for a moment, so that more share it; alone, a request waits for
 * nobody. Nobody is told of a change that is not yet durable. A request that fails is undone alone:
 * the group it was in is rolled back and its requests are run one by one, so the others never
 * notice. If the database itself is away, the whole group is told so at once.
 *
 * @param <Q> what a caller asks for
 * @param <R> what it is told once that is durable
 */
final class GroupCommit<Q, R extends @Nullable Object> implements Grouped<Q, R>, AutoCloseable {

    private static final int LARGEST_GROUP = 256;
    private static final int LONGEST_QUEUE = 4096;

    /** Makes a group of changes in one transaction, and returns when it is durable. */
    @FunctionalInterface
    interface Transaction<Q, R extends @Nullable Object> {

        /**
         * Commits, or throws after it has rolled back.
         *
         * @return a result for each request, in their order
         */
        List<R> run(List<Q> requests);
    }

    private final Duration apart;
    private final Transaction<Q, R> transaction;
    private final BlockingQueue<Pending<Q, R>> queue = new ArrayBlockingQueue<>(LONGEST_QUEUE);
    private final Thread writer;
    private volatile boolean closed;

    /**
     * Starts its thread.
     *
     * @param name the thread's
     * @param apart how long after it began on a group of more than one the next begins at the
     *     earliest, so that requests gather
     */
    GroupCommit(String name, Duration apart, Transaction<Q, R> transaction) {
        this.apart = requireNonNull(apart, "apart");
        this.transaction = requireNonNull(transaction, "transaction");
        this.writer = Thread.ofPlatform().name(name).daemon().start(this::drain);
    }

    @Override
    public R run(Q request) {
        Pending<Q, R> pending = new Pending<>(requireNonNull(request, "request"));
        try {
            while (!queue.offer(pending, 1, TimeUnit.SECONDS)) {
                requireOpen();
            }
            requireOpen();
            return pending.done.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(
                    "interrupted while waiting for the database: nothing was changed", e);
        } catch (CompletionException e) {
            throw pending.failure(e);
        }
    }

    @Override
    public CompletableFuture<R> submit(Q request) {
        Pending<Q, R> pending = new Pending<>(requireNonNull(request, "request"));
        if (!queue.offer(pending)) {
            return CompletableFuture.failedFuture(
                    new StoreException(
                            "the database is busy: " + LONGEST_QUEUE + " others are waiting",
                            null));
        }
        if (closed && !writer.isAlive() && queue.remove(pending)) {
            return CompletableFuture.failedFuture(closed());
        }
        return pending.done;
    }

    private void requireOpen() {
        if (closed && !writer.isAlive()) {
            throw closed();
        }
    }

    private static StoreException closed() {
        return new StoreException("the database is closed: nothing was changed", null);
    }

    private void drain() {
        List<Pending<Q, R>> group = new ArrayList<>(LARGEST_GROUP);
        while (!(closed && queue.isEmpty())) {
            try {
                Pending<Q, R> first = queue.poll(100, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                long began = System.nanoTime();
                group.add(first);
                queue.drainTo(group, LARGEST_GROUP - 1);
                runTogether(group);
                if (group.size() > 1) {
                    Thread.sleep(apart.minusNanos(System.nanoTime() - began));
                }
            } catch (InterruptedException e) {
                closed = true;
            } finally {
                group.clear();
            }
        }
    }

    private void runTogether(List<Pending<Q, R>> group) {
        try {
            List<R> results =
                    transaction.run(group.stream().map(pending -> pending.request).toList());
            for (int i = 0; i < group.size(); i++) {
                group.get(i).done.complete(results.get(i));
            }
        } catch (RuntimeException | Error e) {
            if (group.size() == 1 || e instanceof DatabaseUnreachable) {
                group.forEach(pending -> pending.done.completeExceptionally(e));
            } else {
                group.forEach(pending -> runTogether(List.of(pending)));
            }
        }
    }

    /** Lets the requests that are already waiting finish, then stops. */
    @Override
    public void close() {
        closed = true;
        try {
            writer.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<Pending<Q, R>> left = new ArrayList<>();
        queue.drainTo(left);
        left.forEach(pending -> pending.done.completeExceptionally(closed()));
    }

    private static final class Pending<Q, R extends @Nullable Object> {
        private final Q request;
        private final CompletableFuture<R> done = new CompletableFuture<>();

        Pending(Q request) {
            this.request = request;
        }

        /**
         * The change's own exception, with the caller's stack added so that both sides of the
         * hand-over can be seen.
         */
        RuntimeException failure(CompletionException wrapped) {
            Throwable cause = wrapped.getCause() == null ? wrapped : wrapped.getCause();
            if (cause instanceof DatabaseUnreachable forAll) { // others are told the same
                return new DatabaseUnreachable(String.valueOf(forAll.getMessage()), forAll);
            }
            cause.addSuppressed(new Throwable("the request was made here"));
            if (cause instanceof Error error) {
                throw error;
            }
            return (RuntimeException) cause;
        }
    }
}
