package dev.usher.network.registry;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/** How a gateway came to this network. */
public sealed interface ClaimState {

    /** Somebody registered it; no Gateway Join Server was asked. */
    record Registered() implements ClaimState {}

    /**
     * It is being claimed, or the claim stopped half-way; it can go on until then.
     *
     * @param upstream the name of the Gateway Join Server
     */
    record Claiming(String upstream, Instant until) implements ClaimState {
        public Claiming {
            requireNonNull(upstream, "upstream");
            requireNonNull(until, "until");
        }
    }

    /**
     * It is this network's and was taken over from somebody else; its Gateway Join Server has not
     * been told yet.
     */
    record Transferred(String upstream) implements ClaimState {
        public Transferred {
            requireNonNull(upstream, "upstream");
        }
    }

    /** It was claimed. */
    record Claimed(String upstream, Instant at) implements ClaimState {
        public Claimed {
            requireNonNull(upstream, "upstream");
            requireNonNull(at, "at");
        }
    }
}
