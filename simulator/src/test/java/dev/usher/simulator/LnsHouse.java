package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.usher.lorawan.DataRate;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.station.LnsCodec;
import dev.usher.station.RouterConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalDouble;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A station and an LNS for it; the station is in a hurry where it would wait for seconds. */
final class LnsHouse implements AutoCloseable {

    static final FrequencyPlan PLAN = FrequencyPlan.of("EU_863_870");
    static final DataRate SF7 = new DataRate.LoRa(7, 125_000);
    static final Settings HASTY = Settings.DEFAULT.withBackoff(Duration.ofMillis(5));

    final TinyLns lns;
    final Home home = Home.inMemory();
    final BlockingQueue<StationEvent> events = new LinkedBlockingQueue<>();
    final VirtualStation station;
    final RunningStation running;

    LnsHouse() {
        this(TinyLns.plain(), Home.inMemory(), HASTY);
    }

    LnsHouse(TinyLns lns, Home files, Settings settings) {
        this.lns = lns;
        files.names().forEach(name -> home.write(name, files.read(name).orElseThrow()));
        home.write("tc.uri", lns.uri().getBytes(US_ASCII));
        home.write("version.txt", "1.0.0".getBytes(US_ASCII));
        this.station =
                new VirtualStation(
                        Eui64.parse("58A0CBFFFE800BE7"),
                        home,
                        settings,
                        (virtualStation, event) -> events.add(event));
        this.running = RunningStation.start(station);
    }

    /** A router_config for Europe without duty cycle. */
    static String routerConfig() {
        return LnsCodec.write(
                RouterConfig.of(PLAN).withLimits(OptionalDouble.empty(), false, true, false),
                Instant.EPOCH);
    }

    /** A connection whose station is configured and listens. */
    TinyLns.Link configured() throws InterruptedException {
        TinyLns.Link link = lns.link();
        link.next(); // version
        link.send(routerConfig());
        await(StationEvent.Configured.class);
        return link;
    }

    /** The next event of this kind; others before it are passed over. */
    <T extends StationEvent> T await(Class<T> kind) throws InterruptedException {
        while (true) {
            StationEvent event = events.poll(10, TimeUnit.SECONDS);
            if (event == null) {
                throw new AssertionError("there was no " + kind.getSimpleName());
            }
            if (kind.isInstance(event)) {
                return kind.cast(event);
            }
        }
    }

    @Override
    public void close() {
        running.close();
        lns.close();
    }
}
