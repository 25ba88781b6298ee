package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.util.Optional;

/**
 * An Application Server asks for the AppSKey of a session.
 *
 * @param sessionKeyId what the {@link SessionGrant} said
 */
public record AppSKeyReq(Header header, Eui64 devEui, Octets sessionKeyId) implements Request {

    public AppSKeyReq {
        requireNonNull(header, "header");
        requireNonNull(devEui, "devEui");
        requireNonNull(sessionKeyId, "sessionKeyId");
    }

    @Override
    public MessageType type() {
        return MessageType.APP_S_KEY_REQ;
    }

    /** The answer that carries the key. */
    public AppSKeyAns success(KeyEnvelope appSKey) {
        return answer(Result.success(), Optional.of(appSKey));
    }

    @Override
    public AppSKeyAns refusal(Result result) {
        return answer(result, Optional.empty());
    }

    private AppSKeyAns answer(Result result, Optional<KeyEnvelope> appSKey) {
        return new AppSKeyAns(
                header.answer(), result, Optional.of(devEui), Optional.of(sessionKeyId), appSKey);
    }
}
