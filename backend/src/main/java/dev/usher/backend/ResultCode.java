package dev.usher.backend;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How an exchange ended (1.0 specification table 24, 1.1 specification table 25), and how that is
 * written in each version. A code that version 1.0 does not have becomes the fitting one there:
 * readers of version 1.0 fail on a text they do not know.
 */
public enum ResultCode {
    SUCCESS("Success"),
    /** Version 1.1 only. */
    NO_ACTION("NoAction", "Other"),
    MIC_FAILED("MICFailed"),
    /** The frame was seen before. Version 1.1 only. */
    FRAME_REPLAYED("FrameReplayed", "JoinReqFailed"),
    /** The Join Server could not carry out the join. */
    JOIN_REQ_FAILED("JoinReqFailed"),
    NO_ROAMING_AGREEMENT("NoRoamingAgreement"),
    DEV_ROAMING_DISALLOWED("DevRoamingDisallowed"),
    ROAMING_ACT_DISALLOWED("RoamingActDisallowed"),
    ACTIVATION_DISALLOWED("ActivationDisallowed"),
    UNKNOWN_DEV_EUI("UnknownDevEUI"),
    UNKNOWN_DEV_ADDR("UnknownDevAddr"),
    UNKNOWN_SENDER("UnknownSender"),
    /** The letter is missing in both specifications, and so on the wire. */
    UNKNOWN_RECEIVER("UnkownReceiver"),
    DEFERRED("Deferred"),
    XMIT_FAILED("XmitFailed"),
    INVALID_FPORT("InvalidFPort"),
    INVALID_PROTOCOL_VERSION("InvalidProtocolVersion"),
    STALE_DEVICE_PROFILE("StaleDeviceProfile"),
    /** An object is missing or has bad content. */
    MALFORMED_MESSAGE("MalformedMessage", "MalformedRequest"),
    FRAME_SIZE_ERROR("FrameSizeError"),
    OTHER("Other");

    private static final Map<String, ResultCode> BY_TEXT = byText();

    private final String text;
    private final String textOf1_0;

    ResultCode(String text) {
        this(text, text);
    }

    ResultCode(String text, String textOf1_0) {
        this.text = text;
        this.textOf1_0 = textOf1_0;
    }

    /** The value of {@code ResultCode} in a message of this version. */
    public String wire(ProtocolVersion version) {
        return switch (version) {
            case V1_0 -> textOf1_0;
            case V1_1 -> text;
        };
    }

    /** The code a peer wrote, in the spelling of either version or one that peers are known for. */
    public static Optional<ResultCode> of(String text) {
        return Optional.ofNullable(BY_TEXT.get(text));
    }

    private static Map<String, ResultCode> byText() {
        Map<String, ResultCode> codes =
                new HashMap<>(
                        Arrays.stream(values())
                                .collect(toUnmodifiableMap(code -> code.text, identity())));
        codes.put("MalformedRequest", MALFORMED_MESSAGE);
        codes.put("UnknownReceiver", UNKNOWN_RECEIVER);
        codes.put("RoamingActDisallowedA", ROAMING_ACT_DISALLOWED);
        return Map.copyOf(codes);
    }
}
