package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * What a device was given in the factory: an AppKey (LoRaWAN 1.0), or a NwkKey and an AppKey (1.1).
 *
 * @param nwkKey the 1.1 root key of everything but the AppSKey; on a 1.0 network it stands in for
 *     the AppKey
 */
public record RootKeys(Optional<Aes128> nwkKey, Optional<Aes128> appKey) {

    public RootKeys {
        requireNonNull(nwkKey, "nwkKey");
        requireNonNull(appKey, "appKey");
        if (nwkKey.isEmpty() && appKey.isEmpty()) {
            throw new IllegalArgumentException(
                    "a device needs a root key: an AppKey, or for LoRaWAN 1.1 a NwkKey and an"
                            + " AppKey");
        }
    }

    /** The keys of a 1.0 device. */
    public static RootKeys r1_0(Aes128 appKey) {
        return new RootKeys(Optional.empty(), Optional.of(appKey));
    }

    /** The keys of a 1.1 device. */
    public static RootKeys r1_1(Aes128 nwkKey, Aes128 appKey) {
        return new RootKeys(Optional.of(nwkKey), Optional.of(appKey));
    }

    /** The key that protects join-requests: the NwkKey if there is one, else the AppKey. */
    Aes128 joinKey() {
        return nwkKey.or(() -> appKey).orElseThrow();
    }

    Aes128 requireNwkKey() {
        return nwkKey.orElseThrow(
                () ->
                        new ActivationRefusedException(
                                "the device has no NwkKey, which LoRaWAN 1.1 needs"));
    }

    Aes128 requireAppKey() {
        return appKey.orElseThrow(
                () ->
                        new ActivationRefusedException(
                                "the device has no AppKey, which LoRaWAN 1.1 needs beside the"
                                        + " NwkKey"));
    }

    @Override
    public String toString() {
        return "RootKeys[hidden]";
    }
}
