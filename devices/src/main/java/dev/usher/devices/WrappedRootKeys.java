package dev.usher.devices;

import dev.usher.keys.Sealer;
import dev.usher.lorawan.Aes128;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.RootKeys;
import java.util.Optional;
import java.util.function.Function;

/**
 * The root keys of a device as they are stored.
 *
 * @param label the key of the vault they are wrapped under, and inside of which alone they are
 *     used; empty: they are sealed, and opened into memory for each use
 */
record WrappedRootKeys(Optional<byte[]> nwkKey, Optional<byte[]> appKey, Optional<String> label) {

    /** Uses the keys; do not keep them beyond that. */
    <T> T use(Eui64 devEui, Sealer sealer, Function<RootKeys, T> use) {
        return use.apply(
                new RootKeys(
                        nwkKey.map(key -> open(devEui, "nwk-key", sealer, key)),
                        appKey.map(key -> open(devEui, "app-key", sealer, key))));
    }

    private static Aes128 open(Eui64 devEui, String which, Sealer sealer, byte[] sealed) {
        return AesKey.of(sealer.open(context(devEui, which), sealed));
    }

    /** Root keys as they are stored where the vault lets them into memory. */
    static WrappedRootKeys seal(
            Eui64 devEui, Sealer sealer, Optional<AesKey> nwkKey, Optional<AesKey> appKey) {
        return new WrappedRootKeys(
                nwkKey.map(key -> sealer.seal(context(devEui, "nwk-key"), key.bytes())),
                appKey.map(key -> sealer.seal(context(devEui, "app-key"), key.bytes())),
                Optional.empty());
    }

    private static String context(Eui64 devEui, String which) {
        return "device/" + devEui + "/" + which;
    }

    @Override
    public String toString() {
        return "WrappedRootKeys[hidden]";
    }
}
