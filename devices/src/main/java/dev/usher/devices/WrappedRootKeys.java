package dev.usher.devices;

import dev.usher.keys.KeyLabel;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Aes128;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.RootKeys;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.function.Function;

/**
 * The root keys of a device as they are stored: sealed, so that each opens in its place alone.
 *
 * @param label the wrapping key of the vault they are wrapped under besides, and inside of which
 *     alone they are used; empty: they are opened into memory for each use
 */
record WrappedRootKeys(Optional<byte[]> nwkKey, Optional<byte[]> appKey, Optional<KeyLabel> label) {

    private static final String NWK_KEY = "nwk-key";
    private static final String APP_KEY = "app-key";
    private static final byte[] BLOCK = new byte[16];

    /** Root keys as they are stored where they may come into memory. */
    static WrappedRootKeys seal(
            Eui64 devEui, Vault vault, Optional<AesKey> nwkKey, Optional<AesKey> appKey) {
        return store(
                devEui,
                vault,
                nwkKey.map(AesKey::bytes),
                appKey.map(AesKey::bytes),
                Optional.empty());
    }

    /**
     * Root keys as they are stored where they may not.
     *
     * @param nwkKey 24 bytes, wrapped under the key with this label, as is the other
     */
    static WrappedRootKeys sealWrapped(
            Eui64 devEui,
            Vault vault,
            Optional<byte[]> nwkKey,
            Optional<byte[]> appKey,
            KeyLabel label) {
        return store(devEui, vault, nwkKey, appKey, Optional.of(label));
    }

    private static WrappedRootKeys store(
            Eui64 devEui,
            Vault vault,
            Optional<byte[]> nwkKey,
            Optional<byte[]> appKey,
            Optional<KeyLabel> label) {
        return new WrappedRootKeys(
                nwkKey.map(key -> vault.sealer().seal(context(devEui, NWK_KEY, label), key)),
                appKey.map(key -> vault.sealer().seal(context(devEui, APP_KEY, label), key)),
                label);
    }

    /**
     * Uses the keys; do not keep them beyond that. Inside the vault each is unwrapped when it is
     * first used.
     *
     * @throws dev.usher.keys.VaultException if a wrapped key does not open, also out of the
     *     function
     */
    <T> T use(Eui64 devEui, Vault vault, Function<RootKeys, T> use) {
        return lend(
                unsealed(devEui, vault, NWK_KEY, nwkKey),
                vault,
                nwk ->
                        lend(
                                unsealed(devEui, vault, APP_KEY, appKey),
                                vault,
                                app -> use.apply(new RootKeys(nwk, app))));
    }

    private <T> T lend(Optional<byte[]> key, Vault vault, Function<Optional<Aes128>, T> use) {
        return key.isPresent() && label.isPresent()
                ? vault.wrappingKeys()
                        .use(label.get(), key.get(), aes -> use.apply(Optional.of(aes)))
                : use.apply(key.map(AesKey::of));
    }

    /** Whether these are the same keys, however they are stored. */
    boolean isSame(Eui64 devEui, Vault vault, WrappedRootKeys other) {
        if (!label.equals(other.label)) {
            return use(
                    devEui,
                    vault,
                    keys -> other.use(devEui, vault, others -> isSame(keys, others)));
        }
        // Under one wrapping key, the same key has the same bytes.
        return isSame(
                        unsealed(devEui, vault, NWK_KEY, nwkKey),
                        other.unsealed(devEui, vault, NWK_KEY, other.nwkKey))
                && isSame(
                        unsealed(devEui, vault, APP_KEY, appKey),
                        other.unsealed(devEui, vault, APP_KEY, other.appKey));
    }

    /** Compares what the keys do, since one may be inside a token. */
    private static boolean isSame(RootKeys one, RootKeys other) {
        return isSame(
                        one.nwkKey().map(key -> key.encrypt(BLOCK)),
                        other.nwkKey().map(key -> key.encrypt(BLOCK)))
                && isSame(
                        one.appKey().map(key -> key.encrypt(BLOCK)),
                        other.appKey().map(key -> key.encrypt(BLOCK)));
    }

    private static boolean isSame(Optional<byte[]> one, Optional<byte[]> other) {
        return one.isPresent() == other.isPresent()
                && (one.isEmpty() || MessageDigest.isEqual(one.get(), other.orElseThrow()));
    }

    /** These keys as they are stored under another wrapping key, or the first. */
    WrappedRootKeys under(KeyLabel to, Eui64 devEui, Vault vault) {
        return sealWrapped(
                devEui,
                vault,
                unsealed(devEui, vault, NWK_KEY, nwkKey).map(key -> under(to, vault, key)),
                unsealed(devEui, vault, APP_KEY, appKey).map(key -> under(to, vault, key)),
                to);
    }

    private byte[] under(KeyLabel to, Vault vault, byte[] key) {
        return label.isPresent()
                ? vault.wrappingKeys().rewrap(label.get(), to, key)
                : vault.wrappingKeys().wrap(to, AesKey.of(key));
    }

    private Optional<byte[]> unsealed(
            Eui64 devEui, Vault vault, String which, Optional<byte[]> stored) {
        return stored.map(bytes -> vault.sealer().open(context(devEui, which, label), bytes));
    }

    /** Binds a key to its place, and to being wrapped. */
    private static String context(Eui64 devEui, String which, Optional<KeyLabel> label) {
        return "device/" + devEui + "/" + which + (label.isPresent() ? "/wrapped" : "");
    }

    @Override
    public String toString() {
        return "WrappedRootKeys[hidden]";
    }
}
