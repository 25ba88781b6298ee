package dev.usher.api.edge;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Answers requests; called by many threads at once. */
@FunctionalInterface
public interface Handler {

    /**
     * Answers one request. Called on a virtual thread of its own, so it may block.
     *
     * @throws Exception whatever went wrong: the listener logs it with the request's id and answers
     *     500 without a body, or closes the connection if it is {@linkplain
     *     ListenerOptions#silent() silent}
     */
    Response handle(Request request) throws Exception;

    /**
     * Begins to answer a request that needs no thread of its own, because its answer is ready at
     * once or comes from work that many requests share. Called on the event loop, so it must not
     * block.
     *
     * @param loop the event loop: the place for what is left to do when the shared work is done
     * @return empty, and nothing was done: {@link #handle} is to answer; fails as that does
     */
    default Optional<CompletableFuture<Response>> begin(Request request, Executor loop) {
        return Optional.empty();
    }
}
