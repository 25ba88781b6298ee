package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.keys.KeyLabel;
import dev.usher.lorawan.DeviceLabel;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import java.util.Optional;
import java.util.Set;

/**
 * A device as its maker provisions it.
 *
 * @param macVersion what it is built to; empty: what its Network Server says
 * @param profileId VendorID and VendorProfileID on its label, 8 (or 4) hex digits, which become
 *     upper-case
 * @param serialNumber on its label
 * @param ownerToken what claims it; empty: one is made
 * @param activation where it is at home until it is claimed
 * @param roamingNetIds networks besides the home network that may activate it
 * @param strict whether a Network Server is refused that contradicts itself, or has a device of 1.1
 *     join by 1.0
 * @param resetsJoinNonces whether its nonces may be used again: for tests only
 * @param lifetime of its sessions, in seconds; 0: without end
 * @param wrappingKey the key of the vault inside of which alone its root keys are to be used;
 *     empty: what the Join Server does with all
 */
public record NewDevice(
        Eui64 devEui,
        Eui64 joinEui,
        GivenRootKeys rootKeys,
        Optional<MacVersion> macVersion,
        Optional<String> profileId,
        Optional<String> serialNumber,
        Optional<String> ownerToken,
        ActivationSettings activation,
        Set<NetId> roamingNetIds,
        boolean strict,
        boolean resetsJoinNonces,
        long lifetime,
        Optional<KeyLabel> wrappingKey) {

    /** Some 136 years: it goes over the wire in 32 bits. */
    private static final long LONGEST_LIFETIME = 0xFFFF_FFFFL;

    private static final int LONGEST_SERIAL_NUMBER = 64;

    /** They are read with every join. */
    private static final int MOST_ROAMING_NET_IDS = 64;

    public NewDevice {
        requireNonNull(devEui, "devEui");
        requireNonNull(joinEui, "joinEui");
        requireNonNull(rootKeys, "rootKeys");
        requireNonNull(macVersion, "macVersion");
        requireNonNull(serialNumber, "serialNumber");
        ownerToken.ifPresent(OwnerToken::check);
        requireNonNull(activation, "activation");
        roamingNetIds = checkRoaming(roamingNetIds);
        checkLifetime(lifetime);
        requireNonNull(wrappingKey, "wrappingKey");
        checkKeys(rootKeys, macVersion);
        if (devEui.value() == 0) {
            throw new IllegalArgumentException("DevEUI " + devEui + " names no device");
        }
        if (serialNumber.filter(serial -> serial.length() > LONGEST_SERIAL_NUMBER).isPresent()) {
            throw new IllegalArgumentException(
                    "a serial number of "
                            + serialNumber.get().length()
                            + " characters is longer than "
                            + LONGEST_SERIAL_NUMBER);
        }
        profileId = label(joinEui, devEui, profileId, Optional.empty(), serialNumber).profileId();
    }

    /** A device whose root keys are kept as the Join Server does with all. */
    public NewDevice(
            Eui64 devEui,
            Eui64 joinEui,
            GivenRootKeys rootKeys,
            Optional<MacVersion> macVersion,
            Optional<String> profileId,
            Optional<String> serialNumber,
            Optional<String> ownerToken,
            ActivationSettings activation,
            Set<NetId> roamingNetIds,
            boolean strict,
            boolean resetsJoinNonces,
            long lifetime) {
        this(
                devEui,
                joinEui,
                rootKeys,
                macVersion,
                profileId,
                serialNumber,
                ownerToken,
                activation,
                roamingNetIds,
                strict,
                resetsJoinNonces,
                lifetime,
                Optional.empty());
    }

    /** This device, its root keys to be used inside the vault alone, under this wrapping key. */
    public NewDevice withWrappingKey(KeyLabel label) {
        return new NewDevice(
                devEui,
                joinEui,
                rootKeys,
                macVersion,
                profileId,
                serialNumber,
                ownerToken,
                activation,
                roamingNetIds,
                strict,
                resetsJoinNonces,
                lifetime,
                Optional.of(label));
    }

    /** A device with nothing but its EUIs and root keys. */
    public static NewDevice of(Eui64 devEui, Eui64 joinEui, GivenRootKeys rootKeys) {
        return new NewDevice(
                devEui,
                joinEui,
                rootKeys,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                ActivationSettings.NONE,
                Set.of(),
                false,
                false,
                0);
    }

    /** The label to print on it, which says this owner token. */
    public DeviceLabel label(String token) {
        return label(joinEui, devEui, profileId, Optional.of(token), serialNumber);
    }

    static DeviceLabel label(
            Eui64 joinEui,
            Eui64 devEui,
            Optional<String> profileId,
            Optional<String> ownerToken,
            Optional<String> serialNumber) {
        return new DeviceLabel(
                Optional.of(joinEui),
                Optional.of(devEui),
                profileId,
                ownerToken,
                serialNumber,
                Optional.empty());
    }

    static long checkLifetime(long lifetime) {
        if (lifetime < 0 || lifetime > LONGEST_LIFETIME) {
            throw new IllegalArgumentException(
                    "a session's lifetime of "
                            + lifetime
                            + " s is not between 0 (without end) and "
                            + LONGEST_LIFETIME);
        }
        return lifetime;
    }

    static Set<NetId> checkRoaming(Set<NetId> netIds) {
        if (netIds.size() > MOST_ROAMING_NET_IDS) {
            throw new IllegalArgumentException(
                    "a device roams in at most "
                            + MOST_ROAMING_NET_IDS
                            + " networks, not in "
                            + netIds.size());
        }
        return Set.copyOf(netIds);
    }

    static void checkKeys(GivenRootKeys keys, Optional<MacVersion> version) {
        checkKeys(keys.hasNwkKey(), keys.hasAppKey(), version);
    }

    static void checkKeys(boolean hasNwkKey, boolean hasAppKey, Optional<MacVersion> version) {
        if (version.filter(MacVersion::isR1_1).isPresent() && !(hasNwkKey && hasAppKey)) {
            throw new IllegalArgumentException(
                    "a device of LoRaWAN "
                            + version.get().text()
                            + " needs both a NwkKey and an AppKey: the "
                            + (hasNwkKey ? "AppKey" : "NwkKey")
                            + " is missing");
        }
    }

    @Override
    public String toString() {
        return "NewDevice[devEui=" + devEui + ", joinEui=" + joinEui + "]";
    }
}
