package dev.usher.keys;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * What the factory writes into and onto one gateway.
 *
 * @param token what the gateway authenticates to CUPS with, 43 characters of base64url
 * @param pin the claim PIN on the label
 */
public record GatewaySecrets(String token, ClaimPin pin) {

    public GatewaySecrets {
        requireNonNull(token, "token");
        requireNonNull(pin, "pin");
    }

    /** Whether the token a gateway presented is this one, in constant time. */
    public boolean hasToken(String presented) {
        return MessageDigest.isEqual(
                token.getBytes(StandardCharsets.UTF_8), presented.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "GatewaySecrets[hidden]";
    }
}
