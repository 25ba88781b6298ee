package dev.usher.api;

import static dev.usher.api.JoinHouse.joinReq;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.usher.api.edge.ClientTrust;
import dev.usher.api.edge.Edge;
import dev.usher.api.edge.Limits;
import dev.usher.api.edge.Listener;
import dev.usher.api.edge.ListenerOptions;
import dev.usher.api.edge.ServerCertificate;
import dev.usher.api.edge.TlsOptions;
import dev.usher.backend.BackendCodec;
import dev.usher.backend.ProtocolVersion;
import dev.usher.devices.AsyncTarget;
import dev.usher.devices.BackendLog;
import dev.usher.devices.PeerCredential;
import dev.usher.devices.PeerRole;
import dev.usher.devices.PeerSettings;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.IssuedCertificate;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Backend Interfaces as its peers see it: over TLS. */
class BackendFaceTest {

    private static final CertificateAuthority SERVERS = authority("Test Servers");
    private static final CertificateAuthority CLIENTS = authority("Test Clients");
    private static final IssuedCertificate LOCALHOST = issue(SERVERS, "localhost");
    private static final IssuedCertificate NS =
            CLIENTS.issueOwner("ns1.example.com", Duration.ofHours(1));

    /** The handler decides what a certificate is worth, as in the server. */
    private static final ClientTrust ANYBODY = chain -> chain.getFirst().getNotAfter().toInstant();

    private static final PeerCredential.BearerToken TOKEN =
            new PeerCredential.BearerToken("token-of-ns");

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final HttpClient stranger = client(null);
    private final Edge edge = Edge.create();
    private final AsyncAnswers asyncAnswers =
            new AsyncAnswers(
                    List.of(SERVERS.certificate()),
                    meters,
                    List.of(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(1)));

    private @TempDir Path directory;
    private JoinHouse house;
    private Listener listener;

    @BeforeEach
    void listen() throws Exception {
        house = new JoinHouse(directory);
        house.house.now.set(Instant.now()); // TLS has no other clock
        listener =
                edge.listen(
                        ListenerOptions.of("backend", "127.0.0.1", 0)
                                .withTls(
                                        TlsOptions.of(
                                                ServerCertificate.of(
                                                        LOCALHOST.certificate(),
                                                        LOCALHOST.privateKey()),
                                                ANYBODY))
                                .withLimits(Limits.DEFAULT.withBodyBytes(BackendCodec.LARGEST)),
                        new BackendFace(
                                house.house.joinServer, TrustedProxies.NONE, asyncAnswers, meters));
    }

    @AfterEach
    void close() {
        stranger.shutdownNow();
        edge.close();
        asyncAnswers.close();
        house.close();
    }

    // Who asks

    @Test
    void knowsItsPeersByCertificateTokenOrPassword() throws Exception {
        house.networkServer(
                "by-certificate",
                new PeerCredential.ClientCertificate(
                        CLIENTS.certificate(), Optional.of("*.example.com")));
        house.networkServer("by-token", TOKEN);
        house.networkServer(
                "by-password", new PeerCredential.UserAndPassword("ns", "password-of-ns"));

        try (HttpClient certified = client(NS)) {
            assertThat(result(send(certified, "/", "", joinReq(1)))).isEqualTo("Success");
        }
        assertThat(result(send(stranger, "/", bearer("token-of-ns"), joinReq(2))))
                .isEqualTo("Success");
        assertThat(result(send(stranger, "/", basic("ns:password-of-ns"), joinReq(3))))
                .isEqualTo("Success");

        assertThat(logged(3))
                .extracting(entry -> entry.peer().orElse("nobody"))
                .containsExactly("by-password", "by-token", "by-certificate");
    }

    @Test
    void tellsStrangersNothing() throws Exception {
        house.networkServer("by-token", TOKEN);
        house.networkServer(
                "by-certificate",
                new PeerCredential.ClientCertificate(
                        SERVERS.certificate(), Optional.of("ns1.example.com")));

        try (HttpClient certified = client(NS)) {
            for (String authorization : List.of("", bearer("wrong-token"), basic("ns:wrong"))) {
                HttpResponse<String> response = send(certified, "/", authorization, joinReq(1));

                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(result(response)).isEqualTo("UnknownSender");
                assertThat(response.body()).doesNotContain("AESKey").doesNotContain("PHYPayload");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v1/rens/rens-1::2/lbi_joinreq, Success",
        "/api/v1/rens/, Success",
        "/, UnknownSender",
        "/api/v1/Rens/x, UnknownSender"
    })
    void aPeerMayHaveAPathOfItsOwn(String path, String result) throws Exception {
        PeerSettings settings =
                new PeerSettings(
                        new PeerRole.NetworkServer(JoinHouse.NET_ID),
                        List.of(),
                        false,
                        Optional.empty(),
                        Optional.of("/api/v1/rens/"));
        house.peer("ns", settings, TOKEN);

        assertThat(result(send(stranger, path, bearer("token-of-ns"), joinReq(1))))
                .isEqualTo(result);
    }

    // How it is answered

    @Test
    void answersInTheResponse() throws Exception {
        house.networkServer("ns", TOKEN);

        HttpResponse<String> response =
                send(stranger, "/any/path?x=1", bearer("token-of-ns"), joinReq(1));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        JsonNode answer = Fields.JSON.readTree(response.body());
        assertThat(answer.get("MessageType").stringValue()).isEqualTo("JoinAns");
        assertThat(answer.get("TransactionID").intValue()).isEqualTo(7);
        assertThat(answer.get("ReceiverID").stringValue()).isEqualTo("000013");
        assertThat(answer.has("NwkSKey")).isTrue();
        assertThat(
                        meters.get("usher.backend.answers")
                                .tags("type", "JoinAns", "version", "1.1", "result", "Success")
                                .counter()
                                .count())
                .isOne();
        assertThat(meters.get("usher.backend.latency").tag("type", "JoinAns").timer().count())
                .isOne();
    }

    @Test
    void writesNoCodeOf1_1In1_0() throws Exception {
        house.networkServer("ns", TOKEN);
        send(stranger, "/", bearer("token-of-ns"), joinReq(1));

        assertThat(
                        result(
                                send(
                                        stranger,
                                        "/",
                                        bearer("token-of-ns"),
                                        joinReq(ProtocolVersion.V1_1, 1))))
                .isEqualTo("FrameReplayed");
        String asked = joinReq(ProtocolVersion.V1_0, 1);
        assertThat(result(send(stranger, "/", bearer("token-of-ns"), asked)))
                .isEqualTo("JoinReqFailed");
        assertThat(
                        result(
                                send(
                                        stranger,
                                        "/",
                                        bearer("token-of-ns"),
                                        asked.replace("\"DevEUI\"", "\"Other\""))))
                .isEqualTo("MalformedRequest");
    }

    @Test
    void postsTheAnswerToAnAsynchronousPeerUntilItTakesIt() throws Exception {
        try (AsyncPeer peer = new AsyncPeer(2)) {
            house.peer("ns", asynchronous(peer.url(), Optional.of("Bearer back")), TOKEN);

            HttpResponse<String> response = send(stranger, "/", bearer("token-of-ns"), joinReq(1));

            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).isEmpty();
            AsyncPeer.Posted posted = peer.next();
            assertThat(posted.path()).isEqualTo("/answers");
            assertThat(posted.authorization()).isEqualTo("Bearer back");
            assertThat(posted.contentType()).isEqualTo("application/json");
            JsonNode answer = Fields.JSON.readTree(posted.body());
            assertThat(answer.get("TransactionID").intValue()).isEqualTo(7);
            assertThat(answer.at("/Result/ResultCode").stringValue()).isEqualTo("Success");
            await().until(() -> async("delivered") == 1);
            assertThat(async("retried")).isEqualTo(2);
            assertThat(meters.get("usher.backend.async.waiting").gauge().value()).isZero();

            String other = joinReq(2).replace("\"JoinReq\"", "\"ProfileReq\"");
            assertThat(send(stranger, "/", bearer("token-of-ns"), other).body()).isEmpty();
            assertThat(peer.next().body()).contains("\"ProfileAns\"", "\"MalformedMessage\"");
        }
    }

    @Test
    void answersARequestThatComesAgainOnceWhileItsAnswerIsOnTheWay() throws Exception {
        try (AsyncPeer peer = new AsyncPeer(0)) {
            house.peer("ns", asynchronous(peer.url(), Optional.empty()), TOKEN);
            String asked = withTransactionId0(joinReq(1));
            peer.hold();

            for (int i = 0; i < 3; i++) {
                assertThat(send(stranger, "/", bearer("token-of-ns"), asked).body()).isEmpty();
            }
            await().until(() -> async("repeated") == 2);
            peer.release();

            assertThat(peer.next().body()).contains("\"Success\"", "\"TransactionID\":0");
            await().until(() -> async("delivered") == 1);

            // Later it is a replay, and two joins of one TransactionID are two.
            send(stranger, "/", bearer("token-of-ns"), asked);
            assertThat(peer.next().body()).contains("\"FrameReplayed\"");
            send(stranger, "/", bearer("token-of-ns"), withTransactionId0(joinReq(2)));
            assertThat(peer.next().body()).contains("\"Success\"");
        }
    }

    private static String withTransactionId0(String message) {
        return message.replace("\"TransactionID\":7", "\"TransactionID\":0");
    }

    @Test
    void givesUpOnAnAsynchronousPeerThatStaysAway() throws Exception {
        try (AsyncPeer peer = new AsyncPeer(Integer.MAX_VALUE)) {
            house.peer("ns", asynchronous(peer.url(), Optional.empty()), TOKEN);

            assertThat(send(stranger, "/", bearer("token-of-ns"), joinReq(1)).body()).isEmpty();

            await().until(() -> async("abandoned") == 1);
            assertThat(async("retried")).isEqualTo(3);
        }
    }

    @Test
    void answersInTheResponseThoseWhoOnlyClaimToBeAnAsynchronousPeer() throws Exception {
        try (AsyncPeer peer = new AsyncPeer(0)) {
            house.peer("ns", asynchronous(peer.url(), Optional.empty()), TOKEN);

            assertThat(result(send(stranger, "/", "", joinReq(1)))).isEqualTo("UnknownSender");
            assertThat(meters.get("usher.backend.async.waiting").gauge().value()).isZero();
        }
    }

    @Test
    void acknowledgesAnAnswerThatNobodyWaitsFor() throws Exception {
        house.networkServer("ns", TOKEN);
        String answer =
                """
                {"ProtocolVersion":"1.1","TransactionID":9,"MessageType":"HomeNSAns",
                 "SenderID":"000013","ReceiverID":"70B3D57ED0000000",
                 "Result":{"ResultCode":"UnknownDevEUI"}}\
                """;

        HttpResponse<String> response = send(stranger, "/", bearer("token-of-ns"), answer);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
        assertThat(logged(1))
                .singleElement()
                .satisfies(
                        entry -> {
                            assertThat(entry.type()).isEqualTo("HomeNSAns");
                            assertThat(entry.why()).isEqualTo("an answer that nobody waits for");
                        });
    }

    @Test
    void saysSoWhenTheDatabaseIsAway() throws Exception {
        house.networkServer("ns", TOKEN);
        house.house.database.close();

        HttpResponse<String> join = send(stranger, "/", bearer("token-of-ns"), joinReq(1));
        assertThat(join.statusCode()).isEqualTo(200);
        assertThat(result(join)).isEqualTo("JoinReqFailed");
        assertThat(join.body()).contains("try again").doesNotContain("AESKey");

        HttpResponse<String> home = send(stranger, "/", bearer("token-of-ns"), homeNsReq());
        assertThat(result(home)).isEqualTo("Other");
    }

    private static String homeNsReq() {
        return """
        {"ProtocolVersion":"1.0","TransactionID":0,"MessageType":"HomeNSReq",
         "SenderID":"000013","ReceiverID":"70B3D57ED0000000","DevEUI":"0102030405060708"}\
        """;
    }

    @ParameterizedTest
    @CsvSource({"000013", "0x000013", "0X000013"})
    void repeatsASenderIdAsItWasWritten(String senderId) throws Exception {
        house.networkServer("ns", TOKEN);
        String asked =
                joinReq(1).replace("\"SenderID\":\"000013\"", "\"SenderID\":\"" + senderId + "\"");

        HttpResponse<String> response = send(stranger, "/", bearer("token-of-ns"), asked);

        assertThat(result(response)).isEqualTo("Success");
        assertThat(Fields.JSON.readTree(response.body()).get("ReceiverID").stringValue())
                .isEqualTo(senderId);
    }

    // Bad input

    static Stream<Arguments> badInput() {
        String good = joinReq(1);
        return Stream.of(
                Arguments.of("nothing", "", 400, ""),
                Arguments.of("not JSON", "ProtocolVersion=1.0", 400, ""),
                Arguments.of("an array", "[" + good + "]", 400, ""),
                Arguments.of(
                        "sender twice",
                        good.replace("\"SenderID\":", "\"SenderID\":\"000013\",\"SenderID\":"),
                        400,
                        ""),
                Arguments.of(
                        "DevEUI twice",
                        good.replace("\"DevEUI\":", "\"DevEUI\":\"0102030405060708\",\"DevEUI\":"),
                        200,
                        "MalformedMessage"),
                Arguments.of(
                        "too deep at the end",
                        end(good, ",\"x\":" + "[".repeat(50) + "]".repeat(50)),
                        200,
                        "MalformedMessage"),
                Arguments.of("too deep at once", "{\"x\":" + "[".repeat(10_000), 400, ""),
                Arguments.of(
                        "a long number",
                        end(good, ",\"x\":" + "9".repeat(1000)),
                        200,
                        "MalformedMessage"),
                Arguments.of("a number of 1 MB", "{\"x\":" + "9".repeat(1 << 20) + "}", 413, ""),
                Arguments.of("33 KiB", good + " ".repeat(33 * 1024), 413, ""),
                Arguments.of(
                        "32 KiB", good + " ".repeat(32 * 1024 - good.length()), 200, "Success"),
                Arguments.of(
                        "cut off", good.substring(0, good.length() - 1), 200, "MalformedMessage"),
                Arguments.of(
                        "another DevEUI than the frame's",
                        good.replace("0102030405060708", "0102030405060709"),
                        200,
                        "MalformedMessage"),
                Arguments.of(
                        "RxDelay as text",
                        good.replace("\"RxDelay\":5", "\"RxDelay\":\"5\""),
                        200,
                        "MalformedMessage"),
                Arguments.of(
                        "a JoinEUI of others",
                        good.replace(
                                "\"ReceiverID\":\"70B3D57ED0000000\"",
                                "\"ReceiverID\":\"70B3D57ED0000001\""),
                        200,
                        "UnkownReceiver"),
                Arguments.of(
                        "a network of others",
                        good.replace("\"SenderID\":\"000013\"", "\"SenderID\":\"000014\""),
                        200,
                        "UnknownSender"),
                Arguments.of(
                        "another version",
                        good.replace("\"ProtocolVersion\":\"1.1\"", "\"ProtocolVersion\":\"2.0\""),
                        200,
                        "InvalidProtocolVersion"),
                Arguments.of(
                        "a message between networks",
                        good.replace("\"JoinReq\"", "\"XmitDataReq\""),
                        200,
                        "MalformedMessage"),
                Arguments.of(
                        "more than it needs",
                        end(good, ",\"VSExtension\":{\"VendorID\":\"00\",\"Object\":{}},\"x\":1"),
                        200,
                        "Success"));
    }

    /** An object with more at its end. */
    private static String end(String object, String more) {
        return object.substring(0, object.length() - 1) + more + "}";
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badInput")
    void answersWhatHasAHeaderAndNothingElse(String name, String body, int status, String result)
            throws Exception {
        house.networkServer("ns", TOKEN);

        HttpResponse<String> response = send(stranger, "/", bearer("token-of-ns"), body);

        assertThat(response.statusCode()).isEqualTo(status);
        if (status == 200) {
            assertThat(result(response)).isEqualTo(result);
        } else {
            assertThat(response.body()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "application/json, 200",
        "application/json;charset=utf-8, 200",
        "Application/JSON; Charset=\"UTF-8\", 200",
        "text/plain, 415",
        "application/xml, 415",
        "application/jsonp, 415",
        "application/x-www-form-urlencoded, 415"
    })
    void takesJsonOnly(String contentType, int status) throws Exception {
        house.networkServer("ns", TOKEN);
        HttpRequest request =
                HttpRequest.newBuilder(uri("/"))
                        .header("Content-Type", contentType)
                        .POST(HttpRequest.BodyPublishers.ofString(joinReq(1)))
                        .build();

        assertThat(send(stranger, request).statusCode()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({"GET", "PUT", "DELETE", "HEAD"})
    void isPostedToOnly(String method) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(uri("/"))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build();

        HttpResponse<String> response = send(stranger, request);

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).hasValue("POST");
    }

    // Tools

    /** A peer that answers 500 a few times before it takes what is posted. */
    private static final class AsyncPeer implements AutoCloseable {

        private final HttpsServer server;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final AtomicInteger refusals;
        private final BlockingQueue<Posted> posted = new LinkedBlockingQueue<>();
        private final Semaphore open = new Semaphore(1);

        record Posted(String path, String authorization, String contentType, String body) {}

        AsyncPeer(int refusals) throws Exception {
            this.refusals = new AtomicInteger(refusals);
            server =
                    HttpsServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(context(LOCALHOST)));
            server.setExecutor(threads);
            server.createContext("/", this::handle);
            server.start();
        }

        URI url() {
            return URI.create("https://localhost:" + server.getAddress().getPort() + "/answers");
        }

        private void handle(HttpExchange exchange) throws java.io.IOException {
            try (exchange) {
                Posted request =
                        new Posted(
                                exchange.getRequestURI().getPath(),
                                String.valueOf(
                                        exchange.getRequestHeaders().getFirst("Authorization")),
                                String.valueOf(
                                        exchange.getRequestHeaders().getFirst("Content-Type")),
                                new String(exchange.getRequestBody().readAllBytes(), UTF_8));
                open.acquireUninterruptibly();
                open.release();
                boolean refuses = refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
                exchange.sendResponseHeaders(refuses ? 500 : 204, -1);
                if (!refuses) {
                    posted.add(request);
                }
            }
        }

        /** Lets what is posted wait. */
        void hold() {
            open.acquireUninterruptibly();
        }

        void release() {
            open.release();
        }

        Posted next() throws InterruptedException {
            Posted next = posted.poll(10, TimeUnit.SECONDS);
            assertThat(next).isNotNull();
            return next;
        }

        @Override
        public void close() {
            open.release();
            server.stop(0);
            threads.close();
        }
    }

    private static PeerSettings asynchronous(URI url, Optional<String> authorization) {
        return new PeerSettings(
                new PeerRole.NetworkServer(JoinHouse.NET_ID),
                List.of(),
                false,
                Optional.of(new AsyncTarget(url, authorization)),
                Optional.empty());
    }

    private double async(String outcome) {
        return meters.get("usher.backend.async").tag("outcome", outcome).counter().count();
    }

    /** The newest entries, once there are so many. */
    private List<BackendLog.Entry> logged(int count) {
        return await().until(
                        () ->
                                house
                                        .house
                                        .joinServer
                                        .log()
                                        .newest(BackendLog.Filter.ALL, Long.MAX_VALUE, 100)
                                        .stream()
                                        .map(BackendLog.Numbered::entry)
                                        .toList(),
                        entries -> entries.size() == count);
    }

    private static String bearer(String token) {
        return "Bearer " + token;
    }

    private static String basic(String userAndPassword) {
        return "Basic " + Base64.getEncoder().encodeToString(userAndPassword.getBytes(UTF_8));
    }

    private static String result(HttpResponse<String> response) {
        return Fields.JSON.readTree(response.body()).at("/Result/ResultCode").stringValue();
    }

    private URI uri(String path) {
        return URI.create("https://localhost:" + listener.port() + path);
    }

    private HttpResponse<String> send(
            HttpClient client, String path, String authorization, String body) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(path))
                        .POST(HttpRequest.BodyPublishers.ofString(body, UTF_8));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return send(client, request.build());
    }

    private static HttpResponse<String> send(HttpClient client, HttpRequest request)
            throws Exception {
        return client.send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
    }

    private static CertificateAuthority authority(String name) {
        return CertificateAuthority.create(name, InstantSource.system());
    }

    private static IssuedCertificate issue(CertificateAuthority authority, String name) {
        return authority.issueServer(List.of(name), Duration.ofHours(1));
    }

    private static HttpClient client(@Nullable IssuedCertificate own) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .sslContext(context(own))
                .build();
    }

    private static SSLContext context(@Nullable IssuedCertificate own) {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", SERVERS.certificate());
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            KeyManager @Nullable [] keys = null;
            if (own != null) {
                KeyStore store = KeyStore.getInstance("PKCS12");
                store.load(null, null);
                store.setKeyEntry(
                        "own",
                        own.privateKey(),
                        new char[0],
                        new X509Certificate[] {own.certificate()});
                KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
                factory.init(store, new char[0]);
                keys = factory.getKeyManagers();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust.getTrustManagers(), null);
            return context;
        } catch (java.security.GeneralSecurityException | java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
