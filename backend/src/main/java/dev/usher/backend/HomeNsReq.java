package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.NetId;
import java.util.Optional;

/** A Network Server asks which network a device is at home in, so that it can roam. */
public record HomeNsReq(Header header, Eui64 devEui) implements Request {

    public HomeNsReq {
        requireNonNull(header, "header");
        requireNonNull(devEui, "devEui");
    }

    @Override
    public MessageType type() {
        return MessageType.HOME_NS_REQ;
    }

    /** The answer that names the home network. */
    public HomeNsAns success(NetId hNetId, Optional<Eui64> hNsId) {
        return new HomeNsAns(header.answer(), Result.success(), Optional.of(hNetId), hNsId);
    }

    @Override
    public HomeNsAns refusal(Result result) {
        return new HomeNsAns(header.answer(), result, Optional.empty(), Optional.empty());
    }
}
