package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.keys.KeyLabel;
import dev.usher.keys.Sealer;
import dev.usher.keys.TransportKey;
import dev.usher.keys.Vault;
import dev.usher.keys.VaultUnavailableException;
import dev.usher.keys.WrappingKeys;
import java.util.List;

/** A vault that can be away for a while, as a token can. */
final class UnsteadyVault implements Vault {

    private final Vault vault;
    volatile boolean isAway;

    UnsteadyVault(Vault vault) {
        this.vault = requireNonNull(vault, "vault");
    }

    private Vault vault() {
        if (isAway) {
            throw new VaultUnavailableException("the token 'one' failed: look after it");
        }
        return vault;
    }

    @Override
    public byte[] hmacSha256(KeyLabel label, byte[] data) {
        return vault().hmacSha256(label, data);
    }

    @Override
    public TransportKey transportKey() {
        return vault().transportKey();
    }

    @Override
    public Sealer sealer() {
        return vault.sealer();
    }

    @Override
    public WrappingKeys wrappingKeys() {
        return vault.wrappingKeys();
    }

    @Override
    public void create(KeyLabel label) {
        vault().create(label);
    }

    @Override
    public boolean contains(KeyLabel label) {
        return vault().contains(label);
    }

    @Override
    public List<KeyLabel> labels() {
        return vault().labels();
    }

    @Override
    public void delete(KeyLabel label) {
        vault().delete(label);
    }

    @Override
    public byte[] exportWrapped(KeyLabel label, TransportKey twin) {
        return vault().exportWrapped(label, twin);
    }

    @Override
    public void importWrapped(KeyLabel label, byte[] wrapped) {
        vault().importWrapped(label, wrapped);
    }

    @Override
    public void forbidExport(KeyLabel label) {
        vault().forbidExport(label);
    }

    @Override
    public void close() {
        vault.close();
    }
}
