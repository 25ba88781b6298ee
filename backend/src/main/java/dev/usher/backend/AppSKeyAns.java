package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.util.Optional;

/**
 * The answer to an {@link AppSKeyReq}.
 *
 * @param devEui as asked; peers leave it out when they refuse
 * @param sessionKeyId likewise
 * @param appSKey the key, on success and only then
 */
public record AppSKeyAns(
        Header header,
        Result result,
        Optional<Eui64> devEui,
        Optional<Octets> sessionKeyId,
        Optional<KeyEnvelope> appSKey)
        implements Answer {

    public AppSKeyAns {
        requireNonNull(header, "header");
        requireNonNull(devEui, "devEui");
        requireNonNull(sessionKeyId, "sessionKeyId");
        result.requireOnlyOnSuccess("AppSKey", appSKey);
    }

    @Override
    public MessageType type() {
        return MessageType.APP_S_KEY_ANS;
    }
}
