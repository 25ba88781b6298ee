package dev.usher.lorawan;

/** What a data frame says in single bits, beside its addresses and counters. */
public enum FrameFlag {

    /** The other side is to acknowledge the frame. */
    CONFIRMED(0),

    /** Of an uplink, that the network may set the data rate; of a downlink, that it can. */
    ADR(0x80),

    /** The device asks for any downlink, to see whether it is still heard; uplinks only. */
    ADR_ACK_REQ(0x40),

    /** Acknowledges the last confirmed frame of the other side. */
    ACK(0x20),

    /** The network has more for the device, which is to send again soon; downlinks only. */
    F_PENDING(0x10),

    /** The device listens as class B; uplinks only. */
    CLASS_B(0x10);

    private final int fCtrl;

    FrameFlag(int fCtrl) {
        this.fCtrl = fCtrl;
    }

    /** Its bit in FCtrl; {@link #CONFIRMED} stands in MHDR and has none. */
    int fCtrl() {
        return fCtrl;
    }

    boolean isFor(Direction direction) {
        return switch (this) {
            case CONFIRMED, ADR, ACK -> true;
            case ADR_ACK_REQ, CLASS_B -> direction == Direction.UP;
            case F_PENDING -> direction == Direction.DOWN;
        };
    }
}
