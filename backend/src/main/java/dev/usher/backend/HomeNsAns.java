package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.NetId;
import java.util.Optional;

/**
 * The answer to a {@link HomeNsReq}.
 *
 * @param hNetId the home network, on success and only then
 * @param hNsId the Network Server inside it; not written in version 1.0, which does not know it
 */
public record HomeNsAns(Header header, Result result, Optional<NetId> hNetId, Optional<Eui64> hNsId)
        implements Answer {

    public HomeNsAns {
        requireNonNull(header, "header");
        result.requireOnlyOnSuccess("HNetID", hNetId);
        requireNonNull(hNsId, "hNsId");
    }

    @Override
    public MessageType type() {
        return MessageType.HOME_NS_ANS;
    }
}
