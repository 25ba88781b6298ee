package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.simulator.Authority.Identity;
import dev.usher.simulator.TinyLns.Link;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How station finds its LNS, what it takes over the wire, and how often it tries. */
class LnsConnectionTest {

    @Test
    void discoversAndSaysWhoItIs() throws InterruptedException {
        try (LnsHouse house = new LnsHouse()) {
            Link link = house.lns.link();
            assertThat(link.next())
                    .isEqualTo(
                            "{\"msgtype\":\"version\",\"station\":\"2.0.6(virtual/std)\",\"firmware\":\"1.0.0\",\"package\":\"1.0.0\",\"model\":\"virtual\",\"protocol\":2,\"features\":\"\"}");
            assertThat(house.await(StationEvent.LnsConnected.class).uri())
                    .isEqualTo(house.lns.uri() + "/traffic");
            assertThat(house.lns.heads())
                    .containsExactly(head("/router-info", house.lns), head("/traffic", house.lns));
            assertThat(house.station.isLnsConnected()).isTrue();
            assertThat(house.home.names()).contains("tc-bak.done", "tc-bak.uri");
        }
    }

    private static String head(String path, TinyLns lns) {
        return """
        GET %s HTTP/1.1\r
        Host: %s\r
        Upgrade: websocket\r
        Connection: upgrade\r
        Sec-WebSocket-Key: bpse8nVmEl6ZlX4lSb6RMw==\r
        Sec-WebSocket-Version: 13\r
        \r
        """
                .formatted(path, lns.uri().substring("ws://".length()));
    }

    @Test
    void sendsItsTokenOverTlsAlone() throws InterruptedException {
        Authority authority = new Authority("Root");
        Identity server = authority.issue("server", Authority.dns("localhost"));
        Home home = Home.inMemory();
        home.write("tc.trust", authority.der());
        home.write("tc.key", "Authorization: Bearer lns\r\n".getBytes(US_ASCII));
        TinyLns secure = TinyLns.secure(authority.listeners(server, false));
        try (LnsHouse house = new LnsHouse(secure, home, LnsHouse.HASTY)) {
            house.lns.link();
            assertThat(house.lns.heads())
                    .hasSize(2)
                    .allSatisfy(
                            head -> assertThat(head).contains("\r\nAuthorization: Bearer lns\r\n"));
        }
        try (LnsHouse house = new LnsHouse(TinyLns.plain(), home, LnsHouse.HASTY)) {
            house.lns.link();
            assertThat(house.lns.heads())
                    .allSatisfy(head -> assertThat(head).doesNotContain("Authorization"));
        }
    }

    @Test
    void distrustsAServerOfAnotherAuthority() throws InterruptedException {
        Identity server = new Authority("Other").issue("server", Authority.dns("localhost"));
        Home home = Home.inMemory();
        home.write("tc.trust", new Authority("Root").der());
        TinyLns secure = TinyLns.secure(new Authority("Other").listeners(server, false));
        try (LnsHouse house = new LnsHouse(secure, home, LnsHouse.HASTY)) {
            assertThat(house.await(StationEvent.LnsLost.class).reason())
                    .startsWith("connection failed: ");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"router\":\"::1\",\"error\":\"unknown\"}        | the LNS refuses: unknown",
                "{\"router\":\"::1\",\"error\":\"\"}               | the LNS refuses: ",
                "{\"router\":\"::1\"}                              | the LNS refuses: ",
                "{\"error\":null,\"uri\":\"ws://localhost:1/a\"}   | expecting a string",
                "{\"router\":1,\"uri\":\"ws://localhost:1/a\"}     | expecting a string",
                "{\"uri\":\"ws://localhost:1\"}                    | illegal muxs URI",
                "{\"uri\":\"ws://localhost/a\"}                    | illegal muxs URI",
                "{\"uri\":\"http://localhost:1/a\"}                | illegal muxs URI",
                "[]                                                | expecting '{'",
            })
    void understandsDiscoveryAsStationDoes(String answer, String reason)
            throws InterruptedException {
        TinyLns lns = TinyLns.plain();
        lns.discovery(answer);
        try (LnsHouse house = new LnsHouse(lns, Home.inMemory(), LnsHouse.HASTY)) {
            assertThat(house.await(StationEvent.LnsLost.class).reason()).contains(reason.strip());
        }
    }

    @Test
    void connectsToNoOtherStatusThan101() throws InterruptedException {
        TinyLns lns = TinyLns.plain();
        lns.refuse("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
        try (LnsHouse house = new LnsHouse(lns, Home.inMemory(), LnsHouse.HASTY)) {
            assertThat(house.await(StationEvent.LnsLost.class).reason())
                    .isEqualTo("WS upgrade failed with HTTP status code: 401");
        }
    }

    @Test
    void answersPings() throws InterruptedException {
        try (LnsHouse house = new LnsHouse()) {
            Link link = house.lns.link();
            link.next();
            link.frame(0x89, "are you there".getBytes(UTF_8));
            assertThat(link.next()).isEqualTo("pong are you there");
            link.frame(0x8A, new byte[0]); // a pong for no ping
            link.frame(0x80, new byte[0]); // no opcode it knows
            link.frame(0x89, new byte[0]);
            assertThat(link.next()).isEqualTo("pong ");
        }
    }

    @Test
    void echoesAClose() throws InterruptedException {
        try (LnsHouse house = new LnsHouse()) {
            Link link = house.lns.link();
            link.next();
            link.frame(0x88, new byte[] {0x03, (byte) 0xE9});
            assertThat(link.next()).isEqualTo("close 1001");
            link.awaitEnd();
        }
    }

    static Stream<byte[]> illegalFrames() {
        return Stream.of(
                new byte[] {0x01, 1, 'a'}, // a fragment
                new byte[] {(byte) 0xC1, 1, 'a'}, // compressed
                new byte[] {(byte) 0x81, (byte) 0x81, 1, 1, 1, 1, 'a'}, // masked
                new byte[] {(byte) 0x81, 127, 0, 0, 0, 0, 0, 0, 0, 1, 'a'}, // length of 64 bits
                new byte[] {(byte) 0x81, 126, (byte) 0xB4, 0}); // 46 KB
    }

    @ParameterizedTest
    @MethodSource("illegalFrames")
    void hangsUpOverFramesItCannotRead(byte[] frame) throws InterruptedException {
        try (LnsHouse house = new LnsHouse()) {
            Link link = house.lns.link();
            link.next();
            link.raw(frame);
            link.awaitEnd();
            assertThat(house.await(StationEvent.LnsLost.class).reason())
                    .containsAnyOf("illegal WS frame", "Recv buffer too small");
        }
    }

    @Test
    void reconnectsWhereItWasAndLaterAsksAnewWhere() throws InterruptedException {
        try (LnsHouse house = new LnsHouse()) {
            for (int i = 0; i < 7; i++) {
                house.lns.link().cut();
            }
            // five times 1, 2, 4, 8 and 16 seconds after, then discovery
            assertThat(paths(house.lns).limit(8))
                    .containsExactly(
                            "/router-info",
                            "/traffic",
                            "/traffic",
                            "/traffic",
                            "/traffic",
                            "/traffic",
                            "/traffic",
                            "/router-info");
        }
    }

    private static Stream<String> paths(TinyLns lns) {
        return List.copyOf(lns.heads()).stream().map(head -> head.split(" ", -1)[1]);
    }

    @Test
    void asksCupsAtOnceWhenItIsRefused() throws InterruptedException {
        TinyLns lns = TinyLns.plain();
        lns.discovery("{\"error\":\"not yours\"}");
        assertThat(contactsWithCups(lns, 3)).isGreaterThanOrEqualTo(3);
        assertThat(lns.heads().size()).isLessThan(9);
    }

    @Test
    void asksCupsWhenItDoesNotReachItsLns() throws InterruptedException {
        TinyLns lns = TinyLns.plain();
        lns.refuse("HTTP/1.1 503 Away\r\n\r\n");
        assertThat(contactsWithCups(lns, 2)).isGreaterThanOrEqualTo(2);
        assertThat(lns.heads()).hasSizeGreaterThanOrEqualTo(11);
    }

    /** Lets a station with a CUPS server run until it has given up on its LNS so often. */
    private static int contactsWithCups(TinyLns lns, int times) throws InterruptedException {
        Home home = Home.inMemory();
        try (TinyServer cups = TinyServer.plain(TinyServer.ok(new byte[14]))) {
            home.write("cups.uri", cups.uri().getBytes(US_ASCII));
            Settings settings =
                    LnsHouse.HASTY
                            .withBackoff(Duration.ofNanos(100_000))
                            .withIntervals(Duration.ofHours(24), Duration.ofMillis(10));
            try (LnsHouse house = new LnsHouse(lns, home, settings)) {
                for (int i = 0; i < times; i++) {
                    house.await(StationEvent.LnsGivenUp.class);
                    house.await(StationEvent.CheckedIn.class);
                }
                return cups.requests().size();
            }
        }
    }
}
