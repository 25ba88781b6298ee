package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.backend.ActivationReq;
import dev.usher.backend.Answer;
import dev.usher.backend.BackendCodec;
import dev.usher.backend.JoinReq;
import dev.usher.backend.MalformedBackendMessageException;
import dev.usher.backend.Message;
import dev.usher.backend.MessageType;
import dev.usher.backend.Result;
import dev.usher.backend.ResultCode;
import dev.usher.backend.UnreadableHeaderException;
import dev.usher.backend.Unserved;
import dev.usher.devices.AsyncTarget;
import dev.usher.devices.BackendLog;
import dev.usher.devices.JoinServer;
import dev.usher.devices.JoinServer.Reply;
import dev.usher.devices.Peer;
import dev.usher.devices.PeerProof;
import dev.usher.keys.VaultException;
import dev.usher.store.StoreException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.function.BiPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Backend Interfaces over HTTP (1.0 specification sections 20 and 22, TS002-1.1.0 likewise): a
 * message is posted to any path and answered with 200, whatever its Result; synchronous peers find
 * the answer in the response, asynchronous ones are posted it. See docs/backend-interfaces.md.
 */
public final class BackendFace implements Handler {

    static final String JSON = "application/json";

    private static final Logger LOG = LoggerFactory.getLogger(BackendFace.class);
    private static final Reply NOTHING = new Reply(Optional.empty(), Optional.empty());
    private static final Response ACKNOWLEDGED = Response.of(200);
    private static final Response UNREADABLE = Response.of(400);
    private static final Response NOT_POSTED = Response.of(405).withHeader("Allow", "POST");
    private static final Response NOT_JSON = Response.of(415);

    private static final Set<MessageType> ANSWERS =
            Set.of(
                    MessageType.JOIN_ANS,
                    MessageType.REJOIN_ANS,
                    MessageType.APP_S_KEY_ANS,
                    MessageType.HOME_NS_ANS);

    private static final Duration[] LATENCIES = {
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(20),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(5)
    };

    private final JoinServer joinServer;
    private final TrustedProxies proxies;
    private final AsyncAnswers asyncAnswers;
    private final BiPredicate<Answer, List<X509Certificate>> awaited;
    private final MeterRegistry meters;
    private final Counter unreadable;
    private final Map<Outcome, Counter> answers = new ConcurrentHashMap<>();
    private final Map<String, Timer> latencies = new ConcurrentHashMap<>();

    /** What answers are counted by. */
    private record Outcome(String type, String version, String result) {}

    /** Where nobody waits for answers that are posted here. */
    public BackendFace(
            JoinServer joinServer,
            TrustedProxies proxies,
            AsyncAnswers asyncAnswers,
            MeterRegistry meters) {
        this(joinServer, proxies, asyncAnswers, (_, _) -> false, meters);
    }

    /**
     * The Backend Interfaces of a house that also asks other Join Servers.
     *
     * @param awaited takes an answer that one of them posts here later, with its client
     *     certificate; says whether somebody waits for it
     */
    public BackendFace(
            JoinServer joinServer,
            TrustedProxies proxies,
            AsyncAnswers asyncAnswers,
            BiPredicate<Answer, List<X509Certificate>> awaited,
            MeterRegistry meters) {
        this.joinServer = requireNonNull(joinServer, "joinServer");
        this.proxies = requireNonNull(proxies, "proxies");
        this.asyncAnswers = requireNonNull(asyncAnswers, "asyncAnswers");
        this.awaited = requireNonNull(awaited, "awaited");
        this.meters = requireNonNull(meters, "meters");
        this.unreadable =
                Counter.builder("usher.backend.unreadable")
                        .description("Requests without a Backend Interfaces header")
                        .register(meters);
        FunctionCounter.builder(
                        "usher.backend.log.forgotten", joinServer.log(), BackendLog::forgotten)
                .description(
                        "Log entries the database did not take in time, or too many of strangers")
                .register(meters);
    }

    @Override
    public Response handle(Request request) {
        long began = System.nanoTime();
        Optional<Response> noMessage = noMessage(request);
        if (noMessage.isPresent()) {
            return noMessage.get();
        }
        Reply reply;
        try {
            reply = reply(request);
        } catch (UnreadableHeaderException e) {
            unreadable.increment();
            LOG.debug("request {} has no readable header: {}", request.id(), e.getMessage());
            return UNREADABLE;
        }
        if (reply.answer().isEmpty()) {
            return ACKNOWLEDGED;
        }
        Answer answer = reply.answer().get();
        Response response = response(request, answer, reply.peer());
        count(answer, began);
        return response;
    }

    /** Joins of peers that were here before, which are most of what is asked. */
    @Override
    public Optional<CompletableFuture<Response>> begin(Request request, Executor loop) {
        long began = System.nanoTime();
        if (noMessage(request).isPresent()) {
            return Optional.empty();
        }
        Message message;
        try {
            message = BackendCodec.parse(request.body());
        } catch (UnreadableHeaderException | MalformedBackendMessageException e) {
            return Optional.empty();
        }
        return message instanceof JoinReq join
                ? joinServer
                        .begin(join, proof(request))
                        .map(
                                reply ->
                                        reply.handleAsync(
                                                (_, _) -> response(request, join, reply, began),
                                                loop))
                : Optional.empty();
    }

    private Response response(
            Request request, JoinReq join, CompletableFuture<Reply> reply, long began) {
        Answer answer = outcome(request, join, reply).answer().orElseThrow();
        count(answer, began);
        return Response.of(200, JSON, BackendCodec.write(answer));
    }

    private static Reply outcome(Request request, JoinReq join, CompletableFuture<Reply> reply) {
        if (reply.state() == Future.State.SUCCESS) {
            return reply.resultNow();
        }
        Throwable why = reply.exceptionNow();
        if (why instanceof StoreException || why instanceof VaultException) {
            return unavailable(request, join, why);
        }
        throw new CompletionException(why);
    }

    /** The answer to what cannot be a message. */
    private static Optional<Response> noMessage(Request request) {
        if (!request.method().equals("POST")) {
            return Optional.of(NOT_POSTED);
        }
        return request.header("Content-Type").filter(type -> !isJson(type)).map(_ -> NOT_JSON);
    }

    /** {@code application/json}, whatever its parameters: JSON is UTF-8. */
    private static boolean isJson(String contentType) {
        int semicolon = contentType.indexOf(';');
        String type = semicolon < 0 ? contentType : contentType.substring(0, semicolon);
        return type.strip().toLowerCase(Locale.ROOT).equals(JSON);
    }

    private Reply reply(Request request) {
        PeerProof proof = proof(request);
        Message message;
        try {
            message = BackendCodec.parse(request.body());
        } catch (MalformedBackendMessageException malformed) {
            try {
                return joinServer.answer(malformed, proof);
            } catch (StoreException | VaultException e) {
                return unproven(malformed.refusal());
            }
        }
        if (message instanceof Answer answer && awaited.test(answer, proof.chain())) {
            return NOTHING;
        }
        try {
            return joinServer.answer(message, proof);
        } catch (StoreException | VaultException e) {
            return unavailable(request, message, e);
        }
    }

    private PeerProof proof(Request request) {
        return new PeerProof(
                proxies.clientChain(request), request.header("Authorization"), request.path());
    }

    private static Reply unavailable(Request request, Message message, Throwable why) {
        LOG.warn("request {} cannot be answered now: {}", request.id(), why.getMessage());
        return unproven(refusal(message));
    }

    /** It is not known who asks, nor where else he would want his answer. */
    private static Reply unproven(Optional<? extends Answer> answer) {
        return new Reply(answer.map(some -> some), Optional.empty());
    }

    private static Optional<? extends Answer> refusal(Message message) {
        return switch (message) {
            case dev.usher.backend.Request asked ->
                    Optional.of(
                            asked.refusal(
                                    Result.of(
                                            asked instanceof ActivationReq
                                                    ? ResultCode.JOIN_REQ_FAILED
                                                    : ResultCode.OTHER,
                                            "the Join Server cannot use its database or its"
                                                    + " vault at the moment: try again")));
            case Unserved unserved -> unserved.refusal();
            default -> Optional.empty();
        };
    }

    private Response response(Request request, Answer answer, Optional<Peer> peer) {
        Optional<AsyncTarget> target = peer.flatMap(asker -> asker.settings().async());
        if (target.isEmpty()) {
            return Response.of(200, JSON, BackendCodec.write(answer));
        }
        asyncAnswers.post(peer.get().name(), target.get(), request.body(), answer);
        return ACKNOWLEDGED;
    }

    private void count(Answer answer, long began) {
        // The type of a refusal may be anything a stranger has written.
        String type = ANSWERS.contains(answer.type()) ? answer.type().name() : "other";
        var version = answer.header().version();
        answers.computeIfAbsent(
                        new Outcome(type, version.text(), answer.result().code().wire(version)),
                        this::counter)
                .increment();
        latencies
                .computeIfAbsent(type, this::timer)
                .record(Duration.ofNanos(System.nanoTime() - began));
    }

    private Counter counter(Outcome outcome) {
        return Counter.builder("usher.backend.answers")
                .description("Answers over Backend Interfaces by type, version and result")
                .tag("type", outcome.type())
                .tag("version", outcome.version())
                .tag("result", outcome.result())
                .register(meters);
    }

    private Timer timer(String type) {
        return Timer.builder("usher.backend.latency")
                .description("From a request read to its answer being ready and durable")
                .tag("type", type)
                .serviceLevelObjectives(LATENCIES)
                .register(meters);
    }
}
