package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.Optional;

/**
 * What a join-accept tells the device (LoRaWAN 1.0.4 section 6.2.6). On the air it is encrypted and
 * carries a MIC: {@link JoinCryptography} makes and opens that.
 *
 * @param joinNonce 24 bits; called AppNonce before 1.0.4
 * @param rxDelay seconds until the first receive window, 0..15; 0 means 1
 */
public record JoinAccept(
        int joinNonce,
        NetId netId,
        DevAddr devAddr,
        DlSettings dlSettings,
        int rxDelay,
        Optional<CfList> cfList) {

    static final int MHDR = 0x20;

    private static final int LENGTH_WITHOUT_CFLIST = 13;

    public JoinAccept {
        requireNonNull(netId, "netId");
        requireNonNull(devAddr, "devAddr");
        requireNonNull(dlSettings, "dlSettings");
        requireNonNull(cfList, "cfList");
        if (joinNonce < 0 || joinNonce > 0xFF_FFFF) {
            throw new IllegalArgumentException("JoinNonce " + joinNonce + " does not fit 24 bits");
        }
        if (rxDelay < 0 || rxDelay > 15) {
            throw new IllegalArgumentException("RxDelay " + rxDelay + " is not in 0..15 seconds");
        }
    }

    /**
     * Whether a PHYPayload has the form of a join-accept, which is all that can be told of it
     * without the device's root keys.
     */
    public static boolean looksLike(byte[] phyPayload) {
        return (phyPayload.length == 17 || phyPayload.length == 33) && phyPayload[0] == MHDR;
    }

    /** Reads what {@link #unprotected} writes, 13 or 29 bytes; reserved bits are ignored. */
    static JoinAccept read(byte[] frame) {
        return new JoinAccept(
                (int) LittleEndian.get(frame, 1, 3),
                new NetId((int) LittleEndian.get(frame, 4, 3)),
                new DevAddr((int) LittleEndian.get(frame, 7, 4)),
                new DlSettings(frame[11] & 0xFF),
                frame[12] & 0x0F,
                frame.length == LENGTH_WITHOUT_CFLIST
                        ? Optional.empty()
                        : Optional.of(
                                CfList.of(
                                        Arrays.copyOfRange(
                                                frame, LENGTH_WITHOUT_CFLIST, frame.length))));
    }

    /** The frame in clear and without its MIC: MHDR to CFList. */
    byte[] unprotected() {
        byte[] channels = cfList.map(CfList::bytes).orElse(new byte[0]);
        byte[] frame = new byte[LENGTH_WITHOUT_CFLIST + channels.length];
        frame[0] = MHDR;
        int end = LittleEndian.put(frame, 1, 3, joinNonce);
        end = LittleEndian.put(frame, end, 3, netId.value());
        end = LittleEndian.put(frame, end, 4, devAddr.value());
        end = LittleEndian.put(frame, end, 1, dlSettings.octet());
        end = LittleEndian.put(frame, end, 1, rxDelay);
        System.arraycopy(channels, 0, frame, end, channels.length);
        return frame;
    }
}
