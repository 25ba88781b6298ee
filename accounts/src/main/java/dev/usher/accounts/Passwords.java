package dev.usher.accounts;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Passwords as Argon2id hashes in their usual text form ({@code $argon2id$v=19$m=…,t=…,p=…$salt$
 * hash}), so that the parameters can grow: each hash is checked with its own.
 *
 * <p>19 MiB, 2 passes and 1 lane are what OWASP's Password Storage Cheat Sheet asks for at least.
 */
final class Passwords {

    private static final int MEMORY_KIB = 19 * 1024;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;

    private static final int SHORTEST = 10;
    private static final int LONGEST = 1000;

    /**
     * So many hashes at a time: what they take of memory is bounded, whoever tries, and some of the
     * processors are left to others.
     */
    private static final int AT_A_TIME =
            Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 4);

    /** What they take together is some seconds; others are told to come back. */
    private static final int WAITING = 100;

    private static final Pattern FORM =
            Pattern.compile(
                    "\\$argon2id\\$v=19\\$m=([0-9]{1,7}),t=([0-9]{1,3}),p=([0-9]{1,3})"
                            + "\\$([A-Za-z0-9+/]+)\\$([A-Za-z0-9+/]+)");

    private final SecureRandom random = new SecureRandom();

    /**
     * Threads of their own: on virtual threads, which are not made to take turns, those who sign in
     * would keep requests of all kinds waiting until none of them is left.
     */
    private final ExecutorService threads = threads();

    private static ExecutorService threads() {
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(
                        AT_A_TIME,
                        AT_A_TIME,
                        10,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(WAITING),
                        Thread.ofPlatform().daemon().name("usher-passwords-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /**
     * The hash of a new password.
     *
     * @throws IllegalArgumentException if it is too short or too long
     * @throws TooManySignIns if others have to be waited for too long
     */
    String hash(String password) {
        int length = password.codePointCount(0, password.length());
        if (length < SHORTEST || length > LONGEST) {
            throw new IllegalArgumentException(
                    "the password has "
                            + length
                            + " characters: use "
                            + SHORTEST
                            + " to "
                            + LONGEST);
        }
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return text(salt, argon2id(password, salt, MEMORY_KIB, PASSES, LANES, HASH_BYTES));
    }

    /** A hash that is nobody's, and costs what others cost to compare a password with. */
    static String nobodys() {
        return text(new byte[SALT_BYTES], new byte[HASH_BYTES]);
    }

    private static String text(byte[] salt, byte[] hash) {
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
                .formatted(
                        MEMORY_KIB,
                        PASSES,
                        LANES,
                        base64.encodeToString(salt),
                        base64.encodeToString(hash));
    }

    /**
     * Whether this is the password that was hashed.
     *
     * @throws TooManySignIns if others have to be waited for too long
     */
    boolean matches(String stored, String password) {
        Matcher parts = FORM.matcher(stored);
        if (!parts.matches()) {
            throw new IllegalStateException("a stored password hash is not Argon2id's text form");
        }
        byte[] hash = Base64.getDecoder().decode(parts.group(5));
        return password.length() <= LONGEST * 2
                && MessageDigest.isEqual(
                        hash,
                        argon2id(
                                password,
                                Base64.getDecoder().decode(parts.group(4)),
                                Integer.parseInt(parts.group(1)),
                                Integer.parseInt(parts.group(2)),
                                Integer.parseInt(parts.group(3)),
                                hash.length));
    }

    private byte[] argon2id(
            String password, byte[] salt, int memoryKib, int passes, int lanes, int length) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(
                new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                        .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                        .withSalt(salt)
                        .withMemoryAsKB(memoryKib)
                        .withIterations(passes)
                        .withParallelism(lanes)
                        .build());
        byte[] hash = new byte[length];
        byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
        try {
            threads.submit(() -> generator.generateBytes(bytes, hash)).get();
        } catch (RejectedExecutionException e) {
            throw new TooManySignIns(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopped while a password was checked", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a password could not be checked", e);
        }
        return hash;
    }
}
