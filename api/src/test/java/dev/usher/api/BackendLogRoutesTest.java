package dev.usher.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usher.api.House.Answer;
import dev.usher.api.edge.Edge;
import dev.usher.api.edge.Listener;
import dev.usher.api.edge.ListenerOptions;
import dev.usher.backend.BackendCodec;
import dev.usher.devices.ActivationSettings;
import dev.usher.devices.BackendLog;
import dev.usher.devices.DeviceClaims;
import dev.usher.devices.PeerCredential;
import dev.usher.devices.PeerProof;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What was asked over Backend Interfaces, listed and followed. */
class BackendLogRoutesTest {

    private static final String LOG = "/api/v1/backend-log";

    private @TempDir Path directory;
    private JoinHouse house;

    @BeforeEach
    void open() {
        house = new JoinHouse(directory);
        house.networkServer("ns", new PeerCredential.BearerToken("token-of-ns"));
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void listsTheNewestFirst() throws Exception {
        join(1);
        join(1);
        ask(
                "{\"ProtocolVersion\":\"1.0\",\"TransactionID\":0,\"MessageType\":\"ProfileReq\","
                        + "\"SenderID\":\"000099\",\"ReceiverID\":\"70B3D57ED0000000\"}");
        written(3);

        JsonNode items = list("").json().get("items");
        assertThat(items.findValuesAsString("result"))
                .containsExactly("MalformedMessage", "FrameReplayed", "Success");
        JsonNode replayed = items.get(1);
        assertThat(replayed.get("peer").stringValue()).isEqualTo("ns");
        assertThat(replayed.get("sender").stringValue()).isEqualTo("000013");
        assertThat(replayed.get("device").stringValue()).isEqualTo("0102030405060708");
        assertThat(replayed.get("type").stringValue()).isEqualTo("JoinReq");
        assertThat(replayed.get("version").stringValue()).isEqualTo("1.1");
        assertThat(replayed.get("nonce").intValue()).isOne();
        assertThat(replayed.get("why").stringValue()).contains("1");
        assertThat(items.get(0).has("peer")).isFalse();

        assertThat(seqs(list("?peer=ns"))).hasSize(2);
        assertThat(seqs(list("?device=0102030405060708"))).hasSize(2);
        assertThat(list("?peer=other").status()).isEqualTo(404);
        Answer first = list("?limit=2");
        assertThat(first.json().get("next").longValue()).isEqualTo(seqs(first).getLast());
        assertThat(seqs(list("?limit=2&before=" + first.json().get("next"))))
                .containsExactly(seqs(list("")).getLast());
    }

    @Test
    void findsTheEntriesWithAResult() throws Exception {
        join(1);
        join(1);
        join(2);
        written(3);

        assertThat(list("?result=FrameReplayed").json().get("items").findValuesAsString("nonce"))
                .containsExactly("1");
        Answer first = list("?result=Success&limit=1");
        assertThat(first.json().get("items").findValuesAsString("nonce")).containsExactly("2");
        Answer second = list("?result=Success&limit=1&before=" + first.json().get("next"));
        assertThat(second.json().get("items").findValuesAsString("nonce")).containsExactly("1");
        assertThat(list("?result=MICFailed").json().has("next")).isFalse();
    }

    @Test
    void saysWhereNothingCanBeFound() throws Exception {
        ask(
                "{\"ProtocolVersion\":\"1.0\",\"TransactionID\":0,\"MessageType\":\"ProfileReq\","
                        + "\"SenderID\":\"000099\",\"ReceiverID\":\"70B3D57ED0000000\"}");
        written(1);

        assertThat(detail("?result=success"))
                .isEqualTo("result 'success' does not exist: did you mean Success?");
        assertThat(detail("?result=Nonsense"))
                .startsWith("result 'Nonsense' does not exist: there are Success, NoAction, ");
        assertThat(detail("?peer=other")).isEqualTo("there is no peer 'other'");
        assertThat(list("/stream?peer=other").status()).isEqualTo(404);
        assertThat(list("/stream?result=success").status()).isEqualTo(400);
        // As the message itself had it, in version 1.0.
        assertThat(seqs(list("?result=MalformedRequest"))).hasSize(1);
        assertThat(seqs(list("?peer=ns"))).isEmpty();
        // Owners are told of no peers.
        assertThat(seqs(list("?peer=other", house.house.acmeKey))).isEmpty();
    }

    private String detail(String query) throws Exception {
        return list(query).json().get("detail").stringValue();
    }

    @Test
    void showsOwnersWhatConcernsTheirDevices() throws Exception {
        join(1);
        written(1);
        assertThat(seqs(list("", house.house.acmeKey))).isEmpty();

        String token =
                house.house.database.write(
                        house.house
                                .joinServer
                                .claims()
                                .regenerateOwnerToken(House.ADMIN, JoinHouse.DEV_EUI));
        house.house.database.write(
                house.house
                        .joinServer
                        .claims()
                        .claim(
                                House.ADMIN,
                                House.ACME,
                                List.of(
                                        new DeviceClaims.Claim(
                                                JoinHouse.DEV_EUI,
                                                token,
                                                ActivationSettings.NONE,
                                                true,
                                                false))));

        assertThat(seqs(list("", house.house.acmeKey))).hasSize(1);
        assertThat(seqs(list("?owner=::1", house.house.otherKey))).isEmpty();
        assertThat(seqs(list("?owner=::1"))).hasSize(1);
        assertThat(seqs(list("?owner=::2"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"limit=0", "limit=x", "before=-1", "device=1", "owner=zz"})
    void saysWhatItDoesNotUnderstand(String query) throws Exception {
        assertThat(list("?" + query).status()).isEqualTo(400);
    }

    @Test
    void isFollowedFromNowOnAndTakenUpAgainWhereItBroke() throws Exception {
        join(1);
        written(1);
        try (Edge edge = Edge.create();
                HttpClient client = HttpClient.newHttpClient()) {
            Listener web = edge.listen(ListenerOptions.of("web", "127.0.0.1", 0), house.house.rest);
            long last;
            try (Events events = new Events(client, web.port(), "?peer=ns", Optional.empty())) {
                assertThat(events.contentType).isEqualTo("text/event-stream");
                join(2);
                Event event = events.next();
                assertThat(event.data().get("nonce").intValue()).isEqualTo(2);
                assertThat(event.data().get("result").stringValue()).isEqualTo("Success");
                assertThat(event.data().get("seq").longValue()).isEqualTo(event.id());
                last = event.id();
            }
            join(3);
            join(3);
            join(4);
            written(5);
            try (Events events = new Events(client, web.port(), "", Optional.of(last))) {
                assertThat(events.next().data().get("nonce").intValue()).isEqualTo(3);
                assertThat(events.next().data().get("result").stringValue())
                        .isEqualTo("FrameReplayed");
                assertThat(events.next().data().get("nonce").intValue()).isEqualTo(4);
            }
            try (Events events =
                    new Events(client, web.port(), "?result=Success", Optional.of(last))) {
                assertThat(events.next().data().get("nonce").intValue()).isEqualTo(3);
                assertThat(events.next().data().get("nonce").intValue()).isEqualTo(4);

                house.house.rest.close();
                assertThat(events.lines.readLine()).isNull();
            }
        }
    }

    @Test
    void aSilentStreamShowsThatItIsAliveAndEndsInTime() throws Exception {
        try (BackendLogRoutes routes =
                new BackendLogRoutes(
                        house.house.joinServer.log(),
                        Duration.ofMillis(1),
                        Duration.ofMillis(900))) {
            Routes<dev.usher.accounts.Principal> table = new Routes<>();
            routes.addTo(table);
            var request = dev.usher.api.edge.Request.of("GET", LOG + "/stream");
            var found = (Routes.Match.Found<dev.usher.accounts.Principal>) table.find(request);

            Answer answer = Answer.of(found.route().answer(House.ADMIN, request, found.path()));

            assertThat(answer.body()).isEqualTo(": from entry 0\n\n:\n\n");
        }
    }

    private record Event(long id, JsonNode data) {}

    /** Server-sent events as a client reads them. */
    private final class Events implements AutoCloseable {

        private final InputStream stream;
        private final BufferedReader lines;
        private final String contentType;

        Events(HttpClient client, int port, String query, Optional<Long> last) throws Exception {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "http://localhost:" + port + LOG + "/stream" + query))
                            .header("Authorization", "Bearer " + house.house.administratorKey);
            last.ifPresent(id -> request.header("Last-Event-ID", id.toString()));
            HttpResponse<InputStream> response =
                    client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            contentType = response.headers().firstValue("Content-Type").orElse("");
            stream = response.body();
            lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            assertThat(lines.readLine()).startsWith(": from entry ");
            assertThat(lines.readLine()).isEmpty();
        }

        Event next() throws Exception {
            String id = lines.readLine();
            String data = lines.readLine();
            assertThat(lines.readLine()).isEmpty();
            assertThat(id).startsWith("id: ");
            assertThat(data).startsWith("data: ");
            return new Event(
                    Long.parseLong(id.substring(4)), Fields.JSON.readTree(data.substring(6)));
        }

        @Override
        public void close() throws java.io.IOException {
            stream.close();
        }
    }

    private void join(int devNonce) {
        ask(JoinHouse.joinReq(devNonce));
    }

    private void ask(String message) {
        house.house.joinServer.answer(
                BackendCodec.parse(message.getBytes(StandardCharsets.UTF_8)),
                new PeerProof(List.of(), Optional.of("Bearer token-of-ns"), "/"));
    }

    private void written(int count) {
        await().until(
                        () ->
                                house.house
                                                .joinServer
                                                .log()
                                                .newest(BackendLog.Filter.ALL, Long.MAX_VALUE, 100)
                                                .size()
                                        == count);
    }

    private Answer list(String query) throws Exception {
        return house.house.askRest("GET", LOG + query, "");
    }

    private Answer list(String query, String key) throws Exception {
        return House.ask(house.house.rest, "GET", LOG + query, key, "");
    }

    private static List<Long> seqs(Answer answer) {
        List<Long> seqs = new ArrayList<>();
        answer.json().get("items").forEach(item -> seqs.add(item.get("seq").longValue()));
        return seqs;
    }
}
