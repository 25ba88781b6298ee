package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.lorawan.Eui64;
import dev.usher.simulator.CupsOutcome.Result;
import dev.usher.station.Credentials;
import dev.usher.station.StationUri;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.station.UpdateInfoResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Regular, backup, boot: which set station uses when, and how they come to be. */
class CredentialSetsTest {

    private static final byte[] NOTHING = new byte[14];

    private final TinyServer server = TinyServer.plain(TinyServer.ok(NOTHING));
    private final String nobody = TinyServer.uriOfNobody();
    private final Home home = Home.inMemory();
    private final VirtualStation station = new VirtualStation(Eui64.parse("::1"), home);

    @AfterEach
    void closeServer() {
        server.close();
    }

    private void write(String name, String text) {
        home.write(name, text.getBytes(US_ASCII));
    }

    private List<String> checkIn(int times) {
        List<String> outcomes = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            CupsOutcome outcome = station.checkIn();
            outcomes.add(outcome.set() + " " + outcome.result());
        }
        return outcomes;
    }

    @Test
    void aVirginGatewayTriesTwiceBeforeItTurnsToItsBootSet() {
        write("cups-boot.uri", server.uri());
        assertThat(checkIn(3)).containsExactly("REGULAR NO_URI", "BACKUP NO_URI", "BOOT DONE");
        UpdateInfoRequest request = server.requests().getFirst().message();
        assertThat(request.cupsUri()).isEmpty();
        assertThat(request.cupsCredCrc()).isEqualTo(Credentials.NONE_CRC);
        // a success leads back to the regular set, which is still empty
        assertThat(station.credentialSet()).isEqualTo(CredentialSet.REGULAR);
        assertThat(home.names()).doesNotContain("cups-bak.done");
    }

    @Test
    void rotatesAfterEightFailuresAndThenWithEveryOne() {
        write("cups.uri", nobody);
        write("cups-bak.uri", nobody);
        write("cups-boot.uri", nobody);
        assertThat(checkIn(12))
                .startsWith("REGULAR FAILED")
                .filteredOn("REGULAR FAILED"::equals)
                .hasSize(9);
        // REGULAR x8, BACKUP, BOOT, REGULAR, BACKUP
        assertThat(station.credentialSet()).isEqualTo(CredentialSet.BOOT);
    }

    @Test
    void countsFromTheBeginningAfterASuccess() {
        write("cups.uri", nobody);
        checkIn(7);
        write("cups.uri", server.uri());
        checkIn(1);
        write("cups.uri", nobody);
        checkIn(7);
        assertThat(station.credentialSet()).isEqualTo(CredentialSet.REGULAR);
        checkIn(1);
        assertThat(station.credentialSet()).isEqualTo(CredentialSet.BACKUP);
    }

    @Test
    void rotatesAtOnceWhenRejected() {
        server.answer(TinyServer.raw("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"));
        write("cups.uri", server.uri());
        write("cups-bak.uri", server.uri());
        write("cups-boot.uri", server.uri());
        assertThat(checkIn(4))
                .containsExactly(
                        "REGULAR REJECTED", "BACKUP REJECTED", "BOOT REJECTED", "REGULAR REJECTED");
    }

    @Test
    void keepsTheFirstSetThatEverWorkedAsItsBackup() {
        try (TinyServer second = TinyServer.plain(TinyServer.ok(NOTHING))) {
            UpdateInfoResponse move = moveTo(second.uri());
            server.answer(TinyServer.ok(move));
            write("cups.uri", server.uri());
            checkIn(3);
            assertThat(home.read("cups.uri")).contains(second.uri().getBytes(US_ASCII));
            assertThat(home.read("cups-bak.uri")).contains(server.uri().getBytes(US_ASCII));
            assertThat(home.read("cups-bak.done")).isPresent();
            assertThat(second.requests()).hasSize(2);
        }
    }

    @Test
    void makesNoBackupOfASetThatIsRejected() {
        server.answer(TinyServer.raw("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
        write("cups.uri", server.uri());
        checkIn(1);
        assertThat(home.names()).containsExactly("cups.uri");
    }

    /** The server sees the broken URI of the regular set, and mends it. */
    @Test
    void isHealedThroughItsBackup() {
        write("cups.uri", nobody);
        write("cups-bak.uri", server.uri());
        server.answer(
                (request, out) -> {
                    boolean broken = request.message().cupsUri().equals(Optional.of(nobody));
                    (broken ? TinyServer.ok(moveTo(server.uri())) : TinyServer.ok(NOTHING))
                            .write(request, out);
                });
        assertThat(checkIn(10))
                .endsWith("REGULAR FAILED", "BACKUP DONE", "REGULAR DONE")
                .doesNotContain("BOOT DONE");
        assertThat(station.request().cupsUri()).contains(server.uri());
    }

    @Test
    void goesBackToTheBrokenSetWhenItIsNotHealed() {
        write("cups.uri", nobody);
        write("cups-bak.uri", server.uri());
        assertThat(checkIn(10)).endsWith("REGULAR FAILED", "BACKUP DONE", "REGULAR FAILED");
    }

    @Test
    void takesATooLongUriForNone() {
        write("cups.uri", "http://" + "a".repeat(120) + ":80");
        write("cups-boot.uri", server.uri());
        assertThat(checkIn(1)).containsExactly("REGULAR NO_URI");
        assertThat(station.restart()).isTrue();
    }

    @Test
    void backsUpItsLnsOnTheFirstConnection() {
        write("tc.uri", "ws://first:1887");
        station.setLnsConnected(true);
        write("tc.uri", "ws://second:1887");
        station.setLnsConnected(true);
        assertThat(home.read("tc-bak.uri")).contains("ws://first:1887".getBytes(US_ASCII));
    }

    @Test
    void completesAnInterruptedChange() {
        write("cups.uri", nobody);
        write("cups-temp.uri", server.uri());
        write("tc-temp.uri", "ws://never:1");
        write("cups-temp.upd", "");
        assertThat(station.restart()).isTrue();
        assertThat(home.read("cups.uri")).contains(server.uri().getBytes(US_ASCII));
        // without its marker, what is staged is not complete
        assertThat(home.read("tc.uri")).isEmpty();
        assertThat(checkIn(1)).containsExactly("REGULAR DONE");
        assertThat(home.names()).doesNotContain("cups-temp.uri", "cups-temp.upd");
    }

    @Test
    void completesAnInterruptedBackup() {
        write("cups.uri", server.uri());
        write("cups.key", "x");
        write("cups-bak.uri", nobody);
        write("cups-bak.crt", "of an older set");
        write("cups-temp.cpy", "");
        assertThat(station.restart()).isTrue();
        assertThat(home.names())
                .containsExactly(
                        "cups-bak.done", "cups-bak.key", "cups-bak.uri", "cups.key", "cups.uri");
        assertThat(home.read("cups-bak.uri")).contains(server.uri().getBytes(US_ASCII));
    }

    @Test
    void isBrickedByAMalformedUriAtItsNextStartOnly() {
        // LNS URI "ws://h:80/" behind an empty CUPS URI, by hand: Usher would not write it
        byte[] body = new byte[24];
        body[1] = 10;
        System.arraycopy("ws://h:80/".getBytes(US_ASCII), 0, body, 2, 10);
        server.answer(TinyServer.ok(body));
        write("cups.uri", server.uri());
        assertThat(checkIn(2)).containsExactly("REGULAR DONE", "REGULAR DONE");
        assertThat(station.isBricked()).isTrue();
        assertThat(station.hasLnsCredentials()).isFalse();
        assertThat(station.restart()).isFalse();
        CupsOutcome outcome = station.checkIn();
        assertThat(outcome.result()).isEqualTo(Result.NOT_RUNNING);
        assertThat(outcome.detail()).isEqualTo("tc.uri: misconfigured URI 'ws://h:80/'");
        assertThat(server.requests()).hasSize(2);

        write("tc.uri", "ws://h:80");
        assertThat(checkIn(1)).containsExactly("REGULAR DONE");
    }

    @Test
    void doesNotStartWithoutAnyUri() {
        assertThat(station.restart()).isFalse();
        assertThat(station.checkIn().detail()).isEqualTo("no server URIs configured");
    }

    private static UpdateInfoResponse moveTo(String uri) {
        return new UpdateInfoResponse(
                Optional.of(StationUri.cups(uri)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0);
    }
}
