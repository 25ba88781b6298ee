package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import dev.usher.backend.Answer;
import dev.usher.lorawan.Eui64;

/** What became of a request. */
public sealed interface Outcome<A extends Answer> {

    /**
     * A Join Server did what it was asked.
     *
     * @param answer its Result is Success
     * @param joinServer who answered, such as {@code js.example.com:443}
     */
    record Answered<A extends Answer>(A answer, String joinServer) implements Outcome<A> {
        public Answered {
            requireNonNull(answer, "answer");
            requireNonNull(joinServer, "joinServer");
        }
    }

    /**
     * A Join Server answered and did not do it.
     *
     * @param answer its Result says why
     */
    record Refused<A extends Answer>(A answer, String joinServer) implements Outcome<A> {
        public Refused {
            requireNonNull(answer, "answer");
            requireNonNull(joinServer, "joinServer");
        }
    }

    /**
     * There is a Join Server for the JoinEUI, and no answer of it that counts.
     *
     * @param reason one sentence that names it, without a full stop
     */
    record Unreachable<A extends Answer>(String reason) implements Outcome<A> {
        public Unreachable {
            requireNonNull(reason, "reason");
        }
    }

    /** Neither the configuration nor, if it may be asked, DNS knows a Join Server for it. */
    record NoJoinServer<A extends Answer>(Eui64 joinEui) implements Outcome<A> {
        public NoJoinServer {
            requireNonNull(joinEui, "joinEui");
        }
    }
}
