package dev.usher.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.usher.interop.ClientIdentity;
import dev.usher.interop.Tls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import tools.jackson.databind.JsonNode;

/** An HTTPS server on loopback that answers as it is told and remembers what it was asked. */
final class TestServer implements AutoCloseable {

    static {
        // Without it every answer waits 40 ms for an acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** What was asked. */
    record Request(String call, Map<String, String> headers, String body) {

        JsonNode json() {
            return Json.MAPPER.readTree(body);
        }

        Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name));
        }
    }

    /** What is answered. */
    record Answer(int status, String type, String body) {

        static Answer json(String body) {
            return new Answer(200, "application/json", body.replace('\'', '"'));
        }

        static Answer problem(int status, String detail) {
            return new Answer(
                    status,
                    "application/problem+json",
                    Json.object().put("status", status).put("detail", detail).toString());
        }
    }

    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Function<Request, Answer>> answers = new HashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    /** A server with a certificate for localhost that asks nobody for theirs. */
    TestServer(Certificates certificates) {
        this(certificates, certificates.issue("localhost"), false);
    }

    TestServer(Certificates clients, Certificates.Issued own, boolean wantsCertificates) {
        try {
            server =
                    HttpsServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SSLContext tls =
                Tls.of(
                                List.of(clients.authority().certificate()),
                                Optional.of(
                                        new ClientIdentity(List.of(own.certificate()), own.key())))
                        .context();
        server.setHttpsConfigurator(
                new HttpsConfigurator(tls) {
                    @Override
                    public void configure(HttpsParameters parameters) {
                        SSLParameters ssl = tls.getDefaultSSLParameters();
                        ssl.setNeedClientAuth(wantsCertificates);
                        parameters.setSSLParameters(ssl);
                    }
                });
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url() {
        return "https://localhost:" + port();
    }

    /**
     * @param call as in {@code GET /api/v1/batches}
     */
    TestServer on(String call, Function<Request, Answer> answer) {
        answers.put(call, answer);
        return this;
    }

    TestServer on(String call, String json) {
        return on(call, _ -> Answer.json(json));
    }

    List<Request> requests() {
        return new ArrayList<>(requests);
    }

    Request lastRequest() {
        return requests.getLast();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> headers = new HashMap<>();
            exchange.getRequestHeaders()
                    .forEach((name, values) -> headers.put(name, values.getFirst()));
            Request request =
                    new Request(
                            exchange.getRequestMethod() + " " + exchange.getRequestURI(),
                            headers,
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.UTF_8));
            requests.add(request);
            Answer answer =
                    answers.getOrDefault(
                                    request.call(),
                                    _ -> Answer.problem(404, "there is nothing at this path"))
                            .apply(request);
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            if (body.length > 0) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
