package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * The answer to a {@link JoinReq}.
 *
 * @param grant the session, on success and only then
 */
public record JoinAns(Header header, Result result, Optional<SessionGrant> grant)
        implements ActivationAns {

    public JoinAns {
        requireNonNull(header, "header");
        result.requireOnlyOnSuccess("session", grant);
    }

    public static JoinAns success(Header header, SessionGrant grant) {
        return new JoinAns(header, Result.success(), Optional.of(grant));
    }

    public static JoinAns refusal(Header header, Result result) {
        return new JoinAns(header, result, Optional.empty());
    }

    @Override
    public MessageType type() {
        return MessageType.JOIN_ANS;
    }
}
