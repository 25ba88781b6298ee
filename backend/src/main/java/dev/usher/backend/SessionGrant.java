package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a Network Server gets for a device that was activated.
 *
 * @param phyPayload the encrypted join-accept, on-air bytes
 * @param lifetime how long the session may last, in seconds; 0 or none is without end
 * @param networkKeys the session keys of the network
 * @param appSKey the session key of the application; in an envelope that the Network Server cannot
 *     open, unless the owner of the device wants otherwise
 * @param sessionKeyId by which the Application Server asks for the AppSKey
 */
public record SessionGrant(
        Octets phyPayload,
        OptionalLong lifetime,
        NetworkKeys networkKeys,
        Optional<KeyEnvelope> appSKey,
        Optional<Octets> sessionKeyId) {

    public SessionGrant {
        requireNonNull(phyPayload, "phyPayload");
        if (lifetime.isPresent() && lifetime.getAsLong() < 0) {
            throw new IllegalArgumentException(
                    "Lifetime " + lifetime.getAsLong() + " is negative: give seconds");
        }
        requireNonNull(networkKeys, "networkKeys");
        requireNonNull(appSKey, "appSKey");
        requireNonNull(sessionKeyId, "sessionKeyId");
    }
}
