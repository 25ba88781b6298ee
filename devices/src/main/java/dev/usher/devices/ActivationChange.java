package dev.usher.devices;

import static java.util.Objects.requireNonNull;

/**
 * Other activation settings than before, all of them.
 *
 * @param keepAsKek whether the KEK stays as it was, since nobody is shown it again; then {@code
 *     settings} has none
 */
public record ActivationChange(ActivationSettings settings, boolean keepAsKek) {

    public ActivationChange {
        requireNonNull(settings, "settings");
        if (keepAsKek && settings.asKek().isPresent()) {
            throw new IllegalArgumentException(
                    "a KEK that stays as it was is not given: leave out KEK '"
                            + settings.asKek().get().label()
                            + "', or do not keep the former");
        }
    }

    /** These settings, and where they have no KEK there is none. */
    public static ActivationChange to(ActivationSettings settings) {
        return new ActivationChange(settings, false);
    }

    /** These settings with the KEK as it was. */
    public static ActivationChange keepingAsKek(ActivationSettings settings) {
        return new ActivationChange(settings, true);
    }
}
