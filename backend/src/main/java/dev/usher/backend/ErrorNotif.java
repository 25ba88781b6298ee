package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A peer tells that something it was sent could not be used. Nobody answers it.
 *
 * @param phyPayload the frame it is about
 */
public record ErrorNotif(Header header, Optional<Octets> phyPayload, Result result)
        implements Message {

    public ErrorNotif {
        requireNonNull(header, "header");
        requireNonNull(phyPayload, "phyPayload");
        requireNonNull(result, "result");
    }

    @Override
    public MessageType type() {
        return MessageType.ERROR_NOTIF;
    }
}
