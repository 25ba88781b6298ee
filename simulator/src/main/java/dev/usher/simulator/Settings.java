package dev.usher.simulator;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What a maker sets in {@code station.conf}, and what station was built as.
 *
 * @param okSync how long after a success station asks CUPS again ({@code CUPS_OKSYNC_INTV})
 * @param resync how long after a failure, or after new CUPS data ({@code CUPS_RESYNC_INTV})
 * @param timeout how long it waits for each 8 KB of an answer ({@code CUPS_CONN_TIMEOUT}), and for
 *     an LNS to take its connection ({@code TC_TIMEOUT})
 * @param backoff the unit of its waits between attempts to reach its LNS: 1, 2, 4, 8 and 16 of them
 *     to the same place, 10 to 60 before it asks where to go; a second in every real station
 * @param pps whether it has a pulse per second, and asks its LNS which second that is
 * @param station firmware version and build date, as it reports them
 * @param model the platform, as it reports it
 * @param firmware what running an update does
 */
public record Settings(
        Duration okSync,
        Duration resync,
        Duration timeout,
        Duration backoff,
        boolean pps,
        String station,
        String model,
        Firmware firmware) {

    /** The settings station comes with. */
    public static final Settings DEFAULT =
            new Settings(
                    Duration.ofHours(24),
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(1),
                    /* pps= */ false,
                    "2.0.6(virtual/std) 2026-01-01 00:00:00",
                    "virtual",
                    Firmware.SCRIPT);

    public Settings {
        requirePositive(okSync, "okSync");
        requirePositive(resync, "resync");
        requirePositive(timeout, "timeout");
        requirePositive(backoff, "backoff");
        requireNonNull(station, "station");
        requireNonNull(model, "model");
        requireNonNull(firmware, "firmware");
    }

    private static void requirePositive(Duration duration, String name) {
        if (!duration.isPositive()) {
            throw new IllegalArgumentException(name + " of " + duration + " is not positive");
        }
    }

    /** The same with other times between two contacts with CUPS. */
    public Settings withIntervals(Duration newOkSync, Duration newResync) {
        return new Settings(newOkSync, newResync, timeout, backoff, pps, station, model, firmware);
    }

    /** The same with another patience. */
    public Settings withTimeout(Duration newTimeout) {
        return new Settings(okSync, resync, newTimeout, backoff, pps, station, model, firmware);
    }

    /** The same with another unit of its waits before it tries to reach its LNS again. */
    public Settings withBackoff(Duration newBackoff) {
        return new Settings(okSync, resync, timeout, newBackoff, pps, station, model, firmware);
    }

    /** The same with a pulse per second. */
    public Settings withPps() {
        return new Settings(
                okSync, resync, timeout, backoff, /* pps= */ true, station, model, firmware);
    }

    /** The same with another idea of what an update does. */
    public Settings withFirmware(Firmware newFirmware) {
        return new Settings(okSync, resync, timeout, backoff, pps, station, model, newFirmware);
    }
}
