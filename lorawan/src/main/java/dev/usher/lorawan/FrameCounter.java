package dev.usher.lorawan;

import java.util.OptionalLong;

/** Frame counters have 32 bits, and a frame carries the low 16 of them. */
public final class FrameCounter {

    /**
     * How far a counter may jump ahead before the frame is not to be believed (Regional Parameters,
     * MAX_FCNT_GAP). LoRaWAN 1.0.4 and 1.1 no longer have that limit.
     */
    public static final int MAX_FCNT_GAP = 16_384;

    /** A gap that every frame keeps. */
    public static final int NO_LIMIT = 65_535;

    private static final long LARGEST = 0xFFFF_FFFFL;

    private FrameCounter() {}

    /**
     * Finds the whole counter of a frame: the last one itself, if the low bits are the same (then
     * the device repeats itself), else the next that ends in them.
     *
     * @param last that of the last frame that was accepted; none in a new session
     * @param fCnt what the frame carries, 0..65535
     * @param maxGap {@link #MAX_FCNT_GAP} or {@link #NO_LIMIT}
     * @return empty if that is too far ahead, or beyond 32 bits
     */
    public static OptionalLong whole(OptionalLong last, int fCnt, int maxGap) {
        if (fCnt < 0 || fCnt > 0xFFFF) {
            throw new IllegalArgumentException("FCnt " + fCnt + " is not in 0..65535");
        }
        if (last.isEmpty()) {
            return fCnt <= maxGap ? OptionalLong.of(fCnt) : OptionalLong.empty();
        }
        check(last.getAsLong());
        long gap = (fCnt - last.getAsLong()) & 0xFFFF;
        long whole = last.getAsLong() + gap;
        return gap <= maxGap && whole <= LARGEST ? OptionalLong.of(whole) : OptionalLong.empty();
    }

    static void check(long fCnt) {
        if (fCnt < 0 || fCnt > LARGEST) {
            throw new IllegalArgumentException("frame counter " + fCnt + " does not fit 32 bits");
        }
    }
}
