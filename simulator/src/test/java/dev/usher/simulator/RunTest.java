package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usher.lorawan.Eui64;
import dev.usher.station.StationUri;
import dev.usher.station.UpdateInfoResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When station asks, and what can be seen of it. */
class RunTest {

    private static final Duration DAY = Duration.ofHours(24);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final TinyServer server = TinyServer.plain(TinyServer.ok(new byte[14]));
    private final Home home = Home.inMemory();
    private final List<StationEvent> events = new ArrayList<>();
    private final VirtualStation station =
            new VirtualStation(
                    Eui64.parse("58A0CBFFFE800BE7"),
                    home,
                    Settings.DEFAULT,
                    (virtualStation, event) -> events.add(event));

    RunTest() {
        home.write("cups.uri", server.uri().getBytes(US_ASCII));
    }

    @AfterEach
    void closeServer() {
        server.close();
    }

    @Test
    void asksEveryMinuteUntilItHasAnLns() {
        assertThat(station.checkIn().next()).isEqualTo(MINUTE);
    }

    @Test
    void asksOnceADayWhileItsLnsIsThere() {
        home.write("tc.uri", "ws://lns:1887".getBytes(US_ASCII));
        station.setLnsConnected(true);
        assertThat(station.checkIn().next()).isEqualTo(DAY);
        // even after a failure
        server.answer(TinyServer.raw("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"));
        assertThat(station.checkIn().next()).isEqualTo(DAY);
    }

    @Test
    void asksWhenItsLnsIsNotToBeReached() {
        home.write("tc.uri", "ws://lns:1887".getBytes(US_ASCII));
        assertThat(station.checkIn().next()).isEqualTo(Duration.ofSeconds(390).plus(MINUTE));
    }

    @Test
    void losesItsLnsWhenItGetsAnother() {
        home.write("tc.uri", "ws://lns:1887".getBytes(US_ASCII));
        station.setLnsConnected(true);
        server.answer(
                TinyServer.ok(
                        new UpdateInfoResponse(
                                Optional.empty(),
                                Optional.of(StationUri.lns("ws://other:1887")),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                0)));
        assertThat(station.checkIn().next()).isLessThan(DAY);
    }

    @Test
    void runsUntilInterrupted() {
        List<Duration> pauses = new ArrayList<>();
        assertThatExceptionOfType(InterruptedException.class)
                .isThrownBy(
                        () ->
                                station.run(
                                        duration -> {
                                            pauses.add(duration);
                                            if (pauses.size() == 3) {
                                                throw new InterruptedException();
                                            }
                                        }));
        assertThat(pauses).containsExactly(MINUTE, MINUTE, MINUTE);
        assertThat(server.requests()).hasSize(3);
    }

    @Test
    void stopsRunningWhenItIsBricked() throws InterruptedException {
        station.run(
                duration -> {
                    home.write("tc.uri", "wss://lns".getBytes(US_ASCII));
                    station.restart();
                });
        assertThat(server.requests()).hasSize(1);
        assertThat(events)
                .contains(new StationEvent.Bricked("tc.uri: misconfigured URI 'wss://lns'"));
    }

    @Test
    void tellsWhatItDoes() {
        CupsOutcome first = station.checkIn();
        server.answer(TinyServer.raw(""));
        CupsOutcome second = station.checkIn();
        CupsOutcome third = station.checkIn();
        assertThat(events)
                .containsExactly(
                        new StationEvent.Connecting(CredentialSet.REGULAR, server.uri(), 1),
                        new StationEvent.CheckedIn(first),
                        new StationEvent.Connecting(CredentialSet.REGULAR, server.uri(), 1),
                        new StationEvent.CheckedIn(second),
                        new StationEvent.Connecting(CredentialSet.REGULAR, server.uri(), 2),
                        new StationEvent.CheckedIn(third));
        assertThat(station).hasToString("VirtualStation[58A0CBFFFE800BE7, " + server.uri() + "]");
    }

    @Test
    void livesInADirectoryToo(@TempDir Path directory) {
        Home files = Home.directory(directory.resolve("home"));
        files.write("cups.uri", (server.uri() + "\n").getBytes(US_ASCII));
        server.answer(
                TinyServer.ok(
                        new UpdateInfoResponse(
                                Optional.empty(),
                                Optional.of(StationUri.lns("ws://lns:1887")),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                0)));
        VirtualStation other = new VirtualStation(Eui64.parse("::2"), files);
        assertThat(other.checkIn().isDone()).isTrue();
        assertThat(files.names())
                .containsExactly("cups-bak.done", "cups-bak.uri", "cups.uri", "tc.uri");
        assertThat(other.request().cupsUri()).contains(server.uri());
        assertThat(new VirtualStation(Eui64.parse("::2"), files).hasLnsCredentials()).isTrue();
    }

    @Test
    void runsBesideThousandsOfOthers() throws ExecutionException, InterruptedException {
        int stations = 2000;
        List<Future<CupsOutcome>> outcomes;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            outcomes =
                    LongStream.rangeClosed(1, stations)
                            .mapToObj(
                                    value -> {
                                        Home own = Home.inMemory();
                                        own.write("cups.uri", server.uri().getBytes(US_ASCII));
                                        return new VirtualStation(new Eui64(value), own);
                                    })
                            .map(one -> threads.submit(one::checkIn))
                            .toList();
        }
        for (Future<CupsOutcome> outcome : outcomes) {
            assertThat(outcome.get().isNothingToDo()).as(outcome.get().detail()).isTrue();
        }
        Set<Eui64> seen = new HashSet<>();
        server.requests().forEach(request -> seen.add(request.message().router()));
        assertThat(seen).hasSize(stations);
    }
}
