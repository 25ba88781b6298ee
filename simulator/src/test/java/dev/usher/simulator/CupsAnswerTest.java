package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.lorawan.Eui64;
import dev.usher.simulator.CupsOutcome.Result;
import dev.usher.simulator.CupsOutcome.Segment;
import dev.usher.simulator.TinyServer.Answer;
import dev.usher.station.CertificateDer;
import dev.usher.station.Credentials;
import dev.usher.station.StationUri;
import dev.usher.station.UpdateInfoResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What station makes of good and bad answers, over plain HTTP. */
class CupsAnswerTest {

    private static final byte[] NOTHING = new byte[14];
    private static final String OK = "HTTP/1.1 200 OK";
    private static final String OK_14 = head(OK, "Content-Length: 14");

    private final TinyServer server = TinyServer.plain(TinyServer.ok(NOTHING));
    private final Home home = Home.inMemory();
    private final VirtualStation station =
            new VirtualStation(
                    Eui64.parse("::1"),
                    home,
                    new Settings(
                            Duration.ofHours(24),
                            Duration.ofMinutes(1),
                            Duration.ofSeconds(20),
                            Duration.ofSeconds(1),
                            /* pps= */ false,
                            "2.0.6(linux/testsim) 2026-11-21 09:50:31",
                            "linux",
                            Firmware.SCRIPT),
                    StationListener.NONE);

    CupsAnswerTest() {
        home.write("cups.uri", server.uri().getBytes(US_ASCII));
    }

    @AfterEach
    void closeServer() {
        server.close();
    }

    private CupsOutcome checkIn(Answer answer) {
        server.answer(answer);
        return station.checkIn();
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    /** Byte for byte what LoRa Basics Station 2.0.6 sent, but for the port. */
    @Test
    void asksAsStationDoes() {
        home.write("version.txt", "1.0.0\n".getBytes(US_ASCII));
        home.write("sig-0.key", new byte[64]);
        station.checkIn();
        String body =
                "{\"router\":\"::1\",\"cupsUri\":\"%s\",\"tcUri\":null,"
                        + "\"cupsCredCrc\":2077607535,\"tcCredCrc\":2077607535,"
                        + "\"station\":\"2.0.6(linux/testsim) 2026-11-21 09:50:31\","
                        + "\"model\":\"linux\",\"package\":\"1.0.0\",\"keys\":[1972200246]}";
        body = body.formatted(server.uri());
        assertThat(server.requests())
                .containsExactly(
                        new TinyServer.Request(
                                "POST /update-info HTTP/1.1\r\nHost: localhost:"
                                        + server.port()
                                        + "\r\nContent-Type: application/json\r\n"
                                        + "Content-Length:   "
                                        + body.length()
                                        + "\r\n\r\n",
                                body));
    }

    @Test
    void hasNothingToDo() {
        CupsOutcome outcome = checkIn(TinyServer.ok(NOTHING));
        assertThat(outcome.isNothingToDo()).isTrue();
        assertThat(outcome.httpStatus()).isEqualTo(200);
        assertThat(outcome.set()).isEqualTo(CredentialSet.REGULAR);
        assertThat(outcome.uri()).contains(server.uri());
    }

    private static String head(String... lines) {
        return String.join("\r\n", lines) + "\r\n\r\n";
    }

    private static Arguments good(String what, String head, byte[] body) {
        return Arguments.of(what, TinyServer.raw(head, body));
    }

    private static Arguments bad(String what, String head, byte[] body, String detail) {
        return Arguments.of(what, TinyServer.raw(head, body), detail);
    }

    static Stream<Arguments> goodAnswers() {
        Answer byteByByte =
                (request, out) -> {
                    for (byte next : (OK_14 + "\0".repeat(14)).getBytes(US_ASCII)) {
                        out.write(next);
                        out.flush();
                    }
                };
        return Stream.of(
                good("HTTP/1.0", head("HTTP/1.0 200", "Content-Length:14"), NOTHING),
                good("any case", head(OK, "cOnTeNt-LeNgTh: 14"), NOTHING),
                good("blanks", head(OK, "Content-Length:  \t 14 "), NOTHING),
                good("a continuation line", head(OK, "Content-Length:", " 14"), NOTHING),
                good("more headers", head(OK, "Date: x", "Content-Length: 14", "A: b"), NOTHING),
                // They are announced, so they are content, at which nobody looks.
                good("bytes behind", head(OK, "Content-Length: 20"), new byte[20]),
                Arguments.of("byte by byte", byteByByte));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("goodAnswers")
    void takes(String what, Answer answer) {
        CupsOutcome outcome = checkIn(answer);
        assertThat(outcome.isNothingToDo()).as("%s: %s", what, outcome.detail()).isTrue();
    }

    static Stream<Arguments> badAnswers() {
        byte[] none = {};
        byte[] chunks = "e\r\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\r\n0\r\n\r\n".getBytes(US_ASCII);
        byte[] longUri = hex("10 6161 00");
        byte[] shortSignature = hex("0000 00000000 07000000 00000000000000 00000000");
        String longHead = head(OK, "X: " + "x".repeat(9000), "Content-Length: 14");
        return Stream.of(
                bad("no answer", "", none, "closed unexpectedly"),
                bad("no HTTP", "hello", none, "closed unexpectedly"),
                bad("chunked", head(OK, "Transfer-Encoding: chunked"), chunks, "24 extra bytes"),
                bad("no length", head(OK), NOTHING, "received more data than expected"),
                bad("no body", head(OK), none, "exceed available data (0)"),
                bad("length too small", head(OK, "Content-Length: 13"), NOTHING, "1 extra bytes"),
                bad("length too large", head(OK, "Content-Length: 15"), NOTHING, "unexpectedly"),
                bad("no number", head(OK, "Content-Length: x"), NOTHING, "14 extra bytes"),
                bad("header of 9 KB", longHead, NOTHING, "header of the answer does not fit"),
                Arguments.of("1 byte", TinyServer.ok(new byte[1]), "exceed available data (1)"),
                Arguments.of("2 bytes", TinyServer.ok(new byte[2]), "exceed available data (2)"),
                Arguments.of("13 bytes", TinyServer.ok(new byte[13]), "ends within a segment"),
                Arguments.of("URI cut short", TinyServer.ok(longUri), "lengths (18) exceed"),
                Arguments.of(
                        "signature too short",
                        TinyServer.ok(shortSignature),
                        "signature segment of 7 bytes"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badAnswers")
    void fails(String what, Answer answer, String detail) {
        CupsOutcome outcome = checkIn(answer);
        assertThat(outcome.result()).as(what).isEqualTo(Result.FAILED);
        assertThat(outcome.detail()).contains(detail);
        assertThat(outcome.received()).isEmpty();
        assertThat(station.credentialSet()).isEqualTo(CredentialSet.REGULAR);
    }

    static Stream<Arguments> rejections() {
        String empty = "Content-Length: 0";
        String fourteen = "Content-Length: 14";
        return Stream.of(
                Arguments.of(201, head("HTTP/1.1 201 Created", fourteen), NOTHING),
                Arguments.of(204, head("HTTP/1.1 204 No Content"), new byte[0]),
                Arguments.of(302, head("HTTP/1.1 302 Found", "Location: x", empty), new byte[0]),
                Arguments.of(404, head("HTTP/1.1 404 Not Found", fourteen), NOTHING),
                Arguments.of(503, head("HTTP/1.1 503 Busy", empty), new byte[0]),
                Arguments.of(-1, head("HTTP/2.0 200 OK", fourteen), NOTHING),
                Arguments.of(-1, head("HTTP/1.1 OK", fourteen), NOTHING));
    }

    @ParameterizedTest
    @MethodSource("rejections")
    void isRejected(int status, String head, byte[] body) {
        CupsOutcome outcome = checkIn(TinyServer.raw(head, body));
        assertThat(outcome.result()).isEqualTo(Result.REJECTED);
        assertThat(outcome.httpStatus()).isEqualTo(status);
        assertThat(station.credentialSet()).isEqualTo(CredentialSet.BACKUP);
    }

    /**
     * The body that arrives with the header is one byte too many before the status is looked at.
     */
    @Test
    void failsInsteadOfBeingRejectedByAChunkedError() {
        String head = head("HTTP/1.1 404 Not Found", "Transfer-Encoding: chunked") + "0\r\n\r\n";
        assertThat(checkIn(TinyServer.raw(head)).result()).isEqualTo(Result.FAILED);
    }

    @Test
    void isConfusedByContinue() {
        assertThat(
                        checkIn(TinyServer.raw("HTTP/1.1 100 Continue\r\n\r\n" + OK_14, NOTHING))
                                .isDone())
                .isFalse();
    }

    @Test
    void losesPatience() {
        VirtualStation impatient =
                new VirtualStation(
                        Eui64.parse("::1"),
                        home,
                        Settings.DEFAULT.withTimeout(Duration.ofMillis(50)),
                        StationListener.NONE);
        CountDownLatch over = new CountDownLatch(1);
        server.answer(
                (request, out) -> {
                    out.write(OK_14.getBytes(US_ASCII));
                    out.flush();
                    awaitQuietly(over);
                });
        assertThat(impatient.checkIn().detail()).isEqualTo("CUPS timed out");
        over.countDown();
    }

    private static void awaitQuietly(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void failsWithoutAServer() {
        home.write("cups.uri", TinyServer.uriOfNobody().getBytes(US_ASCII));
        CupsOutcome outcome = station.checkIn();
        assertThat(outcome.result()).isEqualTo(Result.FAILED);
        assertThat(outcome.detail()).startsWith("connect failed: ");
        assertThat(outcome.next()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void failsWithAPortThatIsNoNumber() {
        home.write("cups.uri", "http://localhost:https".getBytes(US_ASCII));
        assertThat(station.checkIn().detail()).startsWith("connect failed: ");
    }

    private static UpdateInfoResponse lns(String uri, Optional<Credentials> credentials) {
        return new UpdateInfoResponse(
                Optional.empty(),
                Optional.of(StationUri.lns(uri)),
                Optional.empty(),
                credentials,
                Optional.empty(),
                0);
    }

    @Test
    void takesItsLns() {
        Authority authority = new Authority("Root");
        Credentials credentials = new Credentials.ServerAuth(CertificateDer.of(authority.der()));
        assertThat(station.hasLnsCredentials()).isFalse();
        CupsOutcome outcome =
                checkIn(TinyServer.ok(lns("wss://lns.example.com:8887", Optional.of(credentials))));
        assertThat(outcome.received())
                .containsExactlyInAnyOrder(Segment.TC_URI, Segment.TC_CREDENTIALS);
        assertThat(station.lnsUri()).contains("wss://lns.example.com:8887");
        assertThat(station.hasLnsCredentials()).isTrue();
        assertThat(station.request().tcCredCrc()).isEqualTo(credentials.crc());
        assertThat(home.names())
                .containsExactly(
                        "cups-bak.done",
                        "cups-bak.uri",
                        "cups.uri",
                        "tc.crt",
                        "tc.key",
                        "tc.trust",
                        "tc.uri");
    }

    @Test
    void needsTrustForASecureLns() {
        checkIn(TinyServer.ok(lns("wss://lns.example.com:8887", Optional.empty())));
        assertThat(station.hasLnsCredentials()).isFalse();
        checkIn(TinyServer.ok(lns("ws://lns.example.com:1887", Optional.empty())));
        assertThat(station.hasLnsCredentials()).isTrue();
    }

    @Test
    void goesToTheCupsItIsSentTo() {
        try (TinyServer second = TinyServer.plain(TinyServer.ok(NOTHING))) {
            UpdateInfoResponse redirection =
                    new UpdateInfoResponse(
                            Optional.of(StationUri.cups(second.uri())),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            0);
            CupsOutcome outcome = checkIn(TinyServer.ok(redirection));
            assertThat(outcome.received()).containsExactly(Segment.CUPS_URI);
            assertThat(outcome.next()).isEqualTo(Duration.ofMinutes(1));
            assertThat(station.checkIn().uri()).contains(second.uri());
            assertThat(second.requests().getFirst().message().cupsUri()).contains(second.uri());
        }
    }

    /** EC P-256 in PKCS#8 with its public key: the session is a success, the files stay. */
    @Test
    void ignoresABlobItMisreadsAndSaysNothing() {
        byte[] trust = new Authority("Root").der();
        byte[] blob = Arrays.copyOf(trust, trust.length + 4 + 138);
        System.arraycopy(hex("308187 020100"), 0, blob, trust.length + 4, 6);
        byte[] body = Arrays.copyOf(new byte[4], 14 + blob.length);
        body[4] = (byte) blob.length;
        body[5] = (byte) (blob.length >> 8);
        System.arraycopy(blob, 0, body, 6, blob.length);
        CupsOutcome outcome = checkIn(TinyServer.ok(body));
        assertThat(outcome.isDone()).isTrue();
        assertThat(outcome.received()).containsExactly(Segment.TC_CREDENTIALS);
        assertThat(outcome.ignored()).containsExactly(Segment.TC_CREDENTIALS);
        assertThat(station.request().tcCredCrc()).isEqualTo(Credentials.NONE_CRC);
    }

    @Test
    void needsBothUrisInItsFirstEightKilobytes() {
        byte[] body = hex("0B 687474703A2F2F683A3830 09 77733A2F2F683A3830" + "00".repeat(12));
        assertThat(checkIn(TinyServer.raw(headThatLeaves(22, body.length), body)).detail())
                .isEqualTo(
                        "malformed CUPS response: URI segments lengths (22) exceed available data"
                                + " (22)");
        assertThat(checkIn(TinyServer.raw(headThatLeaves(23, body.length), body)).received())
                .containsExactlyInAnyOrder(Segment.CUPS_URI, Segment.TC_URI);
    }

    /** Station keeps a colon, the port and a zero in the same buffer. */
    private String headThatLeaves(int bytes, int contentLength) {
        int room = 8192 - (":" + server.port()).length() - 1;
        String head = head(OK, "X: ", "Content-Length: " + contentLength);
        return head.replace("X: ", "X: " + "x".repeat(room - bytes - head.length()));
    }

    @Test
    void takesCredentialsOfManyChunks() {
        byte[] trust = new byte[60000];
        new Random(1).nextBytes(trust);
        System.arraycopy(hex("3082EA5C"), 0, trust, 0, 4); // 59996 bytes follow
        byte[] body = Arrays.copyOf(new byte[2], 14 + 60008);
        body[2] = (byte) 60008;
        body[3] = (byte) (60008 >> 8);
        System.arraycopy(trust, 0, body, 4, trust.length);
        CupsOutcome outcome = checkIn(TinyServer.ok(body));
        assertThat(outcome.ignored()).isEmpty();
        assertThat(outcome.received()).containsExactly(Segment.CUPS_CREDENTIALS);
        assertThat(home.read("cups.trust")).contains(trust);
        assertThat(home.read("cups.key")).contains(new byte[0]);
    }

    /** All it needs is in the first chunk, so the rest need not even come. */
    @Test
    void isDoneWhenItHasReadWhatItNeeds() {
        byte[] first = new byte[8192];
        Answer answer = TinyServer.raw(head(OK, "Content-Length: 1000000"), first);
        assertThat(checkIn(answer).isNothingToDo()).isTrue();
    }
}
