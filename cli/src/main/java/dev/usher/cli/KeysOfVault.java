package dev.usher.cli;

import dev.usher.keys.KeyLabel;
import dev.usher.keys.TransportKey;
import tools.jackson.databind.node.ObjectNode;

/**
 * The keys of one kind in a vault, wherever that is. Answers are what the REST API says of a key:
 * {@code label} and {@code checkValue}, which is the same wherever the same key is.
 */
interface KeysOfVault {

    /** The vault's kind, its transport key, and the labels and check values of all its keys. */
    ObjectNode show();

    ObjectNode create(KeyLabel label);

    /** Also {@code wrappedKey} (base64), and the {@code fingerprint} of whose vault can open it. */
    ObjectNode exportWrapped(KeyLabel label, TransportKey twin);

    ObjectNode importWrapped(KeyLabel label, byte[] wrapped);

    ObjectNode forbidExport(KeyLabel label);

    void delete(KeyLabel label);
}
