package dev.usher.lorawan;

/**
 * An uplink channel of a frequency plan.
 *
 * @param frequency Hz
 * @param minDataRate the slowest data rate that is used in it, 0..15
 * @param maxDataRate the fastest
 */
public record Channel(int frequency, int minDataRate, int maxDataRate) {

    public Channel {
        checkFrequency(frequency);
        checkDataRate(minDataRate);
        checkDataRate(maxDataRate);
        if (minDataRate > maxDataRate) {
            throw new IllegalArgumentException(
                    "the channel's slowest data rate DR"
                            + minDataRate
                            + " is above its fastest DR"
                            + maxDataRate);
        }
    }

    static void checkFrequency(int frequency) {
        if (frequency < 100_000_000 || frequency > 1_000_000_000) {
            throw new IllegalArgumentException(
                    "frequency " + frequency + " is not between 100 MHz and 1 GHz, in Hz");
        }
    }

    static void checkDataRate(int dataRate) {
        if (dataRate < 0 || dataRate > 15) {
            throw new IllegalArgumentException("data rate " + dataRate + " is not in 0..15");
        }
    }
}
