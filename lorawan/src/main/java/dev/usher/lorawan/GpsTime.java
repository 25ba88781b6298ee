package dev.usher.lorawan;

import java.time.Duration;
import java.time.Instant;

/** GPS time: what LoRaWAN counts time in, as it has no leap seconds. */
public final class GpsTime {

    private static final Instant EPOCH = Instant.parse("1980-01-06T00:00:00Z");

    /** By so much it is ahead of UTC since 2017; none has been announced to follow. */
    private static final Duration LEAP_SECONDS = Duration.ofSeconds(18);

    private GpsTime() {}

    /** The time since the GPS epoch; right for instants from 2017 on. */
    public static Duration of(Instant instant) {
        return Duration.between(EPOCH, instant).plus(LEAP_SECONDS);
    }

    /** The same in microseconds, as stations write it. */
    public static long micros(Instant instant) {
        Duration since = of(instant);
        return since.getSeconds() * 1_000_000 + since.getNano() / 1_000;
    }
}
