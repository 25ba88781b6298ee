package dev.usher.lorawan;

/**
 * What the MIC of a 1.1 frame covers besides the frame (LoRaWAN 1.1 section 4.4); in 1.0 none of it
 * counts.
 *
 * @param confFCnt the low 16 bits of the counter of the confirmed frame that this one acknowledges;
 *     does not count in a frame without ACK
 * @param dataRate index of the data rate an uplink was sent with; does not count in a downlink
 * @param channel number of the channel an uplink was sent in, see {@link
 *     FrequencyPlan#channelNumber}; does not count in a downlink
 */
public record MicContext(int confFCnt, int dataRate, int channel) {

    /** For a 1.0 session. */
    public static final MicContext NONE = new MicContext(0, 0, 0);

    public MicContext {
        if (confFCnt < 0 || confFCnt > 0xFFFF) {
            throw new IllegalArgumentException("ConfFCnt " + confFCnt + " is not in 0..65535");
        }
        Channel.checkDataRate(dataRate);
        if (channel < 0 || channel > 255) {
            throw new IllegalArgumentException("channel number " + channel + " is not in 0..255");
        }
    }
}
