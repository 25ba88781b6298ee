package dev.usher.store;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Makes the changes of many callers durable with one commit.
 *
 * <p>Callers park; one thread takes what is waiting (no deliberate delay), runs it in one
 * transaction, commits, and wakes them. Under load the cost of the commit is shared by the whole
 * group; alone, a change waits for nobody. Nobody is told of a change that is not yet durable. A
 * change that fails is undone alone: the group it was in is rolled back and its changes are run one
 * by one, so the others never notice.
 */
final class GroupCommit implements AutoCloseable {

    private static final int LARGEST_GROUP = 256;
    private static final int LONGEST_QUEUE = 4096;

    /** Runs the body in a transaction: commits when it returns, rolls back when it throws. */
    @FunctionalInterface
    interface Transaction {
        void run(Consumer<Handle> body);
    }

    private final Transaction transaction;
    private final BlockingQueue<Pending<?>> queue = new ArrayBlockingQueue<>(LONGEST_QUEUE);
    private final Thread writer;
    private volatile boolean closed;

    GroupCommit(String name, Transaction transaction) {
        this.transaction = requireNonNull(transaction, "transaction");
        this.writer = Thread.ofPlatform().name(name).daemon().start(this::drain);
    }

    /** Runs the change and returns its result once it is durable. */
    <T> T commit(Change<T> change) {
        Pending<T> pending = new Pending<>(requireNonNull(change, "change"));
        try {
            while (!queue.offer(pending, 1, TimeUnit.SECONDS)) {
                requireOpen();
            }
            requireOpen();
            return pending.done.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while waiting to write: nothing was changed", e);
        } catch (CompletionException e) {
            throw pending.failure(e);
        }
    }

    private void requireOpen() {
        if (closed && !writer.isAlive()) {
            throw new StoreException("the database is closed: nothing was changed", null);
        }
    }

    private void drain() {
        List<Pending<?>> group = new ArrayList<>(LARGEST_GROUP);
        while (!(closed && queue.isEmpty())) {
            try {
                Pending<?> first = queue.poll(100, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                group.add(first);
                queue.drainTo(group, LARGEST_GROUP - 1);
                commitTogether(group);
            } catch (InterruptedException e) {
                closed = true;
            } finally {
                group.clear();
            }
        }
    }

    private void commitTogether(List<Pending<?>> group) {
        try {
            transaction.run(handle -> group.forEach(pending -> pending.run(handle)));
            group.forEach(Pending::succeed);
        } catch (RuntimeException | Error e) {
            if (group.size() == 1) {
                group.getFirst().fail(e);
            } else {
                group.forEach(pending -> commitTogether(List.of(pending)));
            }
        }
    }

    /** Lets the changes that are already waiting finish, then stops. */
    @Override
    public void close() {
        closed = true;
        try {
            writer.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<Pending<?>> left = new ArrayList<>();
        queue.drainTo(left);
        left.forEach(
                pending ->
                        pending.fail(
                                new StoreException(
                                        "the database is closed: nothing was changed", null)));
    }

    private static final class Pending<T> {
        private final Change<T> change;
        private final CompletableFuture<T> done = new CompletableFuture<>();
        private @Nullable T result;

        Pending(Change<T> change) {
            this.change = change;
        }

        void run(Handle handle) {
            result = change.apply(handle);
        }

        @SuppressWarnings(
                "NullAway") // run() came before, and a change may return null only where T is
        // nullable
        void succeed() {
            done.complete(result);
        }

        void fail(Throwable cause) {
            done.completeExceptionally(cause);
        }

        /**
         * The change's own exception, with the caller's stack added so that both sides of the
         * hand-over can be seen.
         */
        RuntimeException failure(CompletionException wrapped) {
            Throwable cause = wrapped.getCause() == null ? wrapped : wrapped.getCause();
            cause.addSuppressed(new Throwable("the change was asked for here"));
            if (cause instanceof Error error) {
                throw error;
            }
            return (RuntimeException) cause;
        }
    }
}
