package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.util.Optional;

/**
 * A message whose header could be read, so that it can be answered, and whose rest could not.
 *
 * <p>A message of a protocol version that Usher does not speak is one of these too, with its own
 * {@link #code}; its header says version 1.0 then, because the answer is written in that.
 */
public final class MalformedBackendMessageException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final Header header;
    private final MessageType type;
    private final ResultCode code;
    private final String reason;
    private final transient Optional<Eui64> devEui;
    private final transient Optional<Octets> phyPayload;

    MalformedBackendMessageException(
            Header header,
            MessageType type,
            ResultCode code,
            String reason,
            Optional<Eui64> devEui,
            Optional<Octets> phyPayload) {
        super(reason);
        this.header = requireNonNull(header, "header");
        this.type = requireNonNull(type, "type");
        this.code = requireNonNull(code, "code");
        this.reason = requireNonNull(reason, "reason");
        this.devEui = requireNonNull(devEui, "devEui");
        this.phyPayload = requireNonNull(phyPayload, "phyPayload");
    }

    /** The header of the message that could not be read. */
    public Header header() {
        return header;
    }

    /** The type of the message that could not be read. */
    public MessageType type() {
        return type;
    }

    /** {@link ResultCode#MALFORMED_MESSAGE} or {@link ResultCode#INVALID_PROTOCOL_VERSION}. */
    public ResultCode code() {
        return code;
    }

    /** One sentence that names the object and, unless it may be secret, its value. */
    public String reason() {
        return reason;
    }

    /** The DevEUI of the message, if that could be read. */
    public Optional<Eui64> devEui() {
        return devEui;
    }

    /** The frame in the message, if that could be read. */
    public Optional<Octets> phyPayload() {
        return phyPayload;
    }

    /** The answer to the message; empty if it is not a request, which nobody shall answer. */
    public Optional<Refusal> refusal() {
        return type.answer()
                .map(answer -> new Refusal(header.answer(), answer, Result.of(code, reason)));
    }
}
