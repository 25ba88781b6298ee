package dev.usher.devices;

import dev.usher.accounts.OwnerId;
import dev.usher.backend.Octets;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.Vault;
import dev.usher.keys.VaultException;
import dev.usher.keys.VaultUnavailableException;
import dev.usher.keys.WrappingKeys;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.KeyWrapException;
import dev.usher.lorawan.Printable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Takes in root keys as makers hand them over, for one change: looks up each transport KEK once.
 *
 * <p>A transport KEK is in the vault, under the label {@link #inVault}, or else in {@link
 * TransportKeks}. What comes under one of the vault goes from there to the wrapping key without
 * being in clear here.
 */
final class RootKeyDelivery {

    private final Vault vault;
    private final TransportKeks keks;
    private final Map<Name, Optional<Kek>> known = new HashMap<>();
    private Optional<List<KeyLabel>> knownInVault = Optional.empty();

    private record Name(OwnerId maker, String label) {}

    RootKeyDelivery(Vault vault, TransportKeks keks) {
        this.vault = vault;
        this.keks = keks;
    }

    /**
     * The root keys as they are to be stored.
     *
     * @param label the wrapping key they are to be under; empty: none
     * @throws IllegalArgumentException if they do not open, or there is no such key
     */
    WrappedRootKeys take(
            OwnerId maker, Eui64 devEui, GivenRootKeys given, Optional<KeyLabel> label) {
        try {
            return switch (given) {
                case GivenRootKeys.Plain plain -> take(devEui, plain, label);
                case GivenRootKeys.Wrapped wrapped -> take(maker, devEui, wrapped, label);
            };
        } catch (VaultUnavailableException e) {
            throw e;
        } catch (KeyWrapException | VaultException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private WrappedRootKeys take(
            Eui64 devEui, GivenRootKeys.Plain plain, Optional<KeyLabel> label) {
        if (label.isEmpty()) {
            return WrappedRootKeys.seal(devEui, vault, plain.nwkKey(), plain.appKey());
        }
        Function<AesKey, byte[]> wrap = key -> wrappingKeys().wrap(label.get(), key);
        return WrappedRootKeys.sealWrapped(
                devEui, vault, plain.nwkKey().map(wrap), plain.appKey().map(wrap), label.get());
    }

    private WrappedRootKeys take(
            OwnerId maker, Eui64 devEui, GivenRootKeys.Wrapped wrapped, Optional<KeyLabel> label) {
        Optional<KeyLabel> ofVault =
                inVault(maker, wrapped.kekLabel()).filter(name -> knownInVault().contains(name));
        if (ofVault.isEmpty()) {
            Kek kek = kek(maker, wrapped.kekLabel());
            Function<Octets, AesKey> unwrap = key -> kek.unwrap(key.bytes());
            return take(
                    devEui,
                    new GivenRootKeys.Plain(
                            wrapped.nwkKey().map(unwrap), wrapped.appKey().map(unwrap)),
                    label);
        }
        KeyLabel to =
                label.orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "transport KEK '"
                                                + ofVault.get()
                                                + "' is in the vault, which opens nothing for use"
                                                + " outside: name the wrapping key that the"
                                                + " device's root keys are to be under"));
        Function<Octets, byte[]> receive =
                key -> wrappingKeys().receive(to, ofVault.get(), key.bytes());
        return WrappedRootKeys.sealWrapped(
                devEui, vault, wrapped.nwkKey().map(receive), wrapped.appKey().map(receive), to);
    }

    /** What a maker's transport KEK is called in the vault: {@code <maker in hex>.<label>}. */
    static Optional<KeyLabel> inVault(OwnerId maker, String kekLabel) {
        try {
            return Optional.of(new KeyLabel(Long.toHexString(maker.value()) + "." + kekLabel));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private List<KeyLabel> knownInVault() {
        List<KeyLabel> labels = knownInVault.orElseGet(() -> wrappingKeys().transportKeks());
        knownInVault = Optional.of(labels);
        return labels;
    }

    private Kek kek(OwnerId maker, String label) {
        return known.computeIfAbsent(
                        new Name(maker, label), name -> keks.find(name.maker(), name.label()))
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "maker "
                                                + maker
                                                + " has no transport KEK '"
                                                + Printable.of(label)
                                                + "': register it first"));
    }

    private WrappingKeys wrappingKeys() {
        return vault.wrappingKeys();
    }
}
