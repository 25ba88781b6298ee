package dev.usher.store;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A small part of the database kept in memory because it is asked for all the time. What another
 * node changed is known here after {@link #OLDEST}; what this node changed, after {@link #refresh}.
 *
 * @param <T> what it is read into; immutable
 */
public final class Snapshot<T> {

    /** A snapshot that is older is read again by whoever asks next. */
    public static final Duration OLDEST = Duration.ofSeconds(2);

    private static final Duration MOMENT = Duration.ofMillis(100);

    private final Database database;
    private final Function<Handle, T> query;
    private final LongSupplier nanos;
    private final AtomicReference<Read<T>> latest;
    private final AtomicReference<@Nullable CompletableFuture<Void>> refreshing =
            new AtomicReference<>();

    private record Read<T>(long began, T value) {}

    /** Reads it for the first time. */
    public Snapshot(Database database, Function<Handle, T> query) {
        this(database, query, System::nanoTime);
    }

    Snapshot(Database database, Function<Handle, T> query, LongSupplier nanos) {
        this.nanos = requireNonNull(nanos, "nanos");
        this.database = requireNonNull(database, "database");
        this.query = requireNonNull(query, "query");
        this.latest = new AtomicReference<>(read());
    }

    /**
     * As the database was {@link #OLDEST} ago, or later. Do not call it within a read or a change:
     * it may have to read itself, or wait for who does, because what is there may be as old as the
     * last question.
     */
    public T current() {
        if (nanos.getAsLong() - latest.get().began() > OLDEST.toNanos()) {
            refreshTogether();
        }
        return latest.get().value();
    }

    private void refreshTogether() {
        CompletableFuture<Void> own = new CompletableFuture<>();
        CompletableFuture<Void> others = refreshing.compareAndExchange(null, own);
        if (others != null) {
            await(others);
            return;
        }
        try {
            refresh();
            own.complete(null);
        } catch (RuntimeException | Error e) {
            own.completeExceptionally(e);
            throw e;
        } finally {
            refreshing.set(null);
        }
    }

    private static void await(CompletableFuture<Void> refresh) {
        try {
            refresh.join();
        } catch (CompletionException e) {
            if (refresh.exceptionNow() instanceof RuntimeException known) {
                throw known;
            }
            throw e;
        }
    }

    /**
     * As {@link #current}, for those who may not wait; empty if it is about to be read again. If it
     * is not empty, {@link #current} does not wait either for the next 100 ms.
     */
    public Optional<T> fresh() {
        Read<T> read = latest.get();
        return nanos.getAsLong() - read.began() > OLDEST.minus(MOMENT).toNanos()
                ? Optional.empty()
                : Optional.of(read.value());
    }

    /**
     * As it was read last: for a step of something that has asked for {@link #current} or {@link
     * #fresh} before, and may be within a change now.
     */
    public T latest() {
        return latest.get().value();
    }

    /** Reads it again at once. Call it after a change that this node made. */
    public void refresh() {
        Read<T> read = read();
        // Of two that were read at the same time, the one that began earlier may know less.
        latest.accumulateAndGet(
                read, (now, other) -> other.began() - now.began() > 0 ? other : now);
    }

    private Read<T> read() {
        long began = nanos.getAsLong();
        return new Read<>(began, database.read(query));
    }
}
