package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import dev.usher.backend.Answer;
import dev.usher.backend.Message;
import dev.usher.backend.Request;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests that Join Servers have not answered yet. An asynchronous Join Server only
 * acknowledges a request, and posts the answer to us later (1.0 specification section 22.1); who
 * receives it hands it on to {@link #offer}.
 */
public final class AsyncReplies {

    private static final Logger LOG = LoggerFactory.getLogger(AsyncReplies.class);

    private final SecureRandom random = new SecureRandom();
    private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();

    AsyncReplies() {}

    /** One request, from before it is sent until its end. */
    final class Waiting implements AutoCloseable {

        private final Request request;
        private final Predicate<List<X509Certificate>> speaksForPeer;
        private final CompletableFuture<Answer> answer = new CompletableFuture<>();

        private Waiting(Request request, Predicate<List<X509Certificate>> speaksForPeer) {
            this.request = request;
            this.speaksForPeer = speaksForPeer;
        }

        Request request() {
            return request;
        }

        /** Done when the answer was posted. */
        CompletableFuture<Answer> answer() {
            return answer;
        }

        @Override
        public void close() {
            waiting.remove(request.header().transactionId());
        }
    }

    /**
     * Makes a request with a TransactionID that no other one has now. It is random, as strangers
     * might guess others, and never 0, which some peers answer to everything.
     *
     * @param speaksForPeer whether the holder of a client certificate is the Join Server
     */
    Waiting begin(LongFunction<Request> request, Predicate<List<X509Certificate>> speaksForPeer) {
        while (true) {
            long id = Integer.toUnsignedLong(random.nextInt());
            if (id != 0 && !waiting.containsKey(id)) {
                Waiting begun = new Waiting(request.apply(id), speaksForPeer);
                if (waiting.putIfAbsent(id, begun) == null) {
                    return begun;
                }
            }
        }
    }

    /**
     * Takes an answer that was posted to us. It counts if it is the answer to a request that is
     * waited for, and comes from the Join Server that was asked: its client certificate has the
     * host name of that Join Server, and comes from the same authorities as its server certificate.
     *
     * @param chain the client certificate of who posted it, its own first; empty without one, which
     *     is enough only for a Join Server that is asked over plain HTTP
     * @return whether it counts; nobody else waits for it if not, so it shall be discarded
     */
    public boolean offer(Message message, List<X509Certificate> chain) {
        requireNonNull(chain, "chain");
        Waiting asked = waiting.get(message.header().transactionId());
        if (asked == null) {
            LOG.debug("nobody waits for {} {}", message.type(), message.header());
            return false;
        }
        if (!asked.speaksForPeer.test(chain)) {
            LOG.warn(
                    "{} {} was posted without the certificate of that Join Server, and discarded",
                    message.type(),
                    message.header());
            return false;
        }
        Optional<String> problem = AnswerCheck.problem(asked.request, message);
        if (problem.isPresent() || !(message instanceof Answer answer)) {
            LOG.warn("{} {} is discarded: it {}", message.type(), message.header(), problem);
            return false;
        }
        return asked.answer.complete(answer);
    }

    /** How many requests wait for their answer. */
    int size() {
        return waiting.size();
    }
}
