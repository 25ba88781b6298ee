package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.keys.KeyLabel;
import dev.usher.keys.TransportKey;
import dev.usher.keys.Vault;
import dev.usher.keys.VaultKeys;
import java.util.Base64;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The keys of one kind in a vault that this program opened itself. */
final class LocalKeys implements KeysOfVault {

    private final Vault vault;
    private final KindOfKey kind;

    LocalKeys(Vault vault, KindOfKey kind) {
        this.vault = requireNonNull(vault, "vault");
        this.kind = requireNonNull(kind, "kind");
    }

    private VaultKeys keys() {
        return switch (kind) {
            case ROOT_KEY -> vault;
            case WRAPPING_KEY -> vault.wrappingKeys();
            case TRANSPORT_KEK ->
                    throw new IllegalStateException("no command does that to a transport KEK");
        };
    }

    @Override
    public ObjectNode show() {
        TransportKey transportKey = vault.transportKey();
        ObjectNode node =
                Json.object()
                        .put("transportKey", transportKey.pem())
                        .put("fingerprint", transportKey.fingerprint());
        ArrayNode labels = node.putArray("labels");
        vault.labels().forEach(label -> labels.add(label.value()));
        writeCheckValues(node.putObject("checkValues"), vault);
        writeCheckValues(node.putObject("wrappingKeys"), vault.wrappingKeys());
        ArrayNode keks = node.putArray("transportKeks");
        vault.wrappingKeys().transportKeks().forEach(kek -> keks.add(kek.value()));
        return node;
    }

    private static void writeCheckValues(ObjectNode node, VaultKeys keys) {
        keys.labels().forEach(label -> node.put(label.value(), keys.checkValue(label)));
    }

    @Override
    public ObjectNode create(KeyLabel label) {
        keys().create(label);
        return describe(label);
    }

    @Override
    public ObjectNode exportWrapped(KeyLabel label, TransportKey twin) {
        byte[] wrapped = keys().exportWrapped(label, twin);
        return describe(label)
                .put("fingerprint", twin.fingerprint())
                .put("wrappedKey", Base64.getEncoder().encodeToString(wrapped));
    }

    @Override
    public ObjectNode importWrapped(KeyLabel label, byte[] wrapped) {
        if (kind == KindOfKey.TRANSPORT_KEK) {
            vault.wrappingKeys().importTransportKek(label, wrapped);
            return Json.object().put("label", label.value());
        }
        keys().importWrapped(label, wrapped);
        return describe(label);
    }

    @Override
    public ObjectNode forbidExport(KeyLabel label) {
        keys().forbidExport(label);
        return describe(label);
    }

    @Override
    public void delete(KeyLabel label) {
        if (kind == KindOfKey.TRANSPORT_KEK) {
            vault.wrappingKeys().deleteTransportKek(label);
        } else {
            keys().delete(label);
        }
    }

    private ObjectNode describe(KeyLabel label) {
        return Json.object()
                .put("label", label.value())
                .put("checkValue", keys().checkValue(label));
    }
}
