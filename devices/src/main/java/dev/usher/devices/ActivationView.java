package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.NetId;
import java.util.Optional;

/**
 * {@link ActivationSettings} as they can be shown: of the KEK there is only its label.
 *
 * @param appSKeyInClear empty: not said here
 */
public record ActivationView(
        Optional<NetId> homeNetId,
        Optional<Eui64> homeNsId,
        Optional<String> asId,
        Optional<String> asKekLabel,
        Optional<Boolean> appSKeyInClear) {

    public ActivationView {
        requireNonNull(homeNetId, "homeNetId");
        requireNonNull(homeNsId, "homeNsId");
        requireNonNull(asId, "asId");
        requireNonNull(asKekLabel, "asKekLabel");
        requireNonNull(appSKeyInClear, "appSKeyInClear");
    }

    /** These, and where they say nothing, the others: as {@link ActivationSettings#or}. */
    public ActivationView or(ActivationView others) {
        return new ActivationView(
                homeNetId.or(others::homeNetId),
                homeNetId.isPresent() ? homeNsId : others.homeNsId(),
                asId.or(others::asId),
                asKekLabel.or(others::asKekLabel),
                appSKeyInClear.or(others::appSKeyInClear));
    }
}
