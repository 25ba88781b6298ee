package dev.usher.keys;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/**
 * Sessions on a token that stay open from call to call, for one call at a time each. A session
 * object (a root key that is being used) lasts as long as the session it was made in, but every
 * session sees it: so there are no more sessions than calls at the same moment, however many keys
 * are in use.
 */
final class SessionPool implements AutoCloseable {

    private final Cryptoki cryptoki;
    private final long slot;
    private final ConcurrentLinkedDeque<Long> idle = new ConcurrentLinkedDeque<>();
    private final ConcurrentLinkedQueue<Long> discarded = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    SessionPool(Cryptoki cryptoki, long slot) {
        this.cryptoki = cryptoki;
        this.slot = slot;
    }

    /** Calls the function with a session; one that broke off is not used again. */
    <T> T call(Function<Cryptoki.Session, T> call) {
        Long known = idle.pollFirst();
        Cryptoki.Session session =
                known != null ? cryptoki.resume(known) : cryptoki.openSession(slot);
        boolean sound = true;
        try {
            return call.apply(session);
        } catch (VaultUnavailableException e) {
            sound = false;
            throw e;
        } finally {
            if (sound) {
                idle.addFirst(session.leave());
            } else {
                session.abandon();
            }
            if (closed) {
                close();
            }
        }
    }

    /** Has a session object destroyed by the next {@link #destroyDiscarded}. */
    void discard(long object) {
        discarded.add(object);
    }

    /** Destroys what was discarded; an object that went with its session already is no failure. */
    void destroyDiscarded() {
        call(
                session -> {
                    for (Long object = discarded.poll();
                            object != null;
                            object = discarded.poll()) {
                        session.destroyIfThere(object);
                    }
                    return session;
                });
    }

    /** How many sessions are open and wait for a call. */
    int idle() {
        return idle.size();
    }

    /** Closes the sessions that are idle, and the others when their calls end. */
    @Override
    public void close() {
        closed = true;
        for (Long session = idle.pollFirst(); session != null; session = idle.pollFirst()) {
            cryptoki.resume(session).abandon();
        }
    }
}
