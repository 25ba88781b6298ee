package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * The answer to a {@link RejoinReq}.
 *
 * @param grant the session, on success and only then
 */
public record RejoinAns(Header header, Result result, Optional<SessionGrant> grant)
        implements ActivationAns {

    public RejoinAns {
        requireNonNull(header, "header");
        result.requireOnlyOnSuccess("session", grant);
    }

    public static RejoinAns success(Header header, SessionGrant grant) {
        return new RejoinAns(header, Result.success(), Optional.of(grant));
    }

    public static RejoinAns refusal(Header header, Result result) {
        return new RejoinAns(header, result, Optional.empty());
    }

    @Override
    public MessageType type() {
        return MessageType.REJOIN_ANS;
    }
}
