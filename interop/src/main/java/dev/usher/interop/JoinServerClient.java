package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import dev.usher.backend.Answer;
import dev.usher.backend.BackendCodec;
import dev.usher.backend.Header;
import dev.usher.backend.MalformedBackendMessageException;
import dev.usher.backend.Message;
import dev.usher.backend.ProtocolVersion;
import dev.usher.backend.Request;
import dev.usher.backend.UnreadableHeaderException;
import dev.usher.interop.DnsQuestions.DnsException;
import dev.usher.interop.JoinEuiDns.HostPort;
import dev.usher.interop.JoinServerConfig.Scheme;
import dev.usher.interop.Outcome.Answered;
import dev.usher.interop.Outcome.NoJoinServer;
import dev.usher.interop.Outcome.Refused;
import dev.usher.interop.Outcome.Unreachable;
import dev.usher.lorawan.Eui64;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks one Join Server, over connections that are kept. A request whose connection fails before an
 * answer begins is sent once more, the same octets on another connection: a Join Server that has
 * seen it knows it again.
 */
final class JoinServerClient implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(JoinServerClient.class);

    private static final String JSON = "application/json";
    private static final int TRIES = 2;

    private final JoinServerConfig config;
    private final InteropSettings settings;
    private final AsyncReplies replies;
    private final Locations locations;
    private final Tls tls;
    private final HttpClient http;
    private final Semaphore turns;

    JoinServerClient(
            JoinServerConfig config,
            InteropSettings settings,
            AsyncReplies replies,
            Executor threads,
            InstantSource clock) {
        this.config = requireNonNull(config, "config");
        this.settings = requireNonNull(settings, "settings");
        this.replies = requireNonNull(replies, "replies");
        this.locations = Locations.of(config, settings, clock, RandomGenerator.getDefault());
        this.tls = Tls.of(config.rootCa(), config.identity());
        this.turns = new Semaphore(settings.connections());
        this.http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(settings.connectTimeout())
                        .sslContext(tls.context())
                        .executor(threads)
                        .build();
    }

    /** Where a Join Server is, and whether it is worth asking there. */
    record Location(List<HostPort> hosts, CircuitBreaker breaker) {

        Location {
            hosts = List.copyOf(hosts);
        }

        String name() {
            return hosts.getFirst().host() + ":" + hosts.getFirst().port();
        }
    }

    /**
     * Sends a request and waits for its answer.
     *
     * @param component who asks
     * @param type of the answer to such a request
     * @param request makes it, given its header
     */
    <A extends Answer> Outcome<A> ask(
            Component component,
            Eui64 joinEui,
            Class<A> type,
            Function<Header, ? extends Request> request) {
        Deadline deadline = Deadline.in(settings.deadline());
        Optional<Location> found;
        try {
            found = locations.of(joinEui, deadline);
        } catch (DnsException e) {
            return new Unreachable<>(
                    "the Join Server of " + joinEui + " cannot be found: " + e.getMessage());
        }
        if (found.isEmpty()) {
            return new NoJoinServer<>(joinEui);
        }
        Location location = found.get();
        try {
            if (!turns.tryAcquire(deadline.left().toNanos(), TimeUnit.NANOSECONDS)) {
                return unreachable(
                        location,
                        "has " + settings.connections() + " other requests to answer already");
            }
            try {
                return askWithinTurn(
                        location,
                        type,
                        id -> request.apply(header(component, joinEui, id)),
                        deadline);
            } finally {
                turns.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return unreachable(location, "was not waited for any longer");
        }
    }

    private Header header(Component component, Eui64 joinEui, long transactionId) {
        Sender sender = settings.sender();
        return switch (component) {
            case NETWORK_SERVER ->
                    new Header(
                            config.protocol(),
                            sender.netId().toString(),
                            joinEui.toString(),
                            transactionId,
                            config.protocol() == ProtocolVersion.V1_1
                                    ? config.senderNsId().or(sender::nsId)
                                    : Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty());
            case APPLICATION_SERVER ->
                    new Header(
                            config.protocol(),
                            sender.asId().orElseThrow(),
                            joinEui.toString(),
                            transactionId);
        };
    }

    private <A extends Answer> Outcome<A> askWithinTurn(
            Location location, Class<A> type, LongFunction<Request> request, Deadline deadline)
            throws InterruptedException {
        CircuitBreaker breaker = location.breaker();
        Optional<String> refusal = breaker.refusal();
        if (refusal.isPresent()) {
            return unreachable(location, refusal.get());
        }
        boolean isSettled = false;
        try (AsyncReplies.Waiting waiting =
                replies.begin(
                        request,
                        chain ->
                                location.hosts().stream()
                                        .anyMatch(host -> isClient(host, chain)))) {
            A answer = type.cast(exchange(location, waiting, deadline));
            isSettled = true;
            breaker.succeeded();
            return answer.result().isSuccess()
                    ? new Answered<>(answer, location.name())
                    : new Refused<>(answer, location.name());
        } catch (NoAnswerException e) {
            isSettled = true;
            if (breaker.failed(e.how())) {
                LOG.warn(
                        "{} ({}) is not asked for {}: {} requests in a row had no answer; the last"
                                + " time it {}",
                        location.name(),
                        config.file(),
                        NoAnswerException.shown(settings.openFor()),
                        settings.failuresToOpen(),
                        e.how());
            }
            return unreachable(location, e.how());
        } finally {
            if (!isSettled) {
                breaker.givenUp();
            }
        }
    }

    private boolean isClient(HostPort host, List<X509Certificate> chain) {
        return config.scheme() == Scheme.HTTP || tls.isClient(host.host(), chain);
    }

    private Answer exchange(Location location, AsyncReplies.Waiting waiting, Deadline deadline)
            throws NoAnswerException, InterruptedException {
        byte[] json = BackendCodec.write(waiting.request());
        for (int attempt = 0; ; attempt++) {
            HostPort host = location.hosts().get(Math.min(attempt, location.hosts().size() - 1));
            try {
                return answer(waiting, send(host, waiting.request(), json, deadline), deadline);
            } catch (NoAnswerException e) {
                if (!e.isOfConnection() || attempt + 1 == TRIES || deadline.isOver()) {
                    throw e;
                }
                LOG.debug("{} {}: trying once more", host, e.how());
            }
        }
    }

    private HttpResponse<byte[]> send(
            HostPort host, Request request, byte[] json, Deadline deadline)
            throws NoAnswerException, InterruptedException {
        URI uri = config.uri(host.host(), host.port(), config.paths().of(request));
        HttpRequest.Builder post =
                HttpRequest.newBuilder(uri)
                        .header("User-Agent", "Usher")
                        .header("Accept", JSON)
                        .header("Content-Type", JSON)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(json));
        config.headers().forEach(post::setHeader);
        AtomicBoolean hasBegun = new AtomicBoolean();
        CompletableFuture<HttpResponse<byte[]>> response =
                http.sendAsync(
                        post.build(),
                        head -> {
                            hasBegun.set(true);
                            return BodyHandlers.limiting(
                                            BodyHandlers.ofByteArray(), BackendCodec.LARGEST)
                                    .apply(head);
                        });
        try {
            return await(response, deadline)
                    .orElseThrow(() -> NoAnswerException.late(deadline.total()));
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof IOException io)) {
                throw new IllegalStateException("the request failed in an unknown way", e);
            }
            throw hasBegun.get()
                    ? NoAnswerException.ofAnswer(io)
                    : NoAnswerException.ofConnection(io);
        } finally {
            response.cancel(true);
        }
    }

    private Answer answer(
            AsyncReplies.Waiting waiting, HttpResponse<byte[]> response, Deadline deadline)
            throws NoAnswerException, InterruptedException {
        int status = response.statusCode();
        boolean isSuccess = status / 100 == 2;
        if (isSuccess && response.body().length == 0) {
            return postedLater(waiting, deadline);
        }
        Answer answer;
        try {
            answer = read(waiting.request(), response.body());
        } catch (NoAnswerException e) {
            throw isSuccess ? e : ofStatus(status);
        }
        // There are Join Servers that refuse with a status besides the Result.
        if (!isSuccess && answer.result().isSuccess()) {
            throw ofStatus(status);
        }
        return answer;
    }

    private static NoAnswerException ofStatus(int status) {
        return new NoAnswerException(
                "answered with HTTP status "
                        + status
                        + (status / 100 == 3 ? ", a redirection, which is not followed" : ""));
    }

    private static Answer postedLater(AsyncReplies.Waiting waiting, Deadline deadline)
            throws NoAnswerException, InterruptedException {
        try {
            return await(waiting.answer(), deadline)
                    .orElseThrow(
                            () ->
                                    new NoAnswerException(
                                            "took the request and posted no answer within "
                                                    + NoAnswerException.shown(deadline.total())));
        } catch (ExecutionException e) {
            throw new IllegalStateException("answers are taken whole", e);
        }
    }

    private static Answer read(Request request, byte[] body) throws NoAnswerException {
        Message message;
        try {
            message = BackendCodec.parse(body);
        } catch (UnreadableHeaderException | MalformedBackendMessageException e) {
            throw new NoAnswerException("sent an answer that is none: " + e.getMessage());
        }
        Optional<String> problem = AnswerCheck.problem(request, message);
        if (problem.isPresent() || !(message instanceof Answer answer)) {
            throw new NoAnswerException(problem.orElse("sent no answer"));
        }
        return answer;
    }

    /** Empty when it is too late. */
    private static <T> Optional<T> await(Future<T> future, Deadline deadline)
            throws ExecutionException, InterruptedException {
        try {
            return Optional.of(future.get(deadline.left().toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        }
    }

    private static <A extends Answer> Outcome<A> unreachable(Location location, String how) {
        return new Unreachable<>(location.name() + " " + how);
    }

    /** Lets requests that are under way end, and takes no others. */
    @Override
    public void close() {
        http.shutdown();
    }
}
