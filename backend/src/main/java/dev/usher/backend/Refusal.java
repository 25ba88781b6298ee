package dev.usher.backend;

import static java.util.Objects.requireNonNull;

/**
 * An answer of any type that says nothing but why there is no other: to a request that could not be
 * read, or is not served. It is written, never read: what a peer refuses is read as the answer that
 * it is, such as a {@link JoinAns}.
 */
public record Refusal(Header header, MessageType type, Result result) implements Answer {

    public Refusal {
        requireNonNull(header, "header");
        requireNonNull(type, "type");
        if (result.isSuccess()) {
            throw new IllegalArgumentException("Result Success is no refusal");
        }
    }
}
