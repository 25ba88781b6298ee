package dev.usher.store;

import org.jdbi.v3.core.Handle;

/**
 * One change to the database: it reads what it depends on and writes what follows, inside the
 * transaction it is given.
 *
 * <p>It may be run more than once (a transaction that holds several changes is undone and repeated
 * when one of them fails), so it must have no effect but through the handle, and must compute its
 * result anew each time.
 *
 * @param <T> what the caller is told once the change is durable
 */
@FunctionalInterface
public interface Change<T> {

    T apply(Handle handle);
}
