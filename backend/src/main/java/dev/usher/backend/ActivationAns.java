package dev.usher.backend;

import java.util.Optional;

/** The answer to an {@link ActivationReq} (1.0 specification tables 8 and 10). */
public sealed interface ActivationAns extends Answer permits JoinAns, RejoinAns {

    /** The session that was made for the device; there is one exactly on success. */
    Optional<SessionGrant> grant();
}
