package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

/** The keys of one session, made of the root keys by a join or rejoin. */
public sealed interface SessionKeys {

    /** Encrypts the application's data; not for the network to see. */
    AesKey appSKey();

    /** Of LoRaWAN 1.0, and of a 1.1 device in a 1.0 network. */
    record R1_0(AesKey nwkSKey, AesKey appSKey) implements SessionKeys {
        public R1_0 {
            requireNonNull(nwkSKey, "nwkSKey");
            requireNonNull(appSKey, "appSKey");
        }
    }

    /** Of LoRaWAN 1.1. */
    record R1_1(AesKey fNwkSIntKey, AesKey sNwkSIntKey, AesKey nwkSEncKey, AesKey appSKey)
            implements SessionKeys {
        public R1_1 {
            requireNonNull(fNwkSIntKey, "fNwkSIntKey");
            requireNonNull(sNwkSIntKey, "sNwkSIntKey");
            requireNonNull(nwkSEncKey, "nwkSEncKey");
            requireNonNull(appSKey, "appSKey");
        }
    }
}
