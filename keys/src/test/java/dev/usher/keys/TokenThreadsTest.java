package dev.usher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.security.InvalidKeyException;
import java.security.ProviderException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TokenThreadsTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(20);

    private final TokenThreads threads = new TokenThreads("the token 'one'", 1, 1);
    private final CountDownLatch hanging = new CountDownLatch(1);

    @AfterEach
    void release() {
        hanging.countDown();
        threads.close();
    }

    private Void hang() throws InterruptedException {
        hanging.await();
        return null;
    }

    @Test
    void callsOnAPlatformThread() {
        Thread thread = threads.call(LONG, Thread::currentThread);
        assertThat(thread.isVirtual()).isFalse();
        assertThat(thread.isDaemon()).isTrue();
        assertThat(thread).isNotSameAs(Thread.currentThread());
    }

    @Test
    void givesUpAtTheDeadline() {
        assertThatExceptionOfType(VaultUnavailableException.class)
                .isThrownBy(() -> threads.call(SHORT, this::hang))
                .withMessage(
                        "the token 'one' did not answer within 20 ms: check that it is reachable"
                                + " and not overloaded");
    }

    @Test
    void namesNoJavaClassWhenTheTokenFails() {
        assertThatExceptionOfType(VaultUnavailableException.class)
                .isThrownBy(
                        () ->
                                threads.call(
                                        LONG,
                                        () -> {
                                            throw new InvalidKeyException(
                                                    "init() failed",
                                                    new ProviderException("CKR_DEVICE_REMOVED"));
                                        }))
                .withMessage(
                        "the token 'one' failed (CKR_DEVICE_REMOVED): check that it is there and in"
                                + " order");
        assertThatExceptionOfType(VaultUnavailableException.class)
                .isThrownBy(
                        () ->
                                threads.call(
                                        LONG,
                                        () -> {
                                            throw new ProviderException("Token has been removed");
                                        }))
                .withMessage(
                        "the token 'one' failed (Token has been removed): check that it is there"
                                + " and in order");
    }

    @Test
    void doesNotRunWhatNobodyWaitsForAnyMore() throws InterruptedException {
        AtomicBoolean ran = new AtomicBoolean();
        Thread running = keepBusy();
        assertThatExceptionOfType(VaultUnavailableException.class)
                .isThrownBy(() -> threads.call(SHORT, () -> ran.getAndSet(true)));
        hanging.countDown();
        assertThat(threads.call(LONG, () -> "answer")).isEqualTo("answer");
        assertThat(ran).isFalse();
        running.join();
    }

    @Test
    void refusesToQueueWithoutEnd() throws InterruptedException {
        Thread running = keepBusy();
        // A call that gave up does not keep its place in the queue.
        assertThatExceptionOfType(VaultUnavailableException.class)
                .isThrownBy(() -> threads.call(SHORT, () -> "given up"));
        Thread queueing = Thread.startVirtualThread(() -> threads.call(LONG, () -> "queued"));
        while (queueing.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        assertThatExceptionOfType(VaultUnavailableException.class)
                .isThrownBy(() -> threads.call(LONG, () -> "refused"))
                .withMessageContaining("1 calls are waiting for the token 'one' already");
        hanging.countDown();
        running.join();
        queueing.join();
    }

    @Test
    void endsTheWaitOfThoseInTheQueueWhenItCloses() throws InterruptedException {
        keepBusy();
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread queueing =
                Thread.startVirtualThread(
                        () -> {
                            try {
                                outcome.set(threads.call(LONG, () -> "queued"));
                            } catch (VaultUnavailableException e) {
                                outcome.set(e);
                            }
                        });
        while (queueing.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        threads.close();
        queueing.join();
        assertThat(outcome.get()).asString().endsWith("the token 'one' is closed");
    }

    /** Occupies the only thread until {@code hanging} is released. */
    private Thread keepBusy() throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        Thread caller =
                Thread.startVirtualThread(
                        () -> {
                            try {
                                threads.call(
                                        LONG,
                                        () -> {
                                            started.countDown();
                                            return hang();
                                        });
                            } catch (VaultException closed) {
                                hanging.countDown();
                            }
                        });
        started.await();
        return caller;
    }

    @Test
    void passesFailuresOn() {
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(
                        () ->
                                threads.call(
                                        LONG,
                                        () -> {
                                            throw new VaultException("no such key");
                                        }))
                .withMessage("no such key");
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(
                        () ->
                                threads.call(
                                        LONG,
                                        () -> {
                                            throw new java.security.ProviderException("broken");
                                        }))
                .withMessageContaining("the token 'one' failed")
                .withMessageContaining("broken");
    }

    @Test
    void refusesCallsOnceClosed() {
        threads.close();
        assertThatExceptionOfType(VaultUnavailableException.class)
                .isThrownBy(() -> threads.call(LONG, () -> "late"))
                .withMessage("the token 'one' is closed");
    }

    @Test
    void staysInterruptible() {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(VaultUnavailableException.class)
                .isThrownBy(() -> threads.call(LONG, this::hang))
                .withMessage("interrupted while waiting for the token 'one'");
        assertThat(Thread.interrupted()).isTrue();
    }
}
