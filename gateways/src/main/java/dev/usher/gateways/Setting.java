package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * One parameter of a setup: left as it is, cleared, or set to a value.
 *
 * @param given whether the parameter was in the request at all
 */
public record Setting<T>(boolean given, Optional<T> value) {

    public Setting {
        requireNonNull(value, "value");
        if (!given && value.isPresent()) {
            throw new IllegalArgumentException("a setting that is not given has no value");
        }
    }

    public static <T> Setting<T> unchanged() {
        return new Setting<>(false, Optional.empty());
    }

    public static <T> Setting<T> cleared() {
        return new Setting<>(true, Optional.empty());
    }

    public static <T> Setting<T> to(T value) {
        return new Setting<>(true, Optional.of(value));
    }

    /**
     * This setting where it was given, else the other: how a gateway's own settings override the
     * common ones of a request.
     */
    public Setting<T> or(Setting<T> common) {
        return given ? this : common;
    }

    /** What holds after this setting, when {@code current} held before it. */
    public Optional<T> over(Optional<T> current) {
        return given ? value : current;
    }

    /** Never shows the value, which may be a secret. */
    @Override
    public String toString() {
        return given ? (value.isPresent() ? "set" : "cleared") : "unchanged";
    }
}
