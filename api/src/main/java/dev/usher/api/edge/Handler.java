package dev.usher.api.edge;

/**
 * Answers requests. Called on a virtual thread of its own for every request, so it may block;
 * called by many threads at once.
 */
@FunctionalInterface
public interface Handler {

    /**
     * Answers one request.
     *
     * @throws Exception whatever went wrong: the listener logs it with the request's id and answers
     *     500 without a body, or closes the connection if it is {@linkplain
     *     ListenerOptions#silent() silent}
     */
    Response handle(Request request) throws Exception;
}
