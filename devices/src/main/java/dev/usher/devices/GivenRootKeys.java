package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.backend.Octets;
import dev.usher.lorawan.AesKey;
import java.util.Optional;

/**
 * The root keys of a device as its maker hands them over: an AppKey (LoRaWAN 1.0), or a NwkKey and
 * an AppKey (1.1).
 */
public sealed interface GivenRootKeys {

    boolean hasNwkKey();

    boolean hasAppKey();

    /** As they are. */
    record Plain(Optional<AesKey> nwkKey, Optional<AesKey> appKey) implements GivenRootKeys {
        public Plain {
            requireNonNull(nwkKey, "nwkKey");
            requireNonNull(appKey, "appKey");
            requireOne(nwkKey, appKey);
        }

        /** The key of a 1.0 device. */
        public static Plain r1_0(AesKey appKey) {
            return new Plain(Optional.empty(), Optional.of(appKey));
        }

        /** The keys of a 1.1 device. */
        public static Plain r1_1(AesKey nwkKey, AesKey appKey) {
            return new Plain(Optional.of(nwkKey), Optional.of(appKey));
        }

        @Override
        public boolean hasNwkKey() {
            return nwkKey.isPresent();
        }

        @Override
        public boolean hasAppKey() {
            return appKey.isPresent();
        }

        @Override
        public String toString() {
            return "Plain[hidden]";
        }
    }

    /**
     * Wrapped (RFC 3394, 24 bytes) under a transport KEK of the maker ({@link TransportKeks}).
     *
     * @param kekLabel which KEK
     */
    record Wrapped(String kekLabel, Optional<Octets> nwkKey, Optional<Octets> appKey)
            implements GivenRootKeys {
        public Wrapped {
            KekLabel.check(kekLabel);
            requireNonNull(nwkKey, "nwkKey");
            requireNonNull(appKey, "appKey");
            requireOne(nwkKey, appKey);
        }

        @Override
        public boolean hasNwkKey() {
            return nwkKey.isPresent();
        }

        @Override
        public boolean hasAppKey() {
            return appKey.isPresent();
        }

        @Override
        public String toString() {
            return "Wrapped[kekLabel=" + kekLabel + "]";
        }
    }

    private static void requireOne(Optional<?> nwkKey, Optional<?> appKey) {
        if (nwkKey.isEmpty() && appKey.isEmpty()) {
            throw new IllegalArgumentException(
                    "a device needs a root key: an AppKey, or for LoRaWAN 1.1 a NwkKey and an"
                            + " AppKey");
        }
    }
}
