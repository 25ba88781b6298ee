package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.NetId;
import java.util.Optional;

/**
 * Where devices are at home and what their session keys are given to: an owner's for all its
 * devices, or a device's own, which go before.
 *
 * @param homeNetId the network whose Network Server may activate
 * @param homeNsId the one Network Server in it that may; empty: any of them
 * @param asId the Application Server that may ask for AppSKeys
 * @param asKek what AppSKeys are wrapped with on their way; empty: the KEK of the Application
 *     Server's peer
 * @param appSKeyInClear whether the Network Server may see the AppSKey where there is no KEK to
 *     wrap it with; empty: not said here
 */
public record ActivationSettings(
        Optional<NetId> homeNetId,
        Optional<Eui64> homeNsId,
        Optional<String> asId,
        Optional<AsKek> asKek,
        Optional<Boolean> appSKeyInClear) {

    /** Nothing said: nobody may activate. */
    public static final ActivationSettings NONE =
            new ActivationSettings(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    /** A key encryption key shared with an Application Server, and what both sides call it. */
    public record AsKek(String label, Kek kek) {
        public AsKek {
            KekLabel.check(label);
            requireNonNull(kek, "kek");
        }
    }

    public ActivationSettings {
        requireNonNull(homeNetId, "homeNetId");
        requireNonNull(homeNsId, "homeNsId");
        asId.ifPresent(AsId::check);
        requireNonNull(asKek, "asKek");
        requireNonNull(appSKeyInClear, "appSKeyInClear");
        if (homeNsId.isPresent() && homeNetId.isEmpty()) {
            throw new IllegalArgumentException(
                    "home NSID "
                            + homeNsId.get()
                            + " has no home NetID: an NSID names a Network Server inside a"
                            + " network");
        }
    }

    /** These, and where they say nothing, the others. */
    ActivationSettings or(ActivationSettings others) {
        return new ActivationSettings(
                homeNetId.or(others::homeNetId),
                // An NSID means nothing in another network than its own.
                homeNetId.isPresent() ? homeNsId : others.homeNsId(),
                asId.or(others::asId),
                asKek.or(others::asKek),
                appSKeyInClear.or(others::appSKeyInClear));
    }
}
