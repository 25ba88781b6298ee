package dev.usher.keys;

import dev.usher.lorawan.Aes128;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A root key inside a token, from its first use until it is closed. It is unwrapped in the call
 * that uses it first, which spares a trip to the token.
 */
final class KeyInToken implements Aes128, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KeyInToken.class);

    private static final int BLOCK = 16;

    /** PKCS#11's CK_INVALID_HANDLE. */
    private static final long NONE = 0;

    private final TokenThreads threads;
    private final SessionPool sessions;
    private final ToLongFunction<Cryptoki.Session> unwrap;
    private long handle = NONE;
    private boolean closed;

    /**
     * @param unwrap makes the session object and returns its handle
     */
    KeyInToken(
            TokenThreads threads, SessionPool sessions, ToLongFunction<Cryptoki.Session> unwrap) {
        this.threads = threads;
        this.sessions = sessions;
        this.unwrap = unwrap;
    }

    @Override
    public byte[] encrypt(byte[] blocks) {
        return call(blocks, Cryptoki.Session::encryptBlocks);
    }

    @Override
    public byte[] decrypt(byte[] blocks) {
        return call(blocks, Cryptoki.Session::decryptBlocks);
    }

    @FunctionalInterface
    private interface Direction {
        byte[] apply(Cryptoki.Session session, long key, byte[] blocks);
    }

    private byte[] call(byte[] blocks, Direction direction) {
        if (blocks.length % BLOCK != 0) {
            throw new IllegalArgumentException(
                    blocks.length + " bytes are not a whole number of 16-byte blocks");
        }
        known(); // so that a key that is not in use any more costs no trip
        return threads.call(
                Pkcs11Vault.DEADLINE,
                () -> sessions.call(session -> direction.apply(session, key(session), blocks)));
    }

    private long key(Cryptoki.Session session) {
        long known = known();
        return known != NONE ? known : unwrapped(session);
    }

    private synchronized long known() {
        if (closed) {
            throw new IllegalStateException("the root key is not in use any more");
        }
        return handle;
    }

    /** Holds no lock while the token works, which may hang. */
    private long unwrapped(Cryptoki.Session session) {
        long mine = unwrap.applyAsLong(session);
        synchronized (this) {
            if (!closed && handle == NONE) {
                handle = mine;
                return mine;
            }
        }
        // Another call was first, or nobody waits for this one any more.
        session.destroy(mine);
        return known();
    }

    /** Has the key destroyed, without a caller waiting for it who has what he needs. */
    @Override
    public void close() {
        long left;
        synchronized (this) {
            closed = true;
            left = handle;
            handle = NONE;
        }
        if (left == NONE) {
            return;
        }
        sessions.discard(left);
        try {
            threads.callLater(sessions::destroyDiscarded);
        } catch (VaultUnavailableException e) {
            log.debug("a root key is destroyed together with the next one: {}", e.getMessage());
        }
    }
}
