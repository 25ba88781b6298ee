package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.lorawan.Eui64;
import dev.usher.simulator.Authority.Identity;
import dev.usher.simulator.CupsOutcome.Segment;
import dev.usher.station.Credentials;
import dev.usher.station.StationUri;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.station.UpdateInfoResponse;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** From the factory to the LNS: a server that sends what the gateway does not report yet. */
class BootstrapTest {

    private static final Authority AUTHORITY = new Authority("Root");
    private static final Identity SERVER = AUTHORITY.issue("server", Authority.dns("localhost"));
    private static final Identity GATEWAY = AUTHORITY.issue("58A0CBFFFE800BE7");
    private static final byte[] TOKEN = "Authorization: secret\r\n".getBytes(US_ASCII);

    private static final Credentials MUTUAL =
            Credentials.of(AUTHORITY.der(), Optional.of(GATEWAY.der()), Optional.of(GATEWAY.key()));
    private static final Credentials LNS_TOKEN =
            Credentials.of(AUTHORITY.der(), Optional.empty(), Optional.of(TOKEN));
    private static final StationUri LNS = StationUri.lns("wss://lns.example.com:8887");

    private static UpdateInfoResponse decide(UpdateInfoRequest request, StationUri cups) {
        return new UpdateInfoResponse(
                unless(request.cupsUri().equals(Optional.of(cups.toString())), cups),
                unless(request.tcUri().equals(Optional.of(LNS.toString())), LNS),
                unless(request.cupsCredCrc() == MUTUAL.crc(), MUTUAL),
                unless(request.tcCredCrc() == LNS_TOKEN.crc(), LNS_TOKEN),
                Optional.empty(),
                0);
    }

    private static <T> Optional<T> unless(boolean known, T wanted) {
        return known ? Optional.empty() : Optional.of(wanted);
    }

    private static TinyServer.Answer answer(StationUri cups) {
        return (request, out) -> TinyServer.ok(decide(request.message(), cups)).write(request, out);
    }

    @Test
    void goesFromItsBootSetToMutualTlsAndItsLns() {
        try (TinyServer cluster =
                        new TinyServer(AUTHORITY.listeners(SERVER, true), (request, out) -> {});
                TinyServer root =
                        new TinyServer(
                                AUTHORITY.listeners(SERVER, false),
                                answer(StationUri.cups(cluster.secureUri())))) {
            cluster.answer(answer(StationUri.cups(cluster.secureUri())));
            Home home = Home.inMemory();
            home.write("cups-boot.uri", root.secureUri().getBytes(US_ASCII));
            home.write("cups-boot.trust", AUTHORITY.der());
            home.write("cups-boot.key", TOKEN);
            VirtualStation station = new VirtualStation(Eui64.parse("58A0CBFFFE800BE7"), home);

            station.checkIn(); // no regular set yet
            station.checkIn(); // nor a backup
            CupsOutcome bootstrap = station.checkIn();
            assertThat(bootstrap.received())
                    .containsExactlyInAnyOrder(
                            Segment.CUPS_URI,
                            Segment.TC_URI,
                            Segment.CUPS_CREDENTIALS,
                            Segment.TC_CREDENTIALS);
            assertThat(bootstrap.ignored()).isEmpty();
            assertThat(root.requests().getFirst().head()).contains("Authorization: secret\r\n");
            assertThat(station.lnsUri()).contains("wss://lns.example.com:8887");
            assertThat(station.hasLnsCredentials()).isTrue();

            CupsOutcome settled = station.checkIn();
            assertThat(settled.isNothingToDo()).as(settled.detail()).isTrue();
            assertThat(settled.uri()).contains(cluster.secureUri());
            assertThat(cluster.requests().getFirst().head()).doesNotContain("Authorization");
        }
    }
}
