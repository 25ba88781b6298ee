package dev.usher.station;

/**
 * How a gateway received a frame ({@code s2e.c:160-180}).
 *
 * @param dataRate index in the table the gateway was configured with, 0..15
 * @param frequency Hz
 * @param rctx the radio and antenna; an answer gives it back
 * @param xtime when the frame ended, in the concentrator's own time: its unit, a random number for
 *     the session and microseconds, together more than a double holds. An answer gives it back.
 * @param gpsTime when the frame ended, microseconds since 1980-01-06; 0 if the gateway does not
 *     know
 * @param fts fine time stamp, nanoseconds within the second; -1 if there is none
 * @param rssi dBm
 * @param snr dB
 * @param rxTime when the gateway handled the frame by its own clock, seconds since 1970; 0 if
 *     unknown
 * @param refTime when it sent this message, by the MuxTime it last got and the time since; 0 if it
 *     got none. What time has passed since then is the delay of the line.
 */
public record Reception(
        int dataRate,
        int frequency,
        long rctx,
        long xtime,
        long gpsTime,
        int fts,
        double rssi,
        double snr,
        double rxTime,
        double refTime) {

    public Reception {
        if (dataRate < 0 || dataRate > 15) {
            throw new IllegalArgumentException("data rate " + dataRate + " is not in 0..15");
        }
        if (frequency <= 0) {
            throw new IllegalArgumentException("frequency " + frequency + " is not positive");
        }
        if (!Double.isFinite(rssi)
                || !Double.isFinite(snr)
                || !Double.isFinite(rxTime)
                || !Double.isFinite(refTime)) {
            throw new IllegalArgumentException("RSSI, SNR and times are finite numbers");
        }
    }
}
