package dev.usher.server;

import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import java.util.concurrent.CompletableFuture;

/**
 * For a port that opens before what answers on it can be made, as that has to know the port. Who
 * asks meanwhile waits.
 */
final class LateHandler implements Handler {

    private final CompletableFuture<Handler> handler = new CompletableFuture<>();

    void set(Handler made) {
        handler.complete(made);
    }

    @Override
    public Response handle(Request request) throws Exception {
        return handler.join().handle(request);
    }
}
