package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

/** The keys of a session that a network needs: all but the AppSKey. */
public sealed interface NetworkSessionKeys {

    /** Of LoRaWAN 1.0, and of a 1.1 device in a 1.0 network. */
    record R1_0(AesKey nwkSKey) implements NetworkSessionKeys {
        public R1_0 {
            requireNonNull(nwkSKey, "nwkSKey");
        }
    }

    /** Of LoRaWAN 1.1. */
    record R1_1(AesKey fNwkSIntKey, AesKey sNwkSIntKey, AesKey nwkSEncKey)
            implements NetworkSessionKeys {
        public R1_1 {
            requireNonNull(fNwkSIntKey, "fNwkSIntKey");
            requireNonNull(sNwkSIntKey, "sNwkSIntKey");
            requireNonNull(nwkSEncKey, "nwkSEncKey");
        }
    }

    /** The network's part of these keys. */
    static NetworkSessionKeys of(SessionKeys keys) {
        return switch (keys) {
            case SessionKeys.R1_0 r -> new R1_0(r.nwkSKey());
            case SessionKeys.R1_1 r -> new R1_1(r.fNwkSIntKey(), r.sNwkSIntKey(), r.nwkSEncKey());
        };
    }

    /** Encrypts the FRMPayload of port 0. */
    default AesKey encryptionKey() {
        return switch (this) {
            case R1_0 r -> r.nwkSKey();
            case R1_1 r -> r.nwkSEncKey();
        };
    }
}
