package dev.usher.interop;

import static dev.usher.interop.Setting.DEV_EUI;
import static dev.usher.interop.Setting.JOIN_EUI;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.backend.Answer;
import dev.usher.backend.Header;
import dev.usher.backend.HomeNsAns;
import dev.usher.backend.HomeNsReq;
import dev.usher.backend.Message;
import dev.usher.backend.ProtocolVersion;
import dev.usher.backend.Request;
import dev.usher.interop.Certificates.Issued;
import dev.usher.interop.Outcome.Answered;
import dev.usher.interop.Outcome.Unreachable;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Join Server that acknowledges requests and posts its answers later. */
class AsyncRepliesTest {

    private static Certificates certificates;
    private static Issued peer;

    @TempDir private Path directory;
    private TestJoinServer joinServer;
    private InteropClient client;

    @BeforeAll
    static void makeAuthority() {
        certificates = new Certificates();
        peer = certificates.issue("js.example");
    }

    @BeforeEach
    void start() {
        joinServer = TestJoinServer.of(certificates, "js.example");
        Setting setting =
                new Setting(directory)
                        .write("ca.pem", certificates.authority().certificatePem())
                        .writeOne(
                                "{fqdn: js.example, port: %d, protocol: BI1.0, tls: {root-ca: ca.pem}}"
                                        .formatted(joinServer.port()));
        client = setting.client(setting.settings().withDeadline(Duration.ofSeconds(3)));
    }

    @AfterEach
    void stop() {
        client.close();
        joinServer.close();
    }

    private boolean post(Message answer, X509Certificate... chain) {
        return client.asyncReplies().offer(answer, List.of(chain));
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 202, 204})
    void takesTheAnswerThatIsPosted(int status) {
        CompletableFuture<Boolean> taken = new CompletableFuture<>();
        joinServer.doing(
                request -> {
                    Answer answer = TestJoinServer.success(request);
                    Thread.ofVirtual()
                            .start(() -> taken.complete(post(answer, peer.certificate())));
                    return TestJoinServer.reply(status, "");
                });
        assertThat(client.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Answered.class);
        assertThat(taken).isCompletedWithValue(true);
    }

    @Test
    void takesTheAnswerThatOvertakesTheAcknowledgement() {
        joinServer.doing(
                request -> {
                    assertThat(post(TestJoinServer.success(request), peer.certificate())).isTrue();
                    return TestJoinServer.reply(200, "");
                });
        assertThat(client.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Answered.class);
        assertThat(client.asyncReplies().size()).isZero();
    }

    @Test
    void waitsNoLongerThanTheDeadline() {
        joinServer.doing(_ -> TestJoinServer.reply(200, ""));
        assertThat(client.homeNs(JOIN_EUI, DEV_EUI))
                .isEqualTo(
                        new Unreachable<>(
                                "js.example:"
                                        + joinServer.port()
                                        + " took the request and posted no answer within 3 s"));
        assertThat(client.asyncReplies().size()).isZero();
    }

    /** What somebody else posts is discarded, and the right answer still counts. */
    private void assertDiscarded(Function<Request, Answer> other, X509Certificate... chain) {
        joinServer.doing(
                request -> {
                    assertThat(post(other.apply(request.message()), chain)).isFalse();
                    assertThat(post(TestJoinServer.success(request), peer.certificate())).isTrue();
                    return TestJoinServer.reply(200, "");
                });
        assertThat(client.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Answered.class);
    }

    @Test
    void discardsWhatComesFromSomebodyElse() {
        assertDiscarded(TestJoinServer::success, certificates.issue("other.example").certificate());
    }

    @Test
    void discardsWhatComesWithACertificateOfAnotherAuthority() {
        assertDiscarded(
                TestJoinServer::success, new Certificates().issue("js.example").certificate());
    }

    @Test
    void discardsWhatComesWithoutACertificate() {
        assertDiscarded(TestJoinServer::success);
    }

    @Test
    void discardsAnswersToOtherTransactions() {
        assertDiscarded(
                request ->
                        TestJoinServer.success(
                                new HomeNsReq(
                                        new Header(
                                                ProtocolVersion.V1_0,
                                                request.header().senderId(),
                                                request.header().receiverId(),
                                                request.header().transactionId() ^ 1),
                                        DEV_EUI)),
                peer.certificate());
    }

    @Test
    void discardsAnswersToOtherQuestions() {
        assertDiscarded(
                request -> TestJoinServer.success(Setting.joinReq(request.header())),
                peer.certificate());
    }

    @Test
    void discardsAnswersNobodyWaitsFor() {
        Header header = new Header(ProtocolVersion.V1_0, "70B3D57ED0000001", "000013", 0);
        HomeNsReq request = new HomeNsReq(header.answer(), DEV_EUI);
        assertThat(post(TestJoinServer.success(request), peer.certificate())).isFalse();
        assertThat(post(request, peer.certificate())).isFalse();
    }

    @Test
    void takesAnAnswerOnce() {
        CompletableFuture<HomeNsAns> answer = new CompletableFuture<>();
        joinServer.doing(
                request -> {
                    answer.complete((HomeNsAns) TestJoinServer.success(request));
                    assertThat(post(answer.join(), peer.certificate())).isTrue();
                    assertThat(post(answer.join(), peer.certificate())).isFalse();
                    return TestJoinServer.reply(200, "");
                });
        assertThat(client.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Answered.class);
        assertThat(post(answer.join(), peer.certificate())).isFalse();
    }

    @Test
    void giveEveryRequestATransactionIdOfItsOwn() {
        AsyncReplies replies = new AsyncReplies();
        Set<Long> ids = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            // Not closed: they all wait at the same time.
            Request request =
                    replies.begin(
                                    id ->
                                            new HomeNsReq(
                                                    new Header(
                                                            ProtocolVersion.V1_0,
                                                            "000013",
                                                            "70B3D57ED0000001",
                                                            id),
                                                    DEV_EUI),
                                    _ -> true)
                            .request();
            assertThat(request.header().transactionId()).isNotZero();
            ids.add(request.header().transactionId());
        }
        assertThat(ids).hasSize(10_000);
        assertThat(replies.size()).isEqualTo(10_000);
    }
}
