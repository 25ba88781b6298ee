package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import dev.usher.keys.Sealer;
import dev.usher.store.Change;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Lets a client repeat a request without repeating its effect: the answer to a request with an
 * Idempotency-Key is written in the same transaction as the change, and given again to the same
 * request with the same key for a day.
 */
public final class IdempotentAnswers {

    private static final Duration KEPT = Duration.ofHours(24);
    private static final int LONGEST_KEY = 255;

    private final Sealer sealer;
    private final InstantSource clock;

    public IdempotentAnswers(Sealer sealer, InstantSource clock) {
        this.sealer = requireNonNull(sealer, "sealer");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * The change, made at most once for this caller and key; without a key it is made each time.
     *
     * @param requestHash a digest of everything the request asks for; another request with the same
     *     key is a {@link Conflict}
     * @throws IllegalArgumentException if the key is empty or longer than 255 characters
     */
    public Change<String> once(
            Caller caller, Optional<String> key, byte[] requestHash, Change<String> change) {
        return onceForPart(caller, key, 0, requestHash, change);
    }

    /**
     * One part of a request that is too long for one change; each part is made at most once.
     *
     * @param whole the key of the request; without one the part is made each time
     * @param part which one, from 0
     * @param requestHash a digest of everything the request asks for, the same for all its parts
     * @throws IllegalArgumentException if the key is empty or longer than 255 characters
     */
    public Change<String> onceForPart(
            Caller caller,
            Optional<String> whole,
            int part,
            byte[] requestHash,
            Change<String> change) {
        whole.ifPresent(IdempotentAnswers::requireUsable);
        // No header has such a line end in it, so this is nobody's own key.
        return whole.map(key -> part == 0 ? key : key + "\n" + part)
                .map(key -> make(caller, key, requestHash, change))
                .orElse(change);
    }

    private Change<String> make(
            Caller caller, String key, byte[] requestHash, Change<String> change) {
        return handle -> {
            handle.execute(
                    "DELETE FROM idempotent_answer WHERE created_at < ?",
                    clock.millis() - KEPT.toMillis());
            Optional<String> earlier = stored(handle, caller, key, requestHash);
            if (earlier.isPresent()) {
                return earlier.get();
            }
            String answer = change.apply(handle);
            handle.execute(
                    "INSERT INTO idempotent_answer (principal, request_key, request_hash, answer,"
                            + " created_at) VALUES (?, ?, ?, ?, ?)",
                    caller.name(),
                    key,
                    requestHash,
                    sealer.seal(context(caller, key), answer.getBytes(StandardCharsets.UTF_8)),
                    clock.millis());
            return answer;
        };
    }

    /**
     * What this caller was answered with this key before: for what must be done but once outside of
     * the database.
     *
     * @throws Conflict if that was another request
     */
    public Optional<String> earlier(Handle handle, Caller caller, String key, byte[] requestHash) {
        requireUsable(key);
        return stored(handle, caller, key, requestHash);
    }

    private Optional<String> stored(Handle handle, Caller caller, String key, byte[] requestHash) {
        return find(handle, caller, key)
                .map(
                        stored -> {
                            if (!Arrays.equals(stored.requestHash(), requestHash)) {
                                throw new Conflict(
                                        "the Idempotency-Key was used for another request within a"
                                                + " day: use a new key");
                            }
                            return new String(
                                    sealer.open(context(caller, key), stored.answer()),
                                    StandardCharsets.UTF_8);
                        });
    }

    private static void requireUsable(String key) {
        if (key.isEmpty() || key.length() > LONGEST_KEY) {
            throw new IllegalArgumentException(
                    "the Idempotency-Key has "
                            + key.length()
                            + " characters: use 1 to "
                            + LONGEST_KEY);
        }
    }

    private record Stored(byte[] requestHash, byte[] answer) {}

    private static Optional<Stored> find(Handle handle, Caller caller, String key) {
        return handle.createQuery(
                        "SELECT request_hash, answer FROM idempotent_answer WHERE principal ="
                                + " :principal AND request_key = :key")
                .bind("principal", caller.name())
                .bind("key", key)
                .map((row, _) -> new Stored(row.getBytes("request_hash"), row.getBytes("answer")))
                .findOne();
    }

    private static String context(Caller caller, String key) {
        return "idempotent-answer/" + caller.name() + "/" + key;
    }
}
