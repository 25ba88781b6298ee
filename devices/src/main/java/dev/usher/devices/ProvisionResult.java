package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.util.Optional;

/** What became of one device that was to be provisioned. */
public sealed interface ProvisionResult {

    Eui64 devEui();

    /**
     * It is there now.
     *
     * @param ownerToken the one that was made for it, which is never told again; empty if its maker
     *     gave it one
     */
    record Created(Eui64 devEui, Optional<String> ownerToken) implements ProvisionResult {
        public Created {
            requireNonNull(devEui, "devEui");
            requireNonNull(ownerToken, "ownerToken");
        }

        @Override
        public String toString() {
            return "Created[devEui=" + devEui + "]";
        }
    }

    /** It was there before with the same content. */
    record Unchanged(Eui64 devEui) implements ProvisionResult {
        public Unchanged {
            requireNonNull(devEui, "devEui");
        }
    }

    /**
     * It was refused.
     *
     * @param error one sentence: what was wrong, what to do
     */
    record Failed(Eui64 devEui, String error) implements ProvisionResult {
        public Failed {
            requireNonNull(devEui, "devEui");
            requireNonNull(error, "error");
        }
    }
}
