package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.OwnerId;
import dev.usher.keys.KeyLabel;
import dev.usher.lorawan.DeviceLabel;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What is known of a device, without any secret.
 *
 * @param claimable whether its owner token claims it now
 * @param locked whether it is claimed so that nobody else can claim it
 * @param activation its own settings; where they say nothing, its owner's hold
 * @param lifetime of its sessions, in seconds; 0: without end
 * @param lastJoinNonce 0: none yet; it also moves on when the device is changed
 * @param lastDevNonce of a device that counts them
 * @param wrappingKey the key of the vault inside of which alone its root keys are used; empty: they
 *     are opened into memory
 */
public record Device(
        Eui64 devEui,
        Eui64 joinEui,
        OwnerId maker,
        Optional<OwnerId> owner,
        Optional<MacVersion> macVersion,
        Optional<String> profileId,
        Optional<String> serialNumber,
        boolean hasNwkKey,
        boolean hasAppKey,
        boolean claimable,
        boolean locked,
        ActivationView activation,
        Set<NetId> roamingNetIds,
        boolean strict,
        boolean resetsJoinNonces,
        long lifetime,
        int lastJoinNonce,
        OptionalInt lastDevNonce,
        OptionalInt lastRjCount1,
        Instant createdAt,
        Optional<Instant> claimedAt,
        Optional<KeyLabel> wrappingKey) {

    public Device {
        requireNonNull(devEui, "devEui");
        requireNonNull(joinEui, "joinEui");
        requireNonNull(maker, "maker");
        requireNonNull(owner, "owner");
        requireNonNull(macVersion, "macVersion");
        requireNonNull(profileId, "profileId");
        requireNonNull(serialNumber, "serialNumber");
        requireNonNull(activation, "activation");
        roamingNetIds = Set.copyOf(roamingNetIds);
        requireNonNull(lastDevNonce, "lastDevNonce");
        requireNonNull(lastRjCount1, "lastRjCount1");
        requireNonNull(createdAt, "createdAt");
        requireNonNull(claimedAt, "claimedAt");
        requireNonNull(wrappingKey, "wrappingKey");
    }

    /** Whose business it is now: its owner's, and its maker's until it has one. */
    public OwnerId keeper() {
        return owner.orElse(maker);
    }

    /** The label to print on it, which says this owner token. */
    public DeviceLabel label(String ownerToken) {
        return NewDevice.label(joinEui, devEui, profileId, Optional.of(ownerToken), serialNumber);
    }
}
