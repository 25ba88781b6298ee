package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What is to go into a data frame, in clear; {@link FrameCryptography#seal} makes the frame of it.
 *
 * <pre>{@code
 * DataMessage.down(address, 7).with(Set.of(FrameFlag.ACK)).withPayload(10, data)
 * }</pre>
 *
 * @param fCnt the whole frame counter, 0..4294967295
 * @param fOpts MAC commands, at most 15 bytes, and none with port 0
 * @param fPort 0 for MAC commands, 1..255 for an application; empty if there is no FRMPayload
 * @param frmPayload as much as the frame has room for
 */
public record DataMessage(
        Direction direction,
        DevAddr devAddr,
        long fCnt,
        Set<FrameFlag> flags,
        byte[] fOpts,
        OptionalInt fPort,
        byte[] frmPayload) {

    /** The longest FOpts, in bytes. */
    public static final int LONGEST_OPTIONS = 15;

    private static final int HEADER = 8;
    private static final byte[] NOTHING = {};

    public DataMessage {
        requireNonNull(direction, "direction");
        requireNonNull(devAddr, "devAddr");
        FrameCounter.check(fCnt);
        flags = Set.copyOf(flags);
        fOpts = fOpts.clone();
        requireNonNull(fPort, "fPort");
        frmPayload = frmPayload.clone();
        for (FrameFlag flag : flags) {
            if (!flag.isFor(direction)) {
                throw new IllegalArgumentException(
                        "a frame in direction " + direction + " cannot say " + flag);
            }
        }
        if (fOpts.length > LONGEST_OPTIONS) {
            throw new IllegalArgumentException(
                    "FOpts of "
                            + fOpts.length
                            + " bytes: there is room for 15, the rest can go into port 0");
        }
        if (fPort.isPresent() && (fPort.getAsInt() < 0 || fPort.getAsInt() > 255)) {
            throw new IllegalArgumentException("FPort " + fPort.getAsInt() + " is not in 0..255");
        }
        if (fPort.equals(OptionalInt.of(0)) && fOpts.length > 0) {
            throw new IllegalArgumentException(
                    "MAC commands go into FOpts or into port 0, not into both");
        }
        if (fPort.isEmpty() && frmPayload.length > 0) {
            throw new IllegalArgumentException(
                    "FRMPayload of " + frmPayload.length + " bytes has no FPort");
        }
        int length =
                HEADER
                        + fOpts.length
                        + (fPort.isPresent() ? 1 : 0)
                        + frmPayload.length
                        + LittleEndian.MIC_LENGTH;
        if (length > DataFrame.LONGEST) {
            throw new IllegalArgumentException(
                    "a frame has at most 255 bytes, this message needs " + length);
        }
    }

    /** An uplink with nothing in it. */
    public static DataMessage up(DevAddr devAddr, long fCnt) {
        return new DataMessage(
                Direction.UP, devAddr, fCnt, Set.of(), NOTHING, OptionalInt.empty(), NOTHING);
    }

    /** A downlink with nothing in it. */
    public static DataMessage down(DevAddr devAddr, long fCnt) {
        return new DataMessage(
                Direction.DOWN, devAddr, fCnt, Set.of(), NOTHING, OptionalInt.empty(), NOTHING);
    }

    /** With these flags besides those it has. */
    public DataMessage with(Collection<FrameFlag> more) {
        EnumSet<FrameFlag> all = EnumSet.noneOf(FrameFlag.class);
        all.addAll(flags);
        all.addAll(more);
        return new DataMessage(direction, devAddr, fCnt, all, fOpts, fPort, frmPayload);
    }

    /** With these MAC commands as its FOpts. */
    public DataMessage withCommands(List<MacCommand> commands) {
        return new DataMessage(
                direction, devAddr, fCnt, flags, MacCommands.bytes(commands), fPort, frmPayload);
    }

    /**
     * With this FRMPayload.
     *
     * @param port 1..255 of an application, 0 for MAC commands
     */
    public DataMessage withPayload(int port, byte[] payload) {
        return new DataMessage(
                direction, devAddr, fCnt, flags, fOpts, OptionalInt.of(port), payload);
    }

    /** MHDR and FHDR up to FOpts. */
    byte[] header() {
        boolean confirmed = flags.contains(FrameFlag.CONFIRMED);
        int mhdr =
                switch (direction) {
                    case UP -> confirmed ? DataFrame.CONFIRMED_UP : DataFrame.UNCONFIRMED_UP;
                    case DOWN -> confirmed ? DataFrame.CONFIRMED_DOWN : DataFrame.UNCONFIRMED_DOWN;
                };
        int fCtrl = fOpts.length;
        for (FrameFlag flag : flags) {
            fCtrl |= flag.fCtrl();
        }
        byte[] header = new byte[HEADER];
        int end = LittleEndian.put(header, 0, 1, mhdr);
        end = LittleEndian.put(header, end, 4, devAddr.value());
        end = LittleEndian.put(header, end, 1, fCtrl);
        LittleEndian.put(header, end, 2, fCnt);
        return header;
    }

    /** A copy. */
    @Override
    public byte[] fOpts() {
        return fOpts.clone();
    }

    /** A copy. */
    @Override
    public byte[] frmPayload() {
        return frmPayload.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DataMessage that
                && direction == that.direction
                && devAddr.equals(that.devAddr)
                && fCnt == that.fCnt
                && flags.equals(that.flags)
                && Arrays.equals(fOpts, that.fOpts)
                && fPort.equals(that.fPort)
                && Arrays.equals(frmPayload, that.frmPayload);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(fCnt) + Arrays.hashCode(frmPayload);
    }

    /** Without the data, which is the application's. */
    @Override
    public String toString() {
        return "DataMessage[%s %s FCnt %d %s, FOpts %d bytes, FPort %s, FRMPayload %d bytes]"
                .formatted(
                        direction,
                        devAddr,
                        fCnt,
                        flags,
                        fOpts.length,
                        fPort.isPresent() ? fPort.getAsInt() : "none",
                        frmPayload.length);
    }
}
