package dev.usher.gateways;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.gateways.CupsDecision.Destination;
import dev.usher.gateways.CupsDecision.Ordered;
import dev.usher.lorawan.Eui64;
import dev.usher.station.Credentials;
import dev.usher.station.UpdateInfoRequest;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole table of what a gateway is told. */
class CupsDecisionTest {

    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final Optional<Destination> UNSET = Optional.empty();
    private static final Optional<Destination> CUPS = wants("https://cups.example.org:443", 0xC0);
    private static final Optional<Destination> LNS = wants("wss://lns.example.org:8887", 0x15);
    private static final Optional<Ordered> NO_FIRMWARE = Optional.empty();

    /** A {@code -} is a URI that is not set; a CRC of {@code -} stands for no credentials. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    # wanted URI | wanted CRC | reported URI  | reported CRC | URI sent | credentials sent
                    -            | -          | -             | -            | false    | false
                    -            | -          | https://a:1   | 7            | false    | false
                    https://a:1  | 7          | https://a:1   | 7            | false    | false
                    https://a:1  | 7          | https://a:1   | 8            | false    | true
                    https://a:1  | 7          | https://a:1   | -            | false    | true
                    https://a:1  | 7          | https://b:1   | 7            | true     | false
                    https://a:1  | 7          | https://b:1   | 8            | true     | true
                    https://a:1  | 7          | -             | -            | true     | true
                    https://a:1  | 7          | -             | 7            | true     | false
                    https://a:1  | 7          | 'https://a:1 '| 7            | false    | false
                    https://a:1  | 7          | HTTPS://a:1   | 7            | true     | false
                    https://a:1  | -1         | https://a:1   | -1           | false    | false
                    http://a:1   | -          | http://a:1    | -            | false    | false
                    http://a:1   | -          | http://a:1    | 8            | false    | false
                    http://a:1   | -          | https://a:1   | 8            | true     | false
                    http://a:1   | -          | -             | -            | true     | false
                    """)
    void sendsWhatDiffersFromWhatTheGatewayReports(
            @Nullable String wantedUri,
            @Nullable Integer wantedCrc,
            @Nullable String reportedUri,
            @Nullable Integer reportedCrc,
            boolean sendsUri,
            boolean sendsCredentials) {
        Optional<Destination> wanted =
                Optional.ofNullable(wantedUri).map(uri -> new Destination(uri, crc(wantedCrc)));

        CupsDecision ofCups =
                CupsDecision.decide(
                        wanted, UNSET, NO_FIRMWARE, cups(reportedUri, reportedCrc), NOW);
        CupsDecision ofLns =
                CupsDecision.decide(UNSET, wanted, NO_FIRMWARE, lns(reportedUri, reportedCrc), NOW);

        assertThat(ofCups.sendsCupsUri()).isEqualTo(sendsUri);
        assertThat(ofCups.sendsCupsCredentials()).isEqualTo(sendsCredentials);
        assertThat(ofCups.answer()).isEqualTo(sendsUri || sendsCredentials ? "cups" : "nothing");
        assertThat(ofLns.sendsLnsUri()).isEqualTo(sendsUri);
        assertThat(ofLns.sendsLnsCredentials()).isEqualTo(sendsCredentials);
        assertThat(ofLns.answer()).isEqualTo(sendsUri || sendsCredentials ? "lns" : "nothing");
    }

    @Test
    void sendsCupsAndLnsInOneAnswer() {
        CupsDecision decision =
                CupsDecision.decide(CUPS, LNS, NO_FIRMWARE, TestServer.virgin(new Eui64(1)), NOW);

        assertThat(decision.answer()).isEqualTo("cups+lns");
        assertThat(decision.reason())
                .isEqualTo(
                        "CUPS URI https://cups.example.org:443 sent as it had none; CUPS"
                                + " credentials sent, as it reported others; LNS URI"
                                + " wss://lns.example.org:8887 sent as it had none; LNS credentials"
                                + " sent, as it reported others");
    }

    @Test
    void healsAGatewayThatCameOnItsBackupSet() {
        // On its backup set a gateway still reports the regular one, which does not work.
        UpdateInfoRequest broken =
                reports("https://gone.example.org:443", 0xBAD, "wss://gone:1", 0xBAD);

        CupsDecision decision = CupsDecision.decide(CUPS, LNS, NO_FIRMWARE, broken, NOW);
        CupsDecision again = CupsDecision.decide(CUPS, LNS, NO_FIRMWARE, broken, NOW);

        assertThat(decision.answer()).isEqualTo("cups+lns");
        assertThat(decision.reason()).contains("instead of https://gone.example.org:443");
        assertThat(again).isEqualTo(decision);
    }

    @Test
    void saysWhyThereIsNothingToDo() {
        UpdateInfoRequest has =
                reports("https://cups.example.org:443", 0xC0, "wss://lns.example.org:8887", 0x15);
        assertThat(CupsDecision.decide(CUPS, LNS, NO_FIRMWARE, has, NOW).reason())
                .isEqualTo("it has what its owner wants");
        assertThat(CupsDecision.decide(UNSET, UNSET, NO_FIRMWARE, has, NOW).reason())
                .isEqualTo("its owner has not set it up yet");
    }

    @Test
    void aGatewayThatSendsAnEmptyUriHadNone() {
        UpdateInfoRequest empty = reports("https://cups.example.org:443", 0xC0, "", 0x15);
        assertThat(CupsDecision.decide(CUPS, LNS, NO_FIRMWARE, empty, NOW).reason())
                .isEqualTo("LNS URI wss://lns.example.org:8887 sent as it had none");
    }

    @Test
    void showsForeignTextInOneLine() {
        UpdateInfoRequest odd = reports("https://a\r\nb:1" + "x".repeat(200), 0xC0, null, 0);
        assertThat(CupsDecision.decide(CUPS, UNSET, NO_FIRMWARE, odd, NOW).reason())
                .contains("instead of https://a??b:1xxx")
                .hasSizeLessThan(200);
    }

    /** Keys are written as one digit each: signatures there are, and keys the gateway has. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    # after | unsigned | offered | signed by | package | keys | offered, by key | reason
                    -       | false    | false   | 5         | 1.0     | 5    | 5 | firmware 0000F00D (2.0) offered, signed by key 00000005
                    -       | false    | false   | 5         | 1.0     | 4 5  | 5 | firmware 0000F00D (2.0) offered, signed by key 00000005
                    -       | false    | false   | 4 5       | 1.0     | 5 4  | 5 | firmware 0000F00D (2.0) offered, signed by key 00000005
                    -       | true     | false   | 5         | 1.0     | 5    | 5 | firmware 0000F00D (2.0) offered, signed by key 00000005
                    -       | false    | false   | 5         | 2.0     | 5    | - | it runs firmware 0000F00D (2.0) as its owner wants
                    -       | false    | true    | 5         | 2.0     | 5    | - | it runs firmware 0000F00D (2.0) as its owner wants
                    -       | false    | true    | 5         | 1.0     | 5    | - | firmware 0000F00D (2.0) was offered at 2026-11-20T10:00:00Z and is offered once: order it again to repeat that
                    -1      | false    | false   | 5         | 1.0     | 5    | 5 | firmware 0000F00D (2.0) offered, signed by key 00000005
                    0       | false    | false   | 5         | 1.0     | 5    | 5 | firmware 0000F00D (2.0) offered, signed by key 00000005
                    1       | false    | false   | 5         | 1.0     | 5    | - | firmware 0000F00D (2.0) waits until 2026-11-21T10:00:01Z
                    1       | false    | false   | 5         | 2.0     | 5    | - | it runs firmware 0000F00D (2.0) as its owner wants
                    -       | false    | false   | 5         | -       | 5    | 5 | firmware 0000F00D (2.0) offered, signed by key 00000005
                    -       | false    | false   | -         | 1.0     | 5    | - | firmware 0000F00D (2.0) held back: there is no signature by any of its keys (00000005)
                    -       | true     | false   | -         | 1.0     | 5    | - | firmware 0000F00D (2.0) held back: there is no signature by any of its keys (00000005)
                    -       | true     | false   | 6         | 1.0     | 4 5  | - | firmware 0000F00D (2.0) held back: there is no signature by any of its keys (00000004, 00000005)
                    -       | false    | false   | 5         | 1.0     | -    | - | firmware 0000F00D (2.0) held back: it has no signature key, and an unsigned update was not allowed
                    -       | false    | false   | -         | 1.0     | -    | - | firmware 0000F00D (2.0) held back: it has no signature key, and an unsigned update was not allowed
                    -       | true     | false   | 5         | 1.0     | -    | u | firmware 0000F00D (2.0) offered unsigned, as it has no signature key and its owner allowed it
                    -       | true     | false   | -         | 1.0     | -    | u | firmware 0000F00D (2.0) offered unsigned, as it has no signature key and its owner allowed it
                    """)
    void offersFirmware(
            @Nullable Integer after,
            boolean unsigned,
            boolean offered,
            @Nullable String signedBy,
            @Nullable String running,
            @Nullable String keys,
            @Nullable String offeredBy,
            String reason) {
        Ordered ordered =
                new Ordered(
                        new FirmwareOrder(
                                0xF00D,
                                Optional.ofNullable(after).map(NOW::plusSeconds),
                                unsigned,
                                offered
                                        ? Optional.of(Instant.parse("2026-11-20T10:00:00Z"))
                                        : Optional.empty()),
                        "2.0",
                        Set.copyOf(numbers(signedBy)));
        UpdateInfoRequest reported =
                new UpdateInfoRequest(
                        new Eui64(1),
                        Optional.empty(),
                        Optional.empty(),
                        Credentials.NONE_CRC,
                        Credentials.NONE_CRC,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.ofNullable(running),
                        numbers(keys));

        CupsDecision decision =
                CupsDecision.decide(UNSET, UNSET, Optional.of(ordered), reported, NOW);

        assertThat(decision.reason()).isEqualTo(reason);
        assertThat(decision.answer()).isEqualTo(offeredBy == null ? "nothing" : "firmware");
        assertThat(decision.update())
                .isEqualTo(
                        Optional.ofNullable(offeredBy)
                                .map(
                                        by ->
                                                new CupsDecision.Update(
                                                        0xF00D,
                                                        by.equals("u")
                                                                ? OptionalInt.empty()
                                                                : OptionalInt.of(
                                                                        Integer.parseInt(by)))));
    }

    @Test
    void offersFirmwareTogetherWithTheRest() {
        Ordered ordered =
                new Ordered(
                        new FirmwareOrder(1, Optional.empty(), false, Optional.empty()),
                        "2.0",
                        Set.of(5));
        CupsDecision decision =
                CupsDecision.decide(
                        CUPS,
                        LNS,
                        Optional.of(ordered),
                        TestServer.running(new Eui64(1), "1.0", 5),
                        NOW);

        assertThat(decision.answer()).isEqualTo("cups+lns+firmware");
        CupsDecision rest = decision.withoutUpdate("it was taken");
        assertThat(rest.answer()).isEqualTo("cups+lns");
        assertThat(rest.reason())
                .startsWith(decision.reason())
                .endsWith("; the firmware was not sent after all, as it was taken");
    }

    private static Optional<Destination> wants(String uri, int crc) {
        return Optional.of(new Destination(uri, OptionalInt.of(crc)));
    }

    private static OptionalInt crc(@Nullable Integer crc) {
        return crc == null ? OptionalInt.empty() : OptionalInt.of(crc);
    }

    private static List<Integer> numbers(@Nullable String digits) {
        return digits == null
                ? List.of()
                : Arrays.stream(digits.split(" ")).map(Integer::valueOf).toList();
    }

    private static UpdateInfoRequest cups(@Nullable String uri, @Nullable Integer crc) {
        return reports(uri, crc == null ? Credentials.NONE_CRC : crc, null, Credentials.NONE_CRC);
    }

    private static UpdateInfoRequest lns(@Nullable String uri, @Nullable Integer crc) {
        return reports(null, Credentials.NONE_CRC, uri, crc == null ? Credentials.NONE_CRC : crc);
    }

    private static UpdateInfoRequest reports(
            @Nullable String cupsUri, int cupsCrc, @Nullable String lnsUri, int lnsCrc) {
        return new UpdateInfoRequest(
                new Eui64(1),
                Optional.ofNullable(cupsUri),
                Optional.ofNullable(lnsUri),
                cupsCrc,
                lnsCrc,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }
}
