package dev.usher.simulator;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What a maker sets in {@code station.conf}, and what station was built as.
 *
 * @param okSync how long after a success station asks CUPS again ({@code CUPS_OKSYNC_INTV})
 * @param resync how long after a failure, or after new CUPS data ({@code CUPS_RESYNC_INTV})
 * @param timeout how long it waits for each 8 KB of an answer ({@code CUPS_CONN_TIMEOUT})
 * @param station firmware version and build date, as it reports them
 * @param model the platform, as it reports it
 * @param firmware what running an update does
 */
public record Settings(
        Duration okSync,
        Duration resync,
        Duration timeout,
        String station,
        String model,
        Firmware firmware) {

    /** The settings station comes with. */
    public static final Settings DEFAULT =
            new Settings(
                    Duration.ofHours(24),
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(1),
                    "2.0.6(virtual/std) 2026-01-01 00:00:00",
                    "virtual",
                    Firmware.SCRIPT);

    public Settings {
        requirePositive(okSync, "okSync");
        requirePositive(resync, "resync");
        requirePositive(timeout, "timeout");
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
        return new Settings(newOkSync, newResync, timeout, station, model, firmware);
    }

    /** The same with another patience. */
    public Settings withTimeout(Duration newTimeout) {
        return new Settings(okSync, resync, newTimeout, station, model, firmware);
    }

    /** The same with another idea of what an update does. */
    public Settings withFirmware(Firmware newFirmware) {
        return new Settings(okSync, resync, timeout, station, model, newFirmware);
    }
}
