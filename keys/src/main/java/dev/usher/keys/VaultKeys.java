package dev.usher.keys;

import java.util.List;

/**
 * The keys of one kind in a vault, each under a label. A key is made inside, never leaves in clear,
 * and leaves at all only wrapped for a twin ({@link #exportWrapped}).
 *
 * <p>Safe for any number of threads, virtual ones included. Every method throws {@link
 * VaultException} when the vault cannot do what it is asked, and {@link VaultUnavailableException}
 * when it may be able to later.
 */
public interface VaultKeys {

    /** Makes a new random key inside the vault; refuses a label that is in use. */
    void create(KeyLabel label);

    boolean contains(KeyLabel label);

    /** The labels of all keys, in order; also Usher's own ({@link KeyLabel#isReserved}). */
    List<KeyLabel> labels();

    /**
     * Destroys a key. Everything derived from it, sealed, hashed or wrapped with it is lost unless
     * a twin has the key.
     */
    void delete(KeyLabel label);

    /**
     * The key, wrapped so that only the vault with this transport key can read it.
     *
     * <p>Compare the transport key's fingerprint with the twin's own over another channel first:
     * whoever owns the transport key gets the key.
     *
     * @return bytes for {@link #importWrapped}; the format is in docs/keys.md
     */
    byte[] exportWrapped(KeyLabel label, TransportKey twin);

    /**
     * Takes a key wrapped for this vault's transport key.
     *
     * @throws VaultException if the label is in use, the bytes were wrapped for another vault, or
     *     what they hold is not the key whose check value they carry; the vault is unchanged
     */
    void importWrapped(KeyLabel label, byte[] wrapped);

    /** From now on the key cannot be exported, not even wrapped. Cannot be undone. */
    void forbidExport(KeyLabel label);

    /**
     * 16 hex digits that are the same wherever the same key is and tell nothing about it: read them
     * out on both sides after a twin ceremony.
     */
    String checkValue(KeyLabel label);
}
