package dev.usher.api;

import dev.usher.backend.Answer;
import dev.usher.backend.BackendCodec;
import dev.usher.devices.AsyncTarget;
import dev.usher.keys.SystemAuthorities;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts answers to asynchronous peers in the background, over connections that are kept. An answer
 * that a peer does not take with a 2xx is tried again for about a minute, and then given up: the
 * device will have asked again by then. Nothing of an answer is logged, as it holds keys.
 */
public final class AsyncAnswers implements AutoCloseable {

    /** Before each try but the first. */
    static final List<Duration> PAUSES =
            List.of(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(4),
                    Duration.ofSeconds(15),
                    Duration.ofSeconds(30));

    /** Answers to one peer that wait; a peer that is away must not fill the memory. */
    static final int MOST_WAITING = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(AsyncAnswers.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration FAREWELL = Duration.ofSeconds(2);
    private static final int CONNECTIONS_PER_PEER = 32;

    private final List<Duration> pauses;
    private final List<X509Certificate> authorities;
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("usher-async-answer-", 0).factory());
    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
    private final Set<Asked> underway = ConcurrentHashMap.newKeySet();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Counter delivered;
    private final Counter retried;
    private final Counter abandoned;
    private final Counter dropped;
    private final Counter repeated;

    /** Made for the first answer: few have peers that want them so, and it takes a while. */
    private @Nullable HttpClient client;

    /** What one peer may take up. */
    private record Lane(Semaphore places, Semaphore connections) {
        static Lane empty() {
            return new Lane(new Semaphore(MOST_WAITING), new Semaphore(CONNECTIONS_PER_PEER));
        }
    }

    /**
     * @param authorities whose certificates peers may show, besides those the system trusts
     */
    public AsyncAnswers(List<X509Certificate> authorities, MeterRegistry meters) {
        this(authorities, meters, PAUSES);
    }

    AsyncAnswers(List<X509Certificate> authorities, MeterRegistry meters, List<Duration> pauses) {
        this.pauses = List.copyOf(pauses);
        this.authorities = List.copyOf(authorities);
        this.delivered = counter(meters, "delivered");
        this.retried = counter(meters, "retried");
        this.abandoned = counter(meters, "abandoned");
        this.dropped = counter(meters, "dropped");
        this.repeated = counter(meters, "repeated");
        Gauge.builder("usher.backend.async.waiting", waiting, AtomicInteger::get)
                .description("Answers to asynchronous peers that are on their way")
                .register(meters);
    }

    private synchronized HttpClient client() {
        HttpClient made = client;
        if (made == null) {
            made =
                    HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .followRedirects(HttpClient.Redirect.NEVER)
                            .connectTimeout(PATIENCE)
                            .sslContext(trusting(authorities))
                            .executor(threads)
                            .build();
            client = made;
        }
        return made;
    }

    private static Counter counter(MeterRegistry meters, String outcome) {
        return Counter.builder("usher.backend.async")
                .description("Answers to asynchronous peers by what became of them")
                .tag("outcome", outcome)
                .register(meters);
    }

    /**
     * Sends an answer on its way, and returns at once.
     *
     * @param request what is answered. If it came again while its answer is on the way, as it does
     *     when a peer misses the acknowledgement, the refusal of the second is not sent: it would
     *     only say that the frame was seen before, and might arrive first.
     */
    void post(String peer, AsyncTarget target, byte[] request, Answer answer) {
        byte[] json = BackendCodec.write(answer);
        Asked asked = new Asked(peer, ByteBuffer.wrap(request));
        boolean first = underway.add(asked);
        if (!first && !answer.result().isSuccess()) {
            repeated.increment();
            return;
        }
        post(
                peer,
                target,
                json,
                () -> {
                    if (first) {
                        underway.remove(asked);
                    }
                });
    }

    /** A request, by its bytes: there are peers whose TransactionID is always 0. */
    private record Asked(String peer, ByteBuffer request) {}

    private void post(String peer, AsyncTarget target, byte[] answer, Runnable done) {
        Lane lane = lanes.computeIfAbsent(peer, _ -> Lane.empty());
        if (!lane.places().tryAcquire()) {
            dropped.increment();
            LOG.warn("peer {}: {} answers wait already, one is dropped", peer, MOST_WAITING);
            done.run();
            return;
        }
        waiting.incrementAndGet();
        try {
            threads.execute(
                    () -> {
                        try {
                            deliver(lane, peer, target, answer);
                        } finally {
                            left(lane);
                            done.run();
                        }
                    });
        } catch (RejectedExecutionException e) {
            left(lane);
            done.run();
            abandoned.increment();
        }
    }

    private void left(Lane lane) {
        waiting.decrementAndGet();
        lane.places().release();
    }

    private void deliver(Lane lane, String peer, AsyncTarget target, byte[] answer) {
        HttpRequest request = request(target, answer);
        try {
            Optional<String> problem = tryOnce(lane, request);
            for (Duration pause : pauses) {
                if (problem.isEmpty()) {
                    break;
                }
                retried.increment();
                Thread.sleep(pause);
                problem = tryOnce(lane, request);
            }
            problem.ifPresentOrElse(
                    why -> {
                        abandoned.increment();
                        LOG.warn(
                                "peer {} did not take an answer at {} in {} tries: {}",
                                peer,
                                target.url().getHost(),
                                pauses.size() + 1,
                                why);
                    },
                    delivered::increment);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abandoned.increment();
        }
    }

    private static HttpRequest request(AsyncTarget target, byte[] answer) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(target.url())
                        .timeout(PATIENCE)
                        .header("Content-Type", BackendFace.JSON)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(answer));
        target.authorization().ifPresent(value -> request.header("Authorization", value));
        return request.build();
    }

    /** Returns what went wrong. */
    private Optional<String> tryOnce(Lane lane, HttpRequest request) throws InterruptedException {
        lane.connections().acquire();
        try {
            int status =
                    client().send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            return status / 100 == 2
                    ? Optional.empty()
                    : Optional.of("it answered with status " + status);
        } catch (IOException e) {
            String message = e.getMessage();
            return Optional.of(message == null ? e.getClass().getSimpleName() : message);
        } finally {
            lane.connections().release();
        }
    }

    private static SSLContext trusting(List<X509Certificate> authorities) {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            int number = 0;
            for (X509Certificate authority : SystemAuthorities.and(authorities)) {
                trusted.setCertificateEntry("ca-" + number++, authority);
            }
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java has no usable TLS", e);
        }
    }

    /** Gives answers that are on their way a moment, and stops; others are lost. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            threads.awaitTermination(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (waiting.get() > 0) {
            LOG.warn("{} answers to asynchronous peers are given up", waiting.get());
        }
        threads.shutdownNow();
        shutDownClient();
    }

    private synchronized void shutDownClient() {
        if (client != null) {
            client.shutdownNow();
        }
    }
}
