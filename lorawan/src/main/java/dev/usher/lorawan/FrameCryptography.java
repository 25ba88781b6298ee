package dev.usher.lorawan;

import java.nio.ByteBuffer;
import java.util.OptionalInt;

/**
 * The cryptography of data frames, 1.0 to 1.1: MICs and encryption (LoRaWAN 1.0.4 sections 4.3.3
 * and 4.4, 1.1 sections 4.3.1.6, 4.3.3 and 4.4, with the erratum "FOpts Encryption, Usage of
 * FCntDwn" of 2018). For both sides: what one seals, the other opens with the same methods.
 *
 * <p>Frame counters are whole, 0..4294967295. In a 1.1 session a downlink of an application (port
 * 1..255) has its own, AFCntDown; all others have NFCntDown.
 */
public final class FrameCryptography {

    private static final int BLOCK = 16;

    private FrameCryptography() {}

    /**
     * Whether the other side of the session made this frame.
     *
     * @param fCnt as {@link FrameCounter#whole} finds it
     * @param context looked at in a 1.1 session only
     */
    public static boolean isAuthentic(
            NetworkSessionKeys keys, DataFrame frame, long fCnt, MicContext context) {
        byte[] unprotected = LittleEndian.withoutMic(frame.phyPayload());
        return mic(
                        keys,
                        frame.direction(),
                        frame.devAddr(),
                        fCnt,
                        frame.has(FrameFlag.ACK),
                        context,
                        unprotected)
                == frame.mic();
    }

    /** The MAC commands in clear, wherever the frame has them: in FOpts or as port 0. */
    public static byte[] commands(NetworkSessionKeys keys, DataFrame frame, long fCnt) {
        FrameCounter.check(fCnt);
        if (frame.fPort().equals(OptionalInt.of(0))) {
            return payload(keys.encryptionKey(), frame, fCnt);
        }
        return options(
                keys, frame.direction(), frame.devAddr(), fCnt, frame.fPort(), frame.fOpts());
    }

    /**
     * The FRMPayload in clear.
     *
     * @param key the AppSKey; for port 0 the network's, for which {@link #commands} is the shorter
     *     way
     */
    public static byte[] payload(Aes128 key, DataFrame frame, long fCnt) {
        FrameCounter.check(fCnt);
        return crypt(key, frame.direction(), frame.devAddr(), fCnt, frame.frmPayload());
    }

    /**
     * Makes the frame of a message that has nothing of an application in it.
     *
     * @throws IllegalArgumentException if it has
     */
    public static DataFrame seal(NetworkSessionKeys keys, DataMessage message, MicContext context) {
        if (message.fPort().orElse(0) != 0) {
            throw new IllegalArgumentException(
                    "port "
                            + message.fPort().getAsInt()
                            + " is the application's: its payload needs the AppSKey");
        }
        return seal(keys, keys.encryptionKey(), message, context);
    }

    /** Makes the frame of a message. */
    public static DataFrame seal(
            NetworkSessionKeys keys, Aes128 appSKey, DataMessage message, MicContext context) {
        Direction direction = message.direction();
        DevAddr devAddr = message.devAddr();
        long fCnt = message.fCnt();
        OptionalInt fPort = message.fPort();
        Aes128 key = fPort.orElse(0) == 0 ? keys.encryptionKey() : appSKey;
        byte[] header = message.header();
        byte[] options = options(keys, direction, devAddr, fCnt, fPort, message.fOpts());
        byte[] payload = crypt(key, direction, devAddr, fCnt, message.frmPayload());
        ByteBuffer frame =
                ByteBuffer.allocate(
                        header.length
                                + options.length
                                + (fPort.isPresent() ? 1 : 0)
                                + payload.length);
        frame.put(header).put(options);
        fPort.ifPresent(port -> frame.put((byte) port));
        byte[] unprotected = frame.put(payload).array();
        return DataFrame.of(
                unprotected,
                mic(
                        keys,
                        direction,
                        devAddr,
                        fCnt,
                        message.flags().contains(FrameFlag.ACK),
                        context,
                        unprotected));
    }

    private static int mic(
            NetworkSessionKeys keys,
            Direction direction,
            DevAddr devAddr,
            long fCnt,
            boolean ack,
            MicContext context,
            byte[] unprotected) {
        int confFCnt = ack ? context.confFCnt() : 0;
        byte[] b0 = block(0x49, direction, devAddr, fCnt, unprotected.length);
        return switch (keys) {
            case NetworkSessionKeys.R1_0 r -> cmac(r.nwkSKey(), b0, unprotected);
            case NetworkSessionKeys.R1_1 r -> {
                if (direction == Direction.DOWN) {
                    LittleEndian.put(b0, 1, 2, confFCnt);
                    yield cmac(r.sNwkSIntKey(), b0, unprotected);
                }
                byte[] b1 = b0.clone();
                LittleEndian.put(b1, 1, 2, confFCnt);
                b1[3] = (byte) context.dataRate();
                b1[4] = (byte) context.channel();
                int serving = cmac(r.sNwkSIntKey(), b1, unprotected);
                int forwarding = cmac(r.fNwkSIntKey(), b0, unprotected);
                yield (serving & 0xFFFF_0000) | (forwarding >>> 16);
            }
        };
    }

    private static int cmac(AesKey key, byte[] block, byte[] unprotected) {
        return Cmac.mic(
                key,
                ByteBuffer.allocate(BLOCK + unprotected.length)
                        .put(block)
                        .put(unprotected)
                        .array());
    }

    /** FOpts the other way round: encrypted in a 1.1 session, and as they are in 1.0. */
    private static byte[] options(
            NetworkSessionKeys keys,
            Direction direction,
            DevAddr devAddr,
            long fCnt,
            OptionalInt fPort,
            byte[] fOpts) {
        if (!(keys instanceof NetworkSessionKeys.R1_1 r) || fOpts.length == 0) {
            return fOpts;
        }
        byte[] block = block(0x01, direction, devAddr, fCnt, 1);
        boolean counterOfApplication = direction == Direction.DOWN && fPort.orElse(0) > 0;
        block[4] = (byte) (counterOfApplication ? 2 : 1);
        return xor(fOpts, r.nwkSEncKey().encrypt(block));
    }

    private static byte[] crypt(
            Aes128 key, Direction direction, DevAddr devAddr, long fCnt, byte[] text) {
        if (text.length == 0) {
            return text;
        }
        int count = (text.length + BLOCK - 1) / BLOCK;
        ByteBuffer blocks = ByteBuffer.allocate(count * BLOCK);
        for (int i = 1; i <= count; i++) {
            blocks.put(block(0x01, direction, devAddr, fCnt, i));
        }
        return xor(text, key.encrypt(blocks.array()));
    }

    /** The form that the blocks B0, B1 and Ai have in common. */
    private static byte[] block(
            int first, Direction direction, DevAddr devAddr, long fCnt, int last) {
        byte[] block = new byte[BLOCK];
        block[0] = (byte) first;
        block[5] = (byte) (direction == Direction.UP ? 0 : 1);
        int end = LittleEndian.put(block, 6, 4, devAddr.value());
        LittleEndian.put(block, end, 4, fCnt);
        block[15] = (byte) last;
        return block;
    }

    private static byte[] xor(byte[] text, byte[] keyStream) {
        byte[] result = new byte[text.length];
        for (int i = 0; i < text.length; i++) {
            result[i] = (byte) (text[i] ^ keyStream[i]);
        }
        return result;
    }
}
