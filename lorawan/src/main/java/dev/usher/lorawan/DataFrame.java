package dev.usher.lorawan;

import java.util.Arrays;
import java.util.OptionalInt;

/**
 * A data frame as it is on the air (LoRaWAN 1.0.4 section 4, 1.1 section 4): encrypted, and with a
 * MIC that {@link FrameCryptography} checks. {@link DataMessage} is the same in clear.
 */
public final class DataFrame {

    static final int LONGEST = 255;

    private static final int SHORTEST = 12;

    static final int UNCONFIRMED_UP = 0x40;
    static final int UNCONFIRMED_DOWN = 0x60;
    static final int CONFIRMED_UP = 0x80;
    static final int CONFIRMED_DOWN = 0xA0;

    private static final int FCTRL = 5;
    private static final int FOPTS = 8;

    private final byte[] frame;

    private DataFrame(byte[] frame) {
        this.frame = frame;
    }

    /**
     * Reads a PHYPayload, which is copied.
     *
     * @throws MalformedFrameException if it is no data frame
     */
    public static DataFrame parse(byte[] phyPayload) {
        if (phyPayload.length < SHORTEST || phyPayload.length > LONGEST) {
            throw new MalformedFrameException(
                    "a data frame has 12 to 255 bytes, this PHYPayload has " + phyPayload.length);
        }
        switch (phyPayload[0] & 0xFF) {
            case UNCONFIRMED_UP, UNCONFIRMED_DOWN, CONFIRMED_UP, CONFIRMED_DOWN -> {}
            default ->
                    throw new MalformedFrameException(
                            "a data frame begins with MHDR 40, 60, 80 or A0, this PHYPayload with "
                                    + Hex.format(phyPayload[0], 2));
        }
        DataFrame frame = new DataFrame(phyPayload.clone());
        if (frame.endOfOptions() > frame.endOfPayload()) {
            throw new MalformedFrameException(
                    "FCtrl announces %d bytes of FOpts, the frame of %d bytes has room for %d"
                            .formatted(
                                    frame.optionsLength(),
                                    phyPayload.length,
                                    phyPayload.length - SHORTEST));
        }
        if (frame.optionsLength() > 0 && frame.fPort().equals(OptionalInt.of(0))) {
            throw new MalformedFrameException(
                    "the frame has MAC commands in both FOpts and FRMPayload");
        }
        return frame;
    }

    /** A frame whose parts are known to fit; {@code unprotected} is not copied. */
    static DataFrame of(byte[] unprotected, int mic) {
        return new DataFrame(LittleEndian.withMic(unprotected, mic));
    }

    public Direction direction() {
        return (frame[0] & 0x20) == 0 ? Direction.UP : Direction.DOWN;
    }

    public DevAddr devAddr() {
        return new DevAddr((int) LittleEndian.get(frame, 1, 4));
    }

    /** Whether the frame says so; never, if that is not for its direction. */
    public boolean has(FrameFlag flag) {
        if (flag == FrameFlag.CONFIRMED) {
            int mhdr = frame[0] & 0xFF;
            return mhdr == CONFIRMED_UP || mhdr == CONFIRMED_DOWN;
        }
        return flag.isFor(direction()) && (frame[FCTRL] & flag.fCtrl()) != 0;
    }

    /** The low 16 bits of the frame counter; {@link FrameCounter} finds the others. */
    public int fCnt() {
        return (int) LittleEndian.get(frame, 6, 2);
    }

    /** MAC commands, at most 15 bytes; encrypted in a 1.1 session. */
    public byte[] fOpts() {
        return Arrays.copyOfRange(frame, FOPTS, endOfOptions());
    }

    /** 0 for MAC commands, else the application's; empty if there is no FRMPayload. */
    public OptionalInt fPort() {
        return endOfOptions() < endOfPayload()
                ? OptionalInt.of(frame[endOfOptions()] & 0xFF)
                : OptionalInt.empty();
    }

    /** Encrypted; empty if there is none. */
    public byte[] frmPayload() {
        int start = Math.min(endOfOptions() + 1, endOfPayload());
        return Arrays.copyOfRange(frame, start, endOfPayload());
    }

    /** The MIC's four octets in the order of the frame, the first the most significant. */
    public int mic() {
        return LittleEndian.mic(frame);
    }

    /** The bytes on the air, copied. */
    public byte[] phyPayload() {
        return frame.clone();
    }

    private int optionsLength() {
        return frame[FCTRL] & 0x0F;
    }

    private int endOfOptions() {
        return FOPTS + optionsLength();
    }

    private int endOfPayload() {
        return frame.length - LittleEndian.MIC_LENGTH;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DataFrame that && Arrays.equals(frame, that.frame);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(frame);
    }

    /** The PHYPayload in upper-case hex digits. */
    @Override
    public String toString() {
        return Hex.format(frame);
    }
}
