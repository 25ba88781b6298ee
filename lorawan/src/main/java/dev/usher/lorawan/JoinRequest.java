package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

/**
 * The join-request frame, with which a device asks to be activated (LoRaWAN 1.0.4 section 6.2.5).
 *
 * @param devNonce 0..65535
 * @param mic the four octets of the MIC in the order of the frame, the first the most significant
 */
public record JoinRequest(Eui64 joinEui, Eui64 devEui, int devNonce, int mic) {

    private static final int LENGTH = 23;
    private static final int MHDR = 0x00;

    public JoinRequest {
        requireNonNull(joinEui, "joinEui");
        requireNonNull(devEui, "devEui");
        if (devNonce < 0 || devNonce > 0xFFFF) {
            throw new IllegalArgumentException("DevNonce " + devNonce + " is not in 0..65535");
        }
    }

    /**
     * Reads a PHYPayload of 23 bytes. Whether its MIC is right is {@link
     * JoinCryptography#isAuthentic}'s to say.
     *
     * @throws MalformedFrameException if it is no join-request
     */
    public static JoinRequest parse(byte[] phyPayload) {
        if (phyPayload.length != LENGTH) {
            throw new MalformedFrameException(
                    "a join-request has 23 bytes, this PHYPayload has " + phyPayload.length);
        }
        if (phyPayload[0] != MHDR) {
            throw new MalformedFrameException(
                    "a join-request begins with MHDR 00, this PHYPayload with "
                            + Hex.format(phyPayload[0], 2));
        }
        return new JoinRequest(
                new Eui64(LittleEndian.get(phyPayload, 1, 8)),
                new Eui64(LittleEndian.get(phyPayload, 9, 8)),
                (int) LittleEndian.get(phyPayload, 17, 2),
                LittleEndian.mic(phyPayload));
    }

    /** The 23 bytes on the air. */
    public byte[] phyPayload() {
        byte[] frame = new byte[LENGTH - LittleEndian.MIC_LENGTH];
        frame[0] = MHDR;
        int end = LittleEndian.put(frame, 1, 8, joinEui.value());
        end = LittleEndian.put(frame, end, 8, devEui.value());
        LittleEndian.put(frame, end, 2, devNonce);
        return LittleEndian.withMic(frame, mic);
    }

    JoinRequest withMic(int mic) {
        return new JoinRequest(joinEui, devEui, devNonce, mic);
    }
}
