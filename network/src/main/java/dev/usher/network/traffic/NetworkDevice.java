package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Entity;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import java.time.Instant;

/**
 * A device that this network serves. Its keys are its Join Server's.
 *
 * @param name for people; may be empty
 * @param macVersion the LoRaWAN version it is built to
 */
public record NetworkDevice(
        Eui64 devEui, Eui64 joinEui, String name, MacVersion macVersion, Instant createdAt) {

    public NetworkDevice {
        requireNonNull(devEui, "devEui");
        requireNonNull(joinEui, "joinEui");
        requireNonNull(name, "name");
        requireNonNull(macVersion, "macVersion");
        requireNonNull(createdAt, "createdAt");
    }

    /** What there are rights on. */
    Entity entity() {
        return Entity.device(devEui);
    }
}
