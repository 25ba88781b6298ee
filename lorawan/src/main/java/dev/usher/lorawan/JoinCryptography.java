package dev.usher.lorawan;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The cryptography of a LoRaWAN activation, 1.0 to 1.1 (LoRaWAN 1.0.4 section 6.2, 1.1 section
 * 6.2): on the side of the Join Server, and at the end of the class on the device's.
 *
 * <p>Nothing here remembers anything: whether a nonce was used before is for the caller to know.
 */
public final class JoinCryptography {

    private static final int BLOCK = 16;

    // The first octet of the block that makes a key of a root key.
    private static final int F_NWK_S_INT_KEY = 0x01; // NwkSKey in 1.0
    private static final int APP_S_KEY = 0x02;
    private static final int S_NWK_S_INT_KEY = 0x03;
    private static final int NWK_S_ENC_KEY = 0x04;
    private static final int JS_ENC_KEY = 0x05;
    private static final int JS_INT_KEY = 0x06;

    private JoinCryptography() {}

    /** Whether a device with these keys made this request. */
    public static boolean isAuthentic(RootKeys keys, JoinRequest request) {
        return Cmac.mic(keys.joinKey(), LittleEndian.withoutMic(request.phyPayload()))
                == request.mic();
    }

    /** Whether a device with these keys made this request; never, without a NwkKey. */
    public static boolean isAuthentic(RootKeys keys, RejoinRequest.Type1 request) {
        return keys.nwkKey().isPresent()
                && Cmac.mic(
                                jsIntKey(keys, request.devEui()),
                                LittleEndian.withoutMic(request.phyPayload()))
                        == request.mic();
    }

    /** Whether the device of the session with this key made this request. */
    public static boolean isAuthentic(AesKey sNwkSIntKey, RejoinRequest.Type0Or2 request) {
        return Cmac.mic(sNwkSIntKey, LittleEndian.withoutMic(request.phyPayload()))
                == request.mic();
    }

    /**
     * Answers a join-request.
     *
     * @param scheme as {@link KeyScheme#decide} has it
     * @throws ActivationRefusedException if the scheme is 1.1 and a root key is missing
     */
    public static Activation activate(
            RootKeys keys, KeyScheme scheme, JoinRequest request, JoinAccept accept) {
        byte[] frame = accept.unprotected();
        Agreement agreement = agree(keys, scheme, Exchange.of(request), accept, frame);
        return new Activation(seal(keys.joinKey(), frame, agreement.mic()), agreement.keys());
    }

    /**
     * Answers a rejoin-request, which is always 1.1.
     *
     * @param joinEui the device's; a request of type 0 or 2 does not say it
     * @throws ActivationRefusedException if a root key is missing, the accept has OptNeg unset, or
     *     a request of type 1 names another JoinEUI
     */
    public static Activation activate(
            RootKeys keys, RejoinRequest request, Eui64 joinEui, JoinAccept accept) {
        if (!accept.dlSettings().optNeg()) {
            throw new ActivationRefusedException(
                    "DLSettings "
                            + accept.dlSettings()
                            + " has OptNeg unset, but only LoRaWAN 1.1 knows rejoin-requests");
        }
        if (request instanceof RejoinRequest.Type1 type1 && !type1.joinEui().equals(joinEui)) {
            throw new ActivationRefusedException(
                    "the rejoin-request names JoinEUI "
                            + type1.joinEui()
                            + ", the device has "
                            + joinEui);
        }
        byte[] frame = accept.unprotected();
        Agreement agreement = agreeR1_1(keys, Exchange.of(request, joinEui), accept, frame);
        Aes128 jsEncKey = jsEncKey(keys, request.devEui());
        return new Activation(seal(jsEncKey, frame, agreement.mic()), agreement.keys());
    }

    /** What the device asked with: enters the MIC of the answer and the keys. */
    private record Exchange(int joinReqType, Eui64 joinEui, Eui64 devEui, int nonce) {

        static Exchange of(JoinRequest request) {
            return new Exchange(0xFF, request.joinEui(), request.devEui(), request.devNonce());
        }

        static Exchange of(RejoinRequest request, Eui64 joinEui) {
            return new Exchange(request.type(), joinEui, request.devEui(), request.rjCount());
        }
    }

    /** What both sides compute from the same accept. */
    private record Agreement(int mic, SessionKeys keys) {}

    private static Agreement agree(
            RootKeys keys, KeyScheme scheme, Exchange exchange, JoinAccept accept, byte[] frame) {
        return switch (scheme) {
            case R1_0 -> agreeR1_0(keys.joinKey(), exchange, accept, frame);
            case R1_1 -> agreeR1_1(keys, exchange, accept, frame);
        };
    }

    private static Agreement agreeR1_0(
            Aes128 key, Exchange exchange, JoinAccept accept, byte[] frame) {
        byte[] made =
                key.encrypt(
                        concat(
                                keyBlockR1_0(F_NWK_S_INT_KEY, exchange, accept),
                                keyBlockR1_0(APP_S_KEY, exchange, accept),
                                Cmac.opening(frame)));
        return new Agreement(
                Cmac.mic(key, frame, made, 2 * BLOCK),
                new SessionKeys.R1_0(AesKey.at(made, 0), AesKey.at(made, BLOCK)));
    }

    private static Agreement agreeR1_1(
            RootKeys keys, Exchange exchange, JoinAccept accept, byte[] frame) {
        Aes128 appKey = keys.requireAppKey();
        byte[] made =
                keys.requireNwkKey()
                        .encrypt(
                                concat(
                                        keyBlockR1_1(F_NWK_S_INT_KEY, exchange, accept),
                                        keyBlockR1_1(S_NWK_S_INT_KEY, exchange, accept),
                                        keyBlockR1_1(NWK_S_ENC_KEY, exchange, accept),
                                        deviceKeyBlock(JS_INT_KEY, exchange.devEui())));
        byte[] appSKey = appKey.encrypt(keyBlockR1_1(APP_S_KEY, exchange, accept));
        AesKey jsIntKey = AesKey.at(made, 3 * BLOCK);
        return new Agreement(
                Cmac.mic(jsIntKey, concat(micPrefix(exchange), frame)),
                new SessionKeys.R1_1(
                        AesKey.at(made, 0),
                        AesKey.at(made, BLOCK),
                        AesKey.at(made, 2 * BLOCK),
                        AesKey.of(appSKey)));
    }

    /** JoinReqType, JoinEUI and DevNonce: binds a 1.1 accept to the request it answers. */
    private static byte[] micPrefix(Exchange exchange) {
        byte[] prefix = new byte[11];
        int end = LittleEndian.put(prefix, 0, 1, exchange.joinReqType());
        end = LittleEndian.put(prefix, end, 8, exchange.joinEui().value());
        LittleEndian.put(prefix, end, 2, exchange.nonce());
        return prefix;
    }

    private static byte[] keyBlockR1_0(int type, Exchange exchange, JoinAccept accept) {
        byte[] block = new byte[BLOCK];
        int end = LittleEndian.put(block, 0, 1, type);
        end = LittleEndian.put(block, end, 3, accept.joinNonce());
        end = LittleEndian.put(block, end, 3, accept.netId().value());
        LittleEndian.put(block, end, 2, exchange.nonce());
        return block;
    }

    private static byte[] keyBlockR1_1(int type, Exchange exchange, JoinAccept accept) {
        byte[] block = new byte[BLOCK];
        int end = LittleEndian.put(block, 0, 1, type);
        end = LittleEndian.put(block, end, 3, accept.joinNonce());
        end = LittleEndian.put(block, end, 8, exchange.joinEui().value());
        LittleEndian.put(block, end, 2, exchange.nonce());
        return block;
    }

    private static byte[] deviceKeyBlock(int type, Eui64 devEui) {
        byte[] block = new byte[BLOCK];
        int end = LittleEndian.put(block, 0, 1, type);
        LittleEndian.put(block, end, 8, devEui.value());
        return block;
    }

    /** Protects rejoin-requests of type 1 and all 1.1 accepts; one for the life of the device. */
    static AesKey jsIntKey(RootKeys keys, Eui64 devEui) {
        return AesKey.of(keys.requireNwkKey().encrypt(deviceKeyBlock(JS_INT_KEY, devEui)));
    }

    /** Encrypts accepts that answer a rejoin-request; one for the life of the device. */
    static AesKey jsEncKey(RootKeys keys, Eui64 devEui) {
        return AesKey.of(keys.requireNwkKey().encrypt(deviceKeyBlock(JS_ENC_KEY, devEui)));
    }

    /** The accept on the air: "encrypted" by decrypting, so that devices need only encrypt. */
    private static byte[] seal(Aes128 key, byte[] frame, int mic) {
        byte[] phyPayload = LittleEndian.withMic(frame, mic);
        byte[] sealed = key.decrypt(Arrays.copyOfRange(phyPayload, 1, phyPayload.length));
        System.arraycopy(sealed, 0, phyPayload, 1, sealed.length);
        return phyPayload;
    }

    private static byte[] concat(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    // The device's side, for virtual devices and for tests.

    /** The join-request of a device with these keys. */
    public static JoinRequest request(RootKeys keys, Eui64 joinEui, Eui64 devEui, int devNonce) {
        JoinRequest request = new JoinRequest(joinEui, devEui, devNonce, 0);
        return request.withMic(
                Cmac.mic(keys.joinKey(), LittleEndian.withoutMic(request.phyPayload())));
    }

    /**
     * The rejoin-request of type 1 of a device with these keys.
     *
     * @throws ActivationRefusedException if it has no NwkKey
     */
    public static RejoinRequest.Type1 rejoin(
            RootKeys keys, Eui64 joinEui, Eui64 devEui, int rjCount1) {
        RejoinRequest.Type1 request = new RejoinRequest.Type1(joinEui, devEui, rjCount1, 0);
        return request.withMic(
                Cmac.mic(jsIntKey(keys, devEui), LittleEndian.withoutMic(request.phyPayload())));
    }

    /**
     * The rejoin-request of type 0 or 2 of a device in the session with this key.
     *
     * @param type 0 or 2
     */
    public static RejoinRequest.Type0Or2 rejoin(
            AesKey sNwkSIntKey, int type, NetId netId, Eui64 devEui, int rjCount0) {
        RejoinRequest.Type0Or2 request =
                new RejoinRequest.Type0Or2(type, netId, devEui, rjCount0, 0);
        return request.withMic(
                Cmac.mic(sNwkSIntKey, LittleEndian.withoutMic(request.phyPayload())));
    }

    /**
     * Opens the answer to a join-request: decrypts it, checks its MIC and makes the keys. A device
     * with a NwkKey goes by the accept's OptNeg bit, as 1.1 devices do.
     *
     * @throws MalformedFrameException if it is no join-accept, or its MIC says that it is not for
     *     this device and this request
     * @throws ActivationRefusedException if it is a 1.1 accept and the device has no AppKey
     */
    public static Received open(RootKeys keys, JoinRequest request, byte[] phyPayload) {
        byte[] opened = unseal(keys.joinKey(), phyPayload);
        byte[] frame = LittleEndian.withoutMic(opened);
        JoinAccept accept = JoinAccept.read(frame);
        KeyScheme scheme =
                keys.nwkKey().isPresent() && accept.dlSettings().optNeg()
                        ? KeyScheme.R1_1
                        : KeyScheme.R1_0;
        return verified(opened, accept, agree(keys, scheme, Exchange.of(request), accept, frame));
    }

    /**
     * Opens the answer to a rejoin-request.
     *
     * @throws MalformedFrameException if it is no join-accept, or its MIC says that it is not for
     *     this device and this request
     * @throws ActivationRefusedException if the device has not both root keys
     */
    public static Received open(
            RootKeys keys, RejoinRequest request, Eui64 joinEui, byte[] phyPayload) {
        byte[] opened = unseal(jsEncKey(keys, request.devEui()), phyPayload);
        byte[] frame = LittleEndian.withoutMic(opened);
        JoinAccept accept = JoinAccept.read(frame);
        return verified(
                opened, accept, agreeR1_1(keys, Exchange.of(request, joinEui), accept, frame));
    }

    private static byte[] unseal(Aes128 key, byte[] phyPayload) {
        int length = phyPayload.length;
        if (!JoinAccept.looksLike(phyPayload)) {
            throw new MalformedFrameException(
                    "a join-accept has 17 or 33 bytes and begins with MHDR 20, this PHYPayload of "
                            + length
                            + " bytes is none");
        }
        byte[] opened = phyPayload.clone();
        byte[] clear = key.encrypt(Arrays.copyOfRange(phyPayload, 1, length));
        System.arraycopy(clear, 0, opened, 1, clear.length);
        return opened;
    }

    private static Received verified(byte[] opened, JoinAccept accept, Agreement agreement) {
        if (LittleEndian.mic(opened) != agreement.mic()) {
            throw new MalformedFrameException(
                    "the MIC of the join-accept is wrong: it is not for this device, or does not"
                            + " answer this request");
        }
        return new Received(accept, agreement.keys());
    }
}
