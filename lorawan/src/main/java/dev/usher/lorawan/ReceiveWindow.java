package dev.usher.lorawan;

/**
 * Where a device listens after an uplink.
 *
 * @param frequency Hz
 * @param dataRate the index in the region's table, 0..15
 */
public record ReceiveWindow(int frequency, int dataRate) {

    public ReceiveWindow {
        Channel.checkFrequency(frequency);
        Channel.checkDataRate(dataRate);
    }
}
