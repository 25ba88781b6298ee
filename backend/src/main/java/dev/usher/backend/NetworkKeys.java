package dev.usher.backend;

import static java.util.Objects.requireNonNull;

/** The session keys of a network, as many as the device's LoRaWAN version has. */
public sealed interface NetworkKeys {

    /** LoRaWAN 1.0.x. */
    record R1_0(KeyEnvelope nwkSKey) implements NetworkKeys {
        public R1_0 {
            requireNonNull(nwkSKey, "nwkSKey");
        }
    }

    /** LoRaWAN 1.1. */
    record R1_1(KeyEnvelope fNwkSIntKey, KeyEnvelope sNwkSIntKey, KeyEnvelope nwkSEncKey)
            implements NetworkKeys {
        public R1_1 {
            requireNonNull(fNwkSIntKey, "fNwkSIntKey");
            requireNonNull(sNwkSIntKey, "sNwkSIntKey");
            requireNonNull(nwkSEncKey, "nwkSEncKey");
        }
    }
}
