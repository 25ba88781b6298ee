package dev.usher.simulator;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.DataRate;
import java.util.Arrays;

/**
 * A frame on the air.
 *
 * @param frequency Hz
 * @param at when an uplink ended or a downlink began, microseconds by {@link #now}
 */
public record Transmission(byte[] phyPayload, int frequency, DataRate dataRate, long at) {

    public Transmission {
        phyPayload = phyPayload.clone();
        requireNonNull(dataRate, "dataRate");
    }

    /** The time of the ether: microseconds of a clock that all in this process share. */
    public static long now() {
        return System.nanoTime() / 1000;
    }

    /** A copy. */
    @Override
    public byte[] phyPayload() {
        return phyPayload.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Transmission that
                && Arrays.equals(phyPayload, that.phyPayload)
                && frequency == that.frequency
                && dataRate.equals(that.dataRate)
                && at == that.at;
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(phyPayload) + Long.hashCode(at);
    }

    @Override
    public String toString() {
        return "Transmission[%d bytes, %d Hz, %s, at %d us]"
                .formatted(phyPayload.length, frequency, dataRate, at);
    }

    /** How long it takes ({@code s2e.c:229-270}), in microseconds. */
    long airtime() {
        return switch (dataRate) {
            case DataRate.Fsk(int bitRate) -> (phyPayload.length + 11L) * 8 * 1_000_000 / bitRate;
            case DataRate.LoRa(int factor, int bandwidth) -> {
                boolean lowDataRate = factor >= 11 && bandwidth == 125_000;
                int bits = 8 * phyPayload.length - 4 * factor + 28;
                int perBlock = 4 * (lowDataRate ? factor - 2 : factor);
                int symbols = 8 + Math.max(0, Math.ceilDiv(bits, perBlock)) * 5;
                // 12.25 symbols of preamble, in quarters
                yield (4L * symbols + 49) * (1L << factor) * 250_000 / bandwidth;
            }
        };
    }
}
