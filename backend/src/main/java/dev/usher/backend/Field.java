package dev.usher.backend;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The objects, in the sense of the specification, that are read and written: JSON fields. */
enum Field {
    PROTOCOL_VERSION("ProtocolVersion"),
    MESSAGE_TYPE("MessageType"),
    TRANSACTION_ID("TransactionID"),
    SENDER_ID("SenderID"),
    RECEIVER_ID("ReceiverID"),
    SENDER_NS_ID("SenderNSID"),
    RECEIVER_NS_ID("ReceiverNSID"),
    SENDER_TOKEN("SenderToken"),
    RECEIVER_TOKEN("ReceiverToken"),
    RESULT("Result"),
    RESULT_CODE("ResultCode"),
    DESCRIPTION("Description"),
    MAC_VERSION("MACVersion"),
    PHY_PAYLOAD("PHYPayload"),
    DEV_EUI("DevEUI"),
    DEV_ADDR("DevAddr"),
    DL_SETTINGS("DLSettings"),
    RX_DELAY("RxDelay"),
    CF_LIST("CFList"),
    LIFETIME("Lifetime"),
    NWK_S_KEY("NwkSKey"),
    F_NWK_S_INT_KEY("FNwkSIntKey"),
    S_NWK_S_INT_KEY("SNwkSIntKey"),
    NWK_S_ENC_KEY("NwkSEncKey"),
    APP_S_KEY("AppSKey"),
    KEK_LABEL("KEKLabel"),
    AES_KEY("AESKey"),
    SESSION_KEY_ID("SessionKeyID"),
    H_NET_ID("HNetID"),
    H_NS_ID("HNSID");

    private static final Map<String, Field> BY_NAME =
            Arrays.stream(values()).collect(toUnmodifiableMap(Field::toString, identity()));

    private final String wire;

    Field(String wire) {
        this.wire = wire;
    }

    /** The field of this name; null for one that Usher does not know. */
    static @Nullable Field of(String name) {
        return BY_NAME.get(name);
    }

    /** The name on the wire. */
    @Override
    public String toString() {
        return wire;
    }
}
