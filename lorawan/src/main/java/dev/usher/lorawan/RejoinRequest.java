package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

/**
 * The rejoin-request frame, with which an active 1.1 device offers to be activated anew (LoRaWAN
 * 1.1 section 6.2.4).
 */
public sealed interface RejoinRequest {

    /** 0, 1 or 2. */
    int type();

    Eui64 devEui();

    /** RJcount0 or RJcount1, 0..65535; stands where a join-request has its DevNonce. */
    int rjCount();

    /** The MIC's four octets in the order of the frame, the first the most significant. */
    int mic();

    /** The 19 or 24 bytes on the air. */
    byte[] phyPayload();

    /**
     * Reads a PHYPayload of 19 or 24 bytes. Whether its MIC is right is {@link
     * JoinCryptography#isAuthentic}'s to say.
     *
     * @throws MalformedFrameException if it is no rejoin-request
     */
    static RejoinRequest parse(byte[] phyPayload) {
        if (phyPayload.length < 2 || phyPayload[0] != (byte) 0xC0) {
            throw new MalformedFrameException(
                    "a rejoin-request begins with MHDR C0, this PHYPayload of "
                            + phyPayload.length
                            + " bytes does not");
        }
        return switch (phyPayload[1]) {
            case 0, 2 -> Type0Or2.read(phyPayload);
            case 1 -> Type1.read(phyPayload);
            default ->
                    throw new MalformedFrameException(
                            "rejoin type "
                                    + (phyPayload[1] & 0xFF)
                                    + " of this PHYPayload does not exist: there are 0, 1 and 2");
        };
    }

    /**
     * To the network the device is in: to hand it over or reset everything (0), or only to change
     * its keys (2). Protected with the session's SNwkSIntKey.
     *
     * @param type 0 or 2
     * @param rjCount RJcount0, which begins anew with every session
     */
    record Type0Or2(int type, NetId netId, Eui64 devEui, int rjCount, int mic)
            implements RejoinRequest {

        private static final int LENGTH = 19;

        public Type0Or2 {
            requireNonNull(netId, "netId");
            requireNonNull(devEui, "devEui");
            if (type != 0 && type != 2) {
                throw new IllegalArgumentException("rejoin type " + type + " is not 0 or 2");
            }
            checkCount("RJcount0", rjCount);
        }

        private static Type0Or2 read(byte[] frame) {
            checkLength(frame, LENGTH);
            return new Type0Or2(
                    frame[1],
                    new NetId((int) LittleEndian.get(frame, 2, 3)),
                    new Eui64(LittleEndian.get(frame, 5, 8)),
                    (int) LittleEndian.get(frame, 13, 2),
                    LittleEndian.mic(frame));
        }

        @Override
        public byte[] phyPayload() {
            byte[] frame = begin(LENGTH, type);
            int end = LittleEndian.put(frame, 2, 3, netId.value());
            end = LittleEndian.put(frame, end, 8, devEui.value());
            LittleEndian.put(frame, end, 2, rjCount);
            return LittleEndian.withMic(frame, mic);
        }

        Type0Or2 withMic(int mic) {
            return new Type0Or2(type, netId, devEui, rjCount, mic);
        }
    }

    /**
     * To the Join Server, over any network that hears it: to bring back a device whose session is
     * lost. Protected with the device's JSIntKey.
     *
     * @param rjCount RJcount1, which never begins anew
     */
    record Type1(Eui64 joinEui, Eui64 devEui, int rjCount, int mic) implements RejoinRequest {

        private static final int LENGTH = 24;

        public Type1 {
            requireNonNull(joinEui, "joinEui");
            requireNonNull(devEui, "devEui");
            checkCount("RJcount1", rjCount);
        }

        private static Type1 read(byte[] frame) {
            checkLength(frame, LENGTH);
            return new Type1(
                    new Eui64(LittleEndian.get(frame, 2, 8)),
                    new Eui64(LittleEndian.get(frame, 10, 8)),
                    (int) LittleEndian.get(frame, 18, 2),
                    LittleEndian.mic(frame));
        }

        @Override
        public int type() {
            return 1;
        }

        @Override
        public byte[] phyPayload() {
            byte[] frame = begin(LENGTH, 1);
            int end = LittleEndian.put(frame, 2, 8, joinEui.value());
            end = LittleEndian.put(frame, end, 8, devEui.value());
            LittleEndian.put(frame, end, 2, rjCount);
            return LittleEndian.withMic(frame, mic);
        }

        Type1 withMic(int mic) {
            return new Type1(joinEui, devEui, rjCount, mic);
        }
    }

    /** MHDR and type, and room for the rest up to the MIC. */
    private static byte[] begin(int length, int type) {
        byte[] frame = new byte[length - LittleEndian.MIC_LENGTH];
        frame[0] = (byte) 0xC0;
        frame[1] = (byte) type;
        return frame;
    }

    private static void checkLength(byte[] frame, int length) {
        if (frame.length != length) {
            throw new MalformedFrameException(
                    "a rejoin-request of type "
                            + frame[1]
                            + " has "
                            + length
                            + " bytes, this PHYPayload has "
                            + frame.length);
        }
    }

    private static void checkCount(String name, int count) {
        if (count < 0 || count > 0xFFFF) {
            throw new IllegalArgumentException(name + " " + count + " is not in 0..65535");
        }
    }
}
