package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A message that is no Join Server's business (roaming, profiles), or of a type nobody has heard
 * of. Only its header was read.
 */
public record Unserved(Header header, MessageType type) implements Message {

    public Unserved {
        requireNonNull(header, "header");
        requireNonNull(type, "type");
    }

    /** The answer to it; empty if it is not a request, which nobody shall answer. */
    public Optional<Refusal> refusal() {
        Result result =
                Result.of(
                        ResultCode.MALFORMED_MESSAGE,
                        "MessageType '" + type + "' is not served by a Join Server");
        return type.answer().map(answer -> new Refusal(header.answer(), answer, result));
    }
}
