package dev.usher.interop;

import static dev.usher.interop.Setting.DEV_EUI;
import static dev.usher.interop.Setting.JOIN_EUI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.backend.Answer;
import dev.usher.backend.AppSKeyAns;
import dev.usher.backend.AppSKeyReq;
import dev.usher.backend.BackendCodec;
import dev.usher.backend.Header;
import dev.usher.backend.HomeNsAns;
import dev.usher.backend.JoinAns;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.Octets;
import dev.usher.backend.ProtocolVersion;
import dev.usher.backend.RejoinAns;
import dev.usher.backend.Request;
import dev.usher.backend.Result;
import dev.usher.backend.ResultCode;
import dev.usher.backend.SessionGrant;
import dev.usher.interop.Outcome.Answered;
import dev.usher.interop.Outcome.NoJoinServer;
import dev.usher.interop.Outcome.Refused;
import dev.usher.interop.Outcome.Unreachable;
import dev.usher.interop.TestJoinServer.Reaction;
import dev.usher.interop.TestJoinServer.Received;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.NetId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One Join Server over HTTPS, friendly or not. */
class InteropClientTest {

    private static Certificates certificates;

    @TempDir private Path directory;
    private Setting setting;
    private TestJoinServer joinServer;

    @BeforeAll
    static void makeAuthority() {
        certificates = new Certificates();
    }

    @BeforeEach
    void start() {
        joinServer = TestJoinServer.of(certificates, "js.example");
        setting = new Setting(directory);
        setting.write("ca.pem", certificates.authority().certificatePem());
    }

    @AfterEach
    void stop() {
        joinServer.close();
    }

    private String name() {
        return "js.example:" + joinServer.port();
    }

    private InteropClient client(String protocol, String more) {
        return configured(protocol, more).client();
    }

    private Setting configured(String protocol, String more) {
        return setting.writeOne(
                """
                fqdn: js.example
                port: %d
                protocol: %s
                tls: {root-ca: ca.pem}
                %s
                """
                        .formatted(joinServer.port(), protocol, more));
    }

    @Test
    void joinsInVersion1_0() {
        try (InteropClient client = client("BI1.0", "")) {
            Outcome<JoinAns> outcome = client.join(JOIN_EUI, Setting::joinReq);

            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            Answered.class,
                            answered -> assertThat(answered.joinServer()).isEqualTo(name()));
            assertThat(grantOf(outcome).phyPayload()).isEqualTo(TestJoinServer.JOIN_ACCEPT);
        }
        Received request = joinServer.received().getFirst();
        Header header = request.message().header();
        assertThat(request.path()).isEqualTo("/");
        assertThat(request.headers())
                .containsEntry("content-type", "application/json")
                .containsEntry("user-agent", "Usher")
                .doesNotContainKeys("authorization", "upgrade");
        assertThat(header.version()).isEqualTo(ProtocolVersion.V1_0);
        assertThat(header.senderId()).isEqualTo("000013");
        assertThat(header.receiverId()).isEqualTo("70B3D57ED0000001");
        assertThat(header.senderNsId()).isEmpty();
        assertThat(header.transactionId()).isBetween(1L, 0xFFFFFFFFL);
        assertThat(request.message()).isEqualTo(Setting.joinReq(header));
    }

    private static SessionGrant grantOf(Outcome<JoinAns> outcome) {
        return ((Answered<JoinAns>) outcome).answer().grant().orElseThrow();
    }

    @Test
    void joinsInVersion1_1AsTheNetworkServerOfItsNsId() {
        try (InteropClient client = client("BI1.1", "")) {
            assertThat(client.join(JOIN_EUI, Setting::joinReq)).isInstanceOf(Answered.class);
        }
        Header header = joinServer.received().getFirst().message().header();
        assertThat(header.version()).isEqualTo(ProtocolVersion.V1_1);
        assertThat(header.senderNsId()).contains(Setting.NS_ID);
    }

    @Test
    void isCalledAsTheJoinServerWantsItCalled() {
        try (InteropClient client = client("BI1.1", "sender-ns-id: '1122334455667788'")) {
            assertThat(client.join(JOIN_EUI, Setting::joinReq)).isInstanceOf(Answered.class);
        }
        assertThat(joinServer.received().getFirst().message().header().senderNsId())
                .contains(Eui64.parse("1122334455667788"));
    }

    @Test
    void sendsEachRequestToItsPath() {
        String paths =
                """
                paths:
                  join: api/v1/rens/rens-1::2/lbi_joinreq
                  rejoin: /some/other/path
                  app-s-key: other/path
                """;
        try (InteropClient client = client("BI1.1", paths)) {
            assertThat(client.join(JOIN_EUI, Setting::joinReq)).isInstanceOf(Answered.class);
            assertThat(client.rejoin(JOIN_EUI, Setting::rejoinReq)).isInstanceOf(Answered.class);
            Outcome<AppSKeyAns> appSKey = client.appSKey(JOIN_EUI, DEV_EUI, Octets.parse("0102"));
            Outcome<HomeNsAns> homeNs = client.homeNs(JOIN_EUI, DEV_EUI);

            assertThat(((Answered<AppSKeyAns>) appSKey).answer().appSKey())
                    .contains(KeyEnvelope.clear(TestJoinServer.KEY));
            assertThat(((Answered<HomeNsAns>) homeNs).answer().hNetId())
                    .contains(NetId.parse("000013"));
        }
        assertThat(joinServer.received())
                .extracting(Received::path)
                .containsExactly(
                        "/api/v1/rens/rens-1::2/lbi_joinreq",
                        "/some/other/path",
                        "/other/path",
                        "/");
        Request appSKeyReq = joinServer.received().get(2).message();
        assertThat(appSKeyReq.header().senderId()).isEqualTo("as.example.com");
        assertThat(appSKeyReq.header().senderNsId()).isEmpty();
        assertThat(appSKeyReq)
                .isEqualTo(new AppSKeyReq(appSKeyReq.header(), DEV_EUI, Octets.parse("0102")));
    }

    @Test
    void authenticatesItselfAndSendsHeaders() {
        String more =
                """
                basic-auth: {username: user, password: "sécret:1"}
                headers:
                  Some-Header: SomeValue
                  content-type: application/vnd.lora+json
                """;
        try (InteropClient client = client("BI1.0", more)) {
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Answered.class);
        }
        String credentials =
                Base64.getEncoder()
                        .encodeToString("user:sécret:1".getBytes(StandardCharsets.UTF_8));
        assertThat(joinServer.received().getFirst().headers())
                .containsEntry("some-header", "SomeValue")
                .containsEntry("content-type", "application/vnd.lora+json")
                .containsEntry("authorization", "Basic " + credentials);
    }

    @Test
    void keepsItsConnections() {
        try (InteropClient client = client("BI1.0", "")) {
            for (int i = 0; i < 5; i++) {
                assertThat(client.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Answered.class);
            }
        }
        assertThat(joinServer.received()).extracting(Received::connection).containsOnly(1);
        assertThat(joinServer.received())
                .extracting(request -> request.message().header().transactionId())
                .doesNotHaveDuplicates();
    }

    @Test
    void sendsTheSameAgainOverAnotherConnectionWhenOneBreaks() {
        try (InteropClient client = client("BI1.0", "")) {
            assertThat(client.join(JOIN_EUI, Setting::joinReq)).isInstanceOf(Answered.class);
            // A server that closed the connection meanwhile, and was not heard doing it.
            joinServer.doing(
                    request ->
                            request.connection() == 1
                                    ? new Reaction.HangUp()
                                    : TestJoinServer.reply(TestJoinServer.success(request)));

            assertThat(client.join(JOIN_EUI, Setting::joinReq)).isInstanceOf(Answered.class);
        }
        List<Received> requests = joinServer.received();
        assertThat(requests).extracting(Received::connection).containsExactly(1, 1, 2);
        assertThat(requests.get(2).body()).isEqualTo(requests.get(1).body());
    }

    @Test
    void triesAgainOnlyOnce() {
        joinServer.doing(_ -> new Reaction.HangUp());
        try (InteropClient client = client("BI1.0", "")) {
            assertThat(client.join(JOIN_EUI, Setting::joinReq))
                    .isEqualTo(new Unreachable<>(name() + " broke the connection off"));
        }
        assertThat(joinServer.received()).hasSize(2);
    }

    @Test
    void tellsThatNobodyListens() {
        joinServer.close();
        try (InteropClient client = client("BI1.0", "")) {
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI))
                    .isEqualTo(new Unreachable<>(name() + " takes no connections"));
        }
    }

    @Test
    void tellsThatThereIsNoSuchHost() {
        setting.writeOne("{fqdn: nowhere.example, protocol: BI1.0}");
        try (InteropClient client = setting.client()) {
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI))
                    .isEqualTo(
                            new Unreachable<>(
                                    "nowhere.example:443 has a name that DNS does not know"));
        }
    }

    @Test
    void waitsNoLongerThanItsDeadline() {
        joinServer.doing(_ -> new Reaction.Silence());
        configured("BI1.0", "");
        try (InteropClient client =
                setting.client(setting.settings().withDeadline(Duration.ofMillis(300)))) {
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI))
                    .isEqualTo(new Unreachable<>(name() + " did not answer within 300 ms"));
        }
        assertThat(joinServer.received()).hasSize(1);
    }

    @Test
    void handsRefusalsOn() {
        joinServer.answering(
                request -> request.refusal(Result.of(ResultCode.UNKNOWN_DEV_EUI, "who is that?")));
        try (InteropClient client = client("BI1.0", "")) {
            assertThat(client.join(JOIN_EUI, Setting::joinReq))
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> {
                                assertThat(refused.joinServer()).isEqualTo(name());
                                assertThat(refused.answer().result())
                                        .isEqualTo(
                                                Result.of(
                                                        ResultCode.UNKNOWN_DEV_EUI,
                                                        "who is that?"));
                            });
        }
    }

    /** As BRO's Join Server does. */
    @Test
    void takesARefusalThatComesWithAnHttpStatusOfItsOwn() {
        joinServer.doing(
                request ->
                        TestJoinServer.reply(
                                400,
                                BackendCodec.write(
                                        request.message()
                                                .refusal(Result.of(ResultCode.MIC_FAILED, "no")))));
        try (InteropClient client = client("BI1.0", "")) {
            assertThat(client.join(JOIN_EUI, Setting::joinReq)).isInstanceOf(Refused.class);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    401 |                | answered with HTTP status 401
                    404 | <html></html>  | answered with HTTP status 404
                    500 | {}             | answered with HTTP status 500
                    307 |                | answered with HTTP status 307, a redirection, which is not followed
                    200 | <html></html>  | sent an answer that is none: the message is not JSON at line 1, column 1
                    200 | {              | sent an answer that is none: the message is not JSON at line 1, column 2
                    200 | {}             | sent an answer that is none: MessageType is missing
                    """)
    void tellsWhatItGotInsteadOfAnAnswer(int status, String body, String how) {
        String sent = body == null ? "" : body;
        joinServer.doing(
                _ ->
                        new Reaction.Reply(
                                status,
                                "Location: https://other.example/\r\n",
                                sent.getBytes(StandardCharsets.UTF_8)));
        try (InteropClient client = client("BI1.0", "")) {
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI))
                    .isEqualTo(new Unreachable<>(name() + " " + how));
        }
        assertThat(joinServer.received()).hasSize(1);
    }

    @Test
    void readsNoAnswerThatIsTooLarge() {
        joinServer.doing(_ -> TestJoinServer.reply(200, " ".repeat(33 * 1024)));
        try (InteropClient client = client("BI1.0", "")) {
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI))
                    .isEqualTo(
                            new Unreachable<>(
                                    name()
                                            + " sent an answer that cannot be read (body exceeds"
                                            + " capacity: 32768)"));
        }
        assertThat(joinServer.received()).hasSize(1);
    }

    static List<Arguments> otherAnswers() {
        return List.of(
                Arguments.of(
                        with(h -> header(h, h.senderId(), h.receiverId(), 0)),
                        "answered transaction 0 instead of [0-9]+"),
                Arguments.of(
                        with(h -> header(h, "70B3D57ED0000002", h.receiverId(), h.transactionId())),
                        "answered with SenderID 70B3D57ED0000002 instead of 70B3D57ED0000001"),
                Arguments.of(
                        with(h -> header(h, h.senderId(), "000014", h.transactionId())),
                        "answered with ReceiverID 000014 instead of 000013"));
    }

    /** A success whose header is another one. */
    private static Function<Request, Answer> homeNsAns(UnaryOperator<Header> change) {
        return request ->
                new HomeNsAns(
                        change.apply(request.header().answer()),
                        Result.success(),
                        Optional.of(NetId.parse("000013")),
                        Optional.empty());
    }

    private static UnaryOperator<Header> with(UnaryOperator<Header> change) {
        return change;
    }

    private static Header header(Header answer, String sender, String receiver, long id) {
        return new Header(answer.version(), sender, receiver, id);
    }

    @ParameterizedTest
    @MethodSource("otherAnswers")
    void takesNoAnswerToSomethingElse(UnaryOperator<Header> change, String how) {
        joinServer.answering(homeNsAns(change));
        try (InteropClient client = client("BI1.0", "")) {
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI))
                    .isInstanceOfSatisfying(
                            Unreachable.class,
                            unreachable -> assertThat(unreachable.reason()).matches(".* " + how));
        }
    }

    @Test
    void takesIdentifiersInAnySpelling() {
        joinServer.answering(
                homeNsAns(h -> header(h, "0x70b3d57ed0000001", "0x000013", h.transactionId())));
        try (InteropClient client = client("BI1.0", "")) {
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Answered.class);
        }
    }

    @Test
    void knowsNobodyForOtherJoinEuis() {
        setting.write(
                        "config.yml",
                        """
                        join-servers:
                          - file: js.yml
                            components: [ns]
                            join-euis: [70B3D57ED0000000/40]
                        """)
                .write("js.yml", "{fqdn: js.example, protocol: BI1.0}");
        Eui64 other = Eui64.parse("0016C00000000001");
        try (InteropClient client = setting.client()) {
            assertThat(client.homeNs(other, DEV_EUI)).isEqualTo(new NoJoinServer<>(other));
            assertThat(client.appSKey(JOIN_EUI, DEV_EUI, Octets.parse("01")))
                    .isEqualTo(new NoJoinServer<>(JOIN_EUI));
        }
    }

    @Test
    void needsAnAsIdToAskForAppSKeys() {
        configured("BI1.0", "");
        Sender networkServer =
                new Sender(NetId.parse("000013"), Optional.empty(), Optional.empty());
        try (InteropClient client =
                setting.client(InteropSettings.of(directory, networkServer, KeyVault.EMPTY))) {
            assertThatThrownBy(() -> client.appSKey(JOIN_EUI, DEV_EUI, Octets.parse("01")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("without an AS-ID, no AppSKey can be asked for");
        }
    }

    @Test
    void takesNoRequestsWhenItIsClosed() {
        InteropClient client = client("BI1.0", "");
        client.close();
        client.close();
        assertThatThrownBy(() -> client.homeNs(JOIN_EUI, DEV_EUI))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the interoperability client is closed");
    }

    @Test
    void givesUpWhenItsThreadIsInterrupted() throws InterruptedException {
        joinServer.doing(_ -> new Reaction.Silence());
        try (InteropClient client = client("BI1.0", "")) {
            CompletableFuture<Outcome<HomeNsAns>> outcome = new CompletableFuture<>();
            Thread asking =
                    Thread.ofVirtual()
                            .start(() -> outcome.complete(client.homeNs(JOIN_EUI, DEV_EUI)));
            asking.interrupt();
            asking.join(Setting.PATIENCE);

            assertThat(outcome)
                    .isCompletedWithValue(
                            new Unreachable<>(name() + " was not waited for any longer"));
        }
    }

    @Test
    void takesNoAnswerOfAnotherType() {
        joinServer.answering(
                request ->
                        RejoinAns.refusal(
                                request.header().answer(), Result.of(ResultCode.OTHER, "x")));
        try (InteropClient client = client("BI1.0", "")) {
            assertThat(client.join(JOIN_EUI, Setting::joinReq))
                    .isEqualTo(new Unreachable<>(name() + " answered a JoinReq with a RejoinAns"));
        }
    }
}
