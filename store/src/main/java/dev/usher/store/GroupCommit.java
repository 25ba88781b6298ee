package dev.usher.store;

import static java.util.Objects.requireNonNull;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Makes the requests of many callers durable with one commit, whatever {@link #kind} of change they
 * ask for.
 *
 * <p>Callers wait; a thread takes what is there, runs it in one transaction, commits, and tells
 * them. Where the database can make several transactions at a time there may be several threads.
 *
 * <p>Under load the cost of the commit is shared by the whole group, and after a commit that was
 * shared the next is put off for a moment, so that more share it; alone, a request waits for
 * nobody. Nobody is told of a change that is not yet durable. A request that fails is undone alone:
 * the transaction it was in is rolled back, and the changes of each kind are run again by
 * themselves, of the kind that fails one by one; so the others never notice. If the database itself
 * is away, all are told so at once.
 */
final class GroupCommit implements AutoCloseable {

    /** Of one kind. */
    private static final int LARGEST_GROUP = 256;

    /** Of one kind. */
    private static final int LONGEST_QUEUE = 4096;

    /**
     * How far apart shared commits begin at the least: that one becomes durable costs as much CPU
     * time as some ten joins in it.
     */
    private static final Duration APART = Duration.ofMillis(2);

    private static final Duration LONGEST_REST = Duration.ofMillis(100);
    private static final Duration LONGEST_FAREWELL = Duration.ofSeconds(10);

    /** Makes changes in one transaction. */
    @FunctionalInterface
    interface Transaction {

        /** Returns when what was done is durable, or throws when it is rolled back. */
        void run(Work work);
    }

    /** What is done in a transaction. */
    @FunctionalInterface
    interface Work {
        void with(Handle handle) throws SQLException;
    }

    /**
     * One kind of change, for as many requests as are there.
     *
     * @param <Q> what a caller asks for
     * @param <R> what it is told
     */
    @FunctionalInterface
    interface Together<Q, R extends @Nullable Object> {

        /** Returns a result for each request, in their order. */
        List<R> make(Handle handle, List<Q> requests) throws SQLException;
    }

    private final Transaction transaction;
    private final Database.CommitObserver observer;
    private final List<Kind<?, ?>> kinds = new CopyOnWriteArrayList<>();
    private final Semaphore asked = new Semaphore(0);
    private final List<Thread> writers;
    private volatile boolean closed;

    /**
     * Starts its threads.
     *
     * @param name of each thread
     * @param threads how many transactions there may be at a time
     * @param observer is told of each kind that was in a commit
     */
    GroupCommit(
            String name, int threads, Transaction transaction, Database.CommitObserver observer) {
        this.transaction = requireNonNull(transaction, "transaction");
        this.observer = requireNonNull(observer, "observer");
        this.writers =
                IntStream.range(0, threads)
                        .mapToObj(_ -> Thread.ofPlatform().name(name).daemon().start(this::drain))
                        .toList();
    }

    /** Takes up a kind of change; those of several kinds share transactions, in this order. */
    <Q, R extends @Nullable Object> Grouped<Q, R> kind(String name, Together<Q, R> change) {
        Kind<Q, R> kind = new Kind<>(name, change);
        kinds.add(kind);
        return kind;
    }

    private void drain() {
        while (!closed || kinds.stream().anyMatch(Kind::isAskedFor)) {
            try {
                if (asked.tryAcquire(LONGEST_REST.toMillis(), TimeUnit.MILLISECONDS)) {
                    asked.drainPermits();
                    long began = System.nanoTime();
                    if (commitWhatIsThere() > 1) {
                        Thread.sleep(APART.minusNanos(System.nanoTime() - began));
                    }
                }
            } catch (InterruptedException e) {
                closed = true;
            }
        }
    }

    private int commitWhatIsThere() {
        List<Group<?, ?>> groups = new ArrayList<>(kinds.size());
        int size = 0;
        for (Kind<?, ?> kind : kinds) {
            Group<?, ?> group = kind.take();
            if (group.size() > 0) {
                groups.add(group);
                size += group.size();
            }
        }
        if (size > 0) {
            commit(groups);
        }
        return size;
    }

    private void commit(List<? extends Group<?, ?>> groups) {
        try {
            transaction.run(
                    handle -> {
                        for (Group<?, ?> group : groups) {
                            group.make(handle);
                        }
                    });
        } catch (RuntimeException | Error e) {
            if (e instanceof DatabaseUnreachable) {
                groups.forEach(group -> group.fail(e));
            } else if (groups.size() > 1) {
                groups.forEach(group -> commit(List.of(group)));
            } else if (groups.getFirst().size() > 1) {
                groups.getFirst().split().forEach(one -> commit(List.of(one)));
            } else {
                groups.getFirst().fail(e);
            }
            return;
        }
        groups.forEach(Group::tell);
    }

    /** Lets the requests that are already waiting finish, then stops. */
    @Override
    public void close() {
        closed = true;
        try {
            for (Thread writer : writers) {
                writer.join(LONGEST_FAREWELL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kinds.forEach(Kind::refuseAll);
    }

    private boolean isAlive() {
        return writers.stream().anyMatch(Thread::isAlive);
    }

    private static StoreException isClosed() {
        return new StoreException("the database is closed: nothing was changed", null);
    }

    private final class Kind<Q, R extends @Nullable Object> implements Grouped<Q, R> {

        private final String name;
        private final Together<Q, R> change;
        private final BlockingQueue<Pending<Q, R>> queue = new ArrayBlockingQueue<>(LONGEST_QUEUE);

        Kind(String name, Together<Q, R> change) {
            this.name = requireNonNull(name, "name");
            this.change = requireNonNull(change, "change");
        }

        @Override
        public R run(Q request) {
            Pending<Q, R> pending = new Pending<>(requireNonNull(request, "request"));
            try {
                while (!queue.offer(pending, 1, TimeUnit.SECONDS)) {
                    requireOpen();
                }
                asked.release();
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
            asked.release();
            if (closed && !isAlive() && queue.remove(pending)) {
                return CompletableFuture.failedFuture(isClosed());
            }
            return pending.done;
        }

        private void requireOpen() {
            if (closed && !isAlive()) {
                throw isClosed();
            }
        }

        boolean isAskedFor() {
            return !queue.isEmpty();
        }

        Group<Q, R> take() {
            List<Pending<Q, R>> taken = new ArrayList<>();
            queue.drainTo(taken, LARGEST_GROUP);
            if (isAskedFor()) {
                asked.release();
            }
            return new Group<>(this, taken);
        }

        void refuseAll() {
            List<Pending<Q, R>> left = new ArrayList<>();
            queue.drainTo(left);
            left.forEach(pending -> pending.done.completeExceptionally(isClosed()));
        }
    }

    /** Requests of one kind that share a transaction. */
    private final class Group<Q, R extends @Nullable Object> {

        private final Kind<Q, R> kind;
        private final List<Pending<Q, R>> pending;
        private List<R> results = List.of();

        Group(Kind<Q, R> kind, List<Pending<Q, R>> pending) {
            this.kind = kind;
            this.pending = pending;
        }

        int size() {
            return pending.size();
        }

        void make(Handle handle) throws SQLException {
            results = kind.change.make(handle, pending.stream().map(one -> one.request).toList());
        }

        List<Group<Q, R>> split() {
            return pending.stream().map(one -> new Group<>(kind, List.of(one))).toList();
        }

        void fail(Throwable why) {
            pending.forEach(one -> one.done.completeExceptionally(why));
        }

        void tell() {
            observer.committed(kind.name, pending.size());
            for (int i = 0; i < pending.size(); i++) {
                pending.get(i).done.complete(results.get(i));
            }
        }
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
