package dev.usher.keys;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Aes128;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.KeyWrapException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The wrapping keys of a {@link FileVault}: all that a token does is done in memory. */
final class FileWrappingKeys implements WrappingKeys {

    private static final int BYTES = 32;
    private static final Set<Integer> KEK_BYTES = Set.of(16, 24, 32);

    private final FileVault vault;
    private final KeyFiles keys;
    private final KeyFiles transportKeks;
    private final Map<KeyLabel, Kek> inUse = new ConcurrentHashMap<>();

    FileWrappingKeys(FileVault vault, KeyFiles keys, KeyFiles transportKeks) {
        this.vault = vault;
        this.keys = keys;
        this.transportKeks = transportKeks;
    }

    @Override
    public void create(KeyLabel label) {
        byte[] key = new byte[BYTES];
        new SecureRandom().nextBytes(key);
        keys.store(label, key);
    }

    @Override
    public boolean contains(KeyLabel label) {
        return keys.contains(label);
    }

    @Override
    public List<KeyLabel> labels() {
        return keys.labels();
    }

    @Override
    public void delete(KeyLabel label) {
        try {
            keys.delete(label);
        } finally {
            inUse.remove(label);
        }
    }

    @Override
    public String checkValue(KeyLabel label) {
        return HexFormat.of().formatHex(check(key(label)), 0, WrappedKey.CHECK_BYTES);
    }

    private static byte[] check(Kek key) {
        return key.wrap(WrappedKey.CHECK_KEY);
    }

    @Override
    public byte[] exportWrapped(KeyLabel label, TransportKey twin) {
        requireNonNull(twin, "twin");
        String checkValue = checkValue(label);
        byte[] key = keys.readForExport(label);
        return FileVault.wrap(WrappedKey.Kind.WRAPPING, twin, checkValue, key);
    }

    @Override
    public void importWrapped(KeyLabel label, byte[] wrapped) {
        keys.store(label, open(label, wrapped, Set.of(BYTES)));
    }

    @Override
    public void importTransportKek(KeyLabel label, byte[] wrapped) {
        transportKeks.store(label, open(label, wrapped, KEK_BYTES));
    }

    private byte[] open(KeyLabel label, byte[] wrapped, Set<Integer> lengths) {
        requireNonNull(label, "label");
        WrappedKey announced =
                WrappedKey.read(WrappedKey.Kind.WRAPPING, wrapped, vault.transportKey());
        byte[] key = vault.unwrap(label, announced.ciphertext());
        if (!lengths.contains(key.length)) {
            throw WrappedKey.wrongLength(label, key.length, lengths);
        }
        announced.check(label, check(Kek.of(key)));
        return key;
    }

    @Override
    public void forbidExport(KeyLabel label) {
        keys.forbidExport(label);
    }

    @Override
    public byte[] wrap(KeyLabel label, AesKey rootKey) {
        return key(label).wrap(rootKey);
    }

    @Override
    public byte[] receive(KeyLabel label, KeyLabel transportKek, byte[] wrapped) {
        byte[] kek = transportKeks.read(transportKek);
        try {
            return wrap(label, Kek.of(kek).unwrap(wrapped));
        } catch (KeyWrapException e) {
            throw doesNotOpen("transport KEK", transportKek, e);
        } finally {
            Arrays.fill(kek, (byte) 0);
        }
    }

    @Override
    public byte[] rewrap(KeyLabel from, KeyLabel to, byte[] wrapped) {
        byte[] key = keys.readForExport(from);
        try {
            return wrap(to, Kek.of(key).unwrap(wrapped));
        } catch (KeyWrapException e) {
            throw doesNotOpen("wrapping key", from, e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    @Override
    public <T> T use(KeyLabel label, byte[] wrapped, Function<Aes128, T> use) {
        return use.apply(unwrap(label, wrapped));
    }

    private AesKey unwrap(KeyLabel label, byte[] wrapped) {
        try {
            return key(label).unwrap(wrapped);
        } catch (KeyWrapException e) {
            throw doesNotOpen("wrapping key", label, e);
        }
    }

    private VaultException doesNotOpen(String kind, KeyLabel label, KeyWrapException cause) {
        return new VaultException(
                "the root key does not open with "
                        + kind
                        + " '"
                        + label
                        + "' of "
                        + vault
                        + ": it was wrapped under another key, or changed",
                cause);
    }

    @Override
    public List<KeyLabel> transportKeks() {
        return transportKeks.labels();
    }

    @Override
    public void deleteTransportKek(KeyLabel label) {
        transportKeks.delete(label);
    }

    private Kek key(KeyLabel label) {
        Kek known = inUse.get(label);
        return known != null ? known : load(label);
    }

    private Kek load(KeyLabel label) {
        byte[] bytes = keys.read(label);
        try {
            Kek key = Kek.of(bytes);
            inUse.put(label, key);
            return key;
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    void forget() {
        inUse.clear();
    }
}
