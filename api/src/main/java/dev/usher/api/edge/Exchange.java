package dev.usher.api.edge;

import static java.util.Objects.requireNonNull;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its answer: read on the event loop, handled there if the handler can ({@link
 * Handler#begin}) or else on a virtual thread ({@link #run}), answered on the event loop again.
 */
final class Exchange implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    /** How long a refused request may go on arriving, so that the peer gets to read the refusal. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int BAD_REQUEST = 400;
    private static final int CONTENT_TOO_LARGE = 413;
    private static final int INTERNAL_ERROR = 500;
    private static final int UNAVAILABLE = 503;

    private final long id = ThreadLocalRandom.current().nextLong();
    private final long started = System.nanoTime();
    private final Listener listener;
    private final Connection connection;
    private final Context context;
    private final HttpServerRequest http;
    private Buffer body = Buffer.buffer();
    private String target = "";
    private @Nullable Request request;
    private boolean refused;

    /** The room its body has taken, and whether the handler has to do with it already. */
    private long room;

    private boolean handled;

    Exchange(Listener listener, Connection connection, Context context, HttpServerRequest http) {
        this.listener = listener;
        this.connection = connection;
        this.context = context;
        this.http = http;
    }

    /** Reads the request; its header has just arrived. */
    void begin() {
        connection.begin(this);
        if (http.canUpgradeToWebSocket()) {
            beginUpgrade();
            return;
        }
        connection.within(listener.options().timeouts().body());
        http.handler(this::received);
        http.endHandler(end -> readToEnd());
        // Without this Vert.x logs what is only a peer that went away.
        http.exceptionHandler(gone -> {});
        try {
            target = Request.origin(http.uri());
        } catch (IllegalArgumentException e) {
            refuse(BAD_REQUEST);
            return;
        }
        if (announcedLength() > listener.options().limits().bodyBytes()) {
            refuse(CONTENT_TOO_LARGE);
        } else if (!listener.options().silent()
                && "100-continue".equalsIgnoreCase(http.getHeader("Expect"))) {
            http.response().writeContinue();
        }
    }

    /** The handler decides first: what the peer sends after the handshake waits for that. */
    private void beginUpgrade() {
        try {
            target = Request.origin(http.uri());
        } catch (IllegalArgumentException e) {
            refuse(BAD_REQUEST);
            return;
        }
        http.exceptionHandler(gone -> {});
        http.pause();
        readToEnd();
    }

    /** Answers what cannot be handled, and ends the connection. */
    void refuse(int status) {
        refused = true;
        body = Buffer.buffer();
        giveRoom();
        if (listener.options().silent()) {
            connection.reset();
            listener.meters().closed(started);
        } else {
            connection.linger(LINGER);
            http.response()
                    .setStatusCode(status)
                    .putHeader("Connection", "close")
                    .putHeader("Content-Length", "0")
                    .end();
            listener.meters().answered(status, started);
        }
    }

    /** Asks the handler; on a virtual thread. */
    @Override
    public void run() {
        Response response;
        try {
            response = handle();
        } finally {
            left();
        }
        if (response instanceof Response.Streamed streamed) {
            stream(streamed);
        } else {
            give(response);
        }
    }

    /** Asks the handler whether it needs no thread; on the event loop. */
    private boolean hasBegun() {
        // Whoever waits for a permit on a thread was here before.
        if (listener.permits().hasQueuedThreads() || !listener.permits().tryAcquire()) {
            return false;
        }
        Optional<CompletableFuture<Response>> begun;
        try {
            begun = listener.handler().begin(request(), this::onLoop);
        } catch (RuntimeException | Error e) {
            begun = Optional.of(CompletableFuture.failedFuture(e));
        }
        if (begun.isEmpty()) {
            listener.permits().release();
            return false;
        }
        var _ =
                begun.get()
                        .whenComplete(
                                (response, e) -> {
                                    listener.permits().release();
                                    left();
                                    give(e == null ? response : failed(e));
                                });
        return true;
    }

    private void give(Response response) {
        switch (response) {
            case Response.Full full -> onLoop(() -> answer(full));
            case Response.Streamed streamed -> listener.execute(() -> stream(streamed));
            case Response.Upgraded upgraded -> onLoop(() -> upgrade(upgraded));
            case Response.Close _ -> {
                onLoop(connection::reset);
                listener.meters().closed(started);
            }
        }
    }

    private void onLoop(Runnable step) {
        if (context.equals(Vertx.currentContext())) {
            step.run();
        } else {
            context.runOnContext(loop -> step.run());
        }
    }

    private void received(Buffer part) {
        if (refused) {
            return;
        }
        if (body.length() + part.length() > listener.options().limits().bodyBytes()) {
            refuse(CONTENT_TOO_LARGE);
        } else if (!takeRoom(body.length() + part.length())) {
            refuse(UNAVAILABLE);
        } else {
            body.appendBuffer(part);
        }
    }

    private boolean takeRoom(int length) {
        long more = length - BodyRoom.FREE - room;
        if (more <= 0) {
            return true;
        }
        boolean taken = listener.room().take(more);
        if (taken) {
            room += more;
        }
        return taken;
    }

    private void giveRoom() {
        if (room > 0) {
            listener.room().give(room);
            room = 0;
        }
    }

    /** The connection is closed. What the handler has is the handler's until it is done. */
    void gone() {
        if (!handled) {
            giveRoom();
        }
    }

    /** The handler is done with it. */
    private void left() {
        listener.gate().left();
        giveRoom();
    }

    private void readToEnd() {
        if (refused) {
            http.connection().close();
            return;
        }
        connection.untimed();
        handled = true;
        listener.gate().entered();
        try {
            if (!hasBegun()) {
                listener.execute(this);
            }
        } catch (RejectedExecutionException e) {
            left();
            connection.reset();
        }
    }

    private Response handle() {
        try {
            listener.permits().acquire();
            try {
                return requireNonNull(
                        listener.handler().handle(request()), "the handler returned no response");
            } finally {
                listener.permits().release();
            }
        } catch (InterruptedException e) {
            // The listener is closing and has waited long enough.
            Thread.currentThread().interrupt();
            return Response.close();
        } catch (Throwable e) {
            // An Error too must not leave the peer waiting for an answer.
            return failed(e);
        }
    }

    private Response failed(Throwable e) {
        LOG.error("{}: request {} failed", listener.name(), idText(), e);
        return listener.options().silent()
                ? Response.close()
                : Response.of(INTERNAL_ERROR).withHeader("X-Request-Id", idText());
    }

    private void answer(Response.Full full) {
        connection.within(listener.options().timeouts().write());
        boolean last = head(full.status(), full.headers());
        HttpServerResponse response = http.response();
        response.putHeader("Content-Length", Integer.toString(full.body().length));
        (isHead() ? response.end() : response.end(Buffer.buffer(full.body())))
                .onSuccess(sent -> answered(full.status(), last))
                .onFailure(gone -> listener.meters().closed(started));
    }

    private void upgrade(Response.Upgraded upgraded) {
        http.toWebSocket()
                .onSuccess(
                        socket -> {
                            WebSocket.open(
                                    listener,
                                    connection,
                                    socket,
                                    upgraded.handler(),
                                    upgraded.ping());
                            listener.meters().answered(SWITCHING_PROTOCOLS, started);
                        })
                .onFailure(
                        e -> {
                            LOG.debug("{}: no WebSocket: {}", listener.name(), e.toString());
                            connection.reset();
                            listener.meters().closed(started);
                        });
    }

    /** Writes a streamed answer; on the virtual thread. */
    private void stream(Response.Streamed streamed) {
        boolean last = head(streamed.status(), streamed.headers());
        // Without chunks, in HTTP/1.0, only the end of the connection can end such an answer.
        boolean ends = streamed.length().isEmpty() && http.version() == HttpVersion.HTTP_1_0;
        AnswerStream out =
                new AnswerStream(
                        http.response(), streamed.length(), listener.options().timeouts().write());
        try {
            if (!isHead()) {
                streamed.body().writeTo(out);
            }
            out.finish(isHead());
            onLoop(() -> answered(streamed.status(), last || ends));
        } catch (Throwable e) {
            if (out.isBroken()) {
                LOG.debug("{}: request {}: {}", listener.name(), idText(), e.getMessage());
            } else {
                LOG.error("{}: the answer to request {} failed", listener.name(), idText(), e);
            }
            onLoop(connection::reset);
            listener.meters().closed(started);
        }
    }

    /** Starts the answer's head; returns whether the connection ends with it. */
    private boolean head(int status, List<Response.Header> headers) {
        HttpServerResponse response = http.response().setStatusCode(status);
        for (Response.Header header : headers) {
            response.headers().add(header.name(), header.value());
        }
        // When connections are short, kept-alive ones must not keep others waiting outside.
        boolean last =
                (listener.gate().isFull() || listener.isClosing() || http.canUpgradeToWebSocket())
                        && http.version() == HttpVersion.HTTP_1_1;
        if (last) {
            response.putHeader("Connection", "close");
        }
        return last;
    }

    private void answered(int status, boolean last) {
        listener.meters().answered(status, started);
        if (last) {
            http.connection().close();
        } else {
            connection.end(this, listener.options().timeouts().idle());
        }
    }

    /** Made once, first on the event loop; a thread that handles it comes later. */
    private Request request() {
        Request made = request;
        if (made == null) {
            made = read();
            request = made;
        }
        return made;
    }

    private Request read() {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        http.headers()
                .forEach(
                        header ->
                                headers.computeIfAbsent(header.getKey(), n -> new ArrayList<>(1))
                                        .add(header.getValue()));
        byte[] whole = body.getBytes();
        body = Buffer.buffer();
        return new Request(
                id,
                http.method().name(),
                target,
                Collections.unmodifiableMap(headers),
                whole,
                this::clientChain,
                (InetSocketAddress) connection.channel().remoteAddress());
    }

    private List<X509Certificate> clientChain() {
        if (!http.isSSL()) {
            return List.of();
        }
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate certificate : http.connection().peerCertificates()) {
                chain.add((X509Certificate) certificate);
            }
            return List.copyOf(chain);
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }

    private long announcedLength() {
        String length = http.getHeader("Content-Length");
        // Netty has refused anything but digits by now.
        return length == null ? 0 : Long.parseLong(length);
    }

    private boolean isHead() {
        return http.method().equals(HttpMethod.HEAD);
    }

    private String idText() {
        return "%016x".formatted(id);
    }
}
