package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.util.Optional;

/**
 * The outcome that an answer reports.
 *
 * @param code what it means; {@link ResultCode#OTHER} for a text that is not in the table
 * @param text the code's name in version 1.1, or what the peer wrote if that is not in the table.
 *     What is written to a peer is {@link ResultCode#wire} of the code, never this
 * @param description for people
 */
public record Result(ResultCode code, String text, Optional<String> description) {

    public Result {
        requireNonNull(code, "code");
        requireNonNull(text, "text");
        requireNonNull(description, "description");
    }

    public static Result success() {
        return of(ResultCode.SUCCESS, Optional.empty());
    }

    /** An outcome and one sentence about it, which the peer will read. */
    public static Result of(ResultCode code, String description) {
        return of(code, Optional.of(description));
    }

    static Result of(ResultCode code, Optional<String> description) {
        return new Result(code, code.wire(ProtocolVersion.V1_1), description);
    }

    /** What a peer wrote; a code that is not in the table is a failure that keeps its text. */
    static Result received(String text, Optional<String> description) {
        return ResultCode.of(text)
                .map(code -> of(code, description))
                .orElseGet(() -> new Result(ResultCode.OTHER, text, description));
    }

    public boolean isSuccess() {
        return code == ResultCode.SUCCESS;
    }

    /** Checks an object of an answer that goes with success, and with nothing else. */
    void requireOnlyOnSuccess(String name, Optional<?> object) {
        if (isSuccess() != object.isPresent()) {
            throw new IllegalArgumentException(
                    isSuccess()
                            ? name + " is missing, though the Result is Success"
                            : name + " does not go with the Result " + Printable.of(text));
        }
    }
}
