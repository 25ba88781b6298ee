package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import java.util.Optional;
import java.util.Set;

/**
 * What is to become different about a device; what is empty stays as it is.
 *
 * @param joinEui its counters under the former one are kept, in case it comes back to it
 * @param rootKeys only its maker before it is claimed, or an administrator changes them
 * @param activation its own activation settings
 * @param resetsJoinNonces for tests only
 * @param lifetime of its sessions, in seconds; 0: without end
 */
public record DeviceChange(
        Optional<Eui64> joinEui,
        Optional<GivenRootKeys> rootKeys,
        Optional<MacVersion> macVersion,
        Optional<ActivationChange> activation,
        Optional<Set<NetId>> roamingNetIds,
        Optional<Boolean> strict,
        Optional<Boolean> resetsJoinNonces,
        Optional<Long> lifetime) {

    /** Everything stays as it is. */
    public static final DeviceChange NONE =
            new DeviceChange(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    public DeviceChange {
        requireNonNull(joinEui, "joinEui");
        requireNonNull(rootKeys, "rootKeys");
        requireNonNull(macVersion, "macVersion");
        requireNonNull(activation, "activation");
        roamingNetIds = roamingNetIds.map(NewDevice::checkRoaming);
        requireNonNull(strict, "strict");
        requireNonNull(resetsJoinNonces, "resetsJoinNonces");
        lifetime.ifPresent(NewDevice::checkLifetime);
    }
}
