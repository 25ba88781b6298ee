package dev.usher.network.outlets;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.ToIntFunction;

/** Takes what webhooks post, and answers as it is told. */
final class Receiver implements AutoCloseable {

    private final HttpServer server;
    private volatile ToIntFunction<Post> answer = _ -> 200;

    /** Everything that came, whatever was answered. */
    final List<Post> posts = new CopyOnWriteArrayList<>();

    record Post(String path, String type, String id, String signature, String body) {}

    Receiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::take);
        server.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        Post post =
                new Post(
                        exchange.getRequestURI().toString(),
                        exchange.getRequestHeaders().getFirst("Usher-Event"),
                        exchange.getRequestHeaders().getFirst("Usher-Delivery"),
                        exchange.getRequestHeaders().getFirst("Usher-Signature"),
                        new String(exchange.getRequestBody().readAllBytes(), UTF_8));
        posts.add(post);
        byte[] text = "thanks".getBytes(UTF_8);
        exchange.sendResponseHeaders(answer.applyAsInt(post), text.length);
        exchange.getResponseBody().write(text);
        exchange.close();
    }

    void answers(ToIntFunction<Post> answer) {
        this.answer = answer;
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url() {
        return "http://127.0.0.1:" + port() + "/hook?from=usher";
    }

    List<String> bodies() {
        return posts.stream().map(Post::body).toList();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
