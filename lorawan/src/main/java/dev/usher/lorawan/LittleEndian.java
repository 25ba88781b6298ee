package dev.usher.lorawan;

import java.util.Arrays;

/** Frames on the air carry the least significant octet of every field first. */
final class LittleEndian {

    static final int MIC_LENGTH = 4;

    private LittleEndian() {}

    /** Reads a field of {@code width} octets, at most 8. */
    static long get(byte[] frame, int offset, int width) {
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            value = (value << 8) | (frame[offset + i] & 0xFF);
        }
        return value;
    }

    /** Writes the low {@code width} octets of the value and returns the offset behind them. */
    static int put(byte[] frame, int offset, int width, long value) {
        for (int i = 0; i < width; i++) {
            frame[offset + i] = (byte) (value >>> (8 * i));
        }
        return offset + width;
    }

    /**
     * The MIC at the end of a frame as a number, its first octet the most significant: a MIC is a
     * string of octets, not a field.
     */
    static int mic(byte[] frame) {
        return Integer.reverseBytes((int) get(frame, frame.length - MIC_LENGTH, MIC_LENGTH));
    }

    static byte[] withMic(byte[] unprotected, int mic) {
        byte[] frame = Arrays.copyOf(unprotected, unprotected.length + MIC_LENGTH);
        put(frame, unprotected.length, MIC_LENGTH, Integer.reverseBytes(mic));
        return frame;
    }

    /** What the MIC is computed over. */
    static byte[] withoutMic(byte[] frame) {
        return Arrays.copyOf(frame, frame.length - MIC_LENGTH);
    }
}
