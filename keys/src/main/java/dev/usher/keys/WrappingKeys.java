package dev.usher.keys;

import dev.usher.lorawan.Aes128;
import dev.usher.lorawan.AesKey;
import java.util.List;
import java.util.function.Function;

/**
 * The AES-256 keys of a vault that root keys of devices (AppKey, NwkKey) are wrapped under, so that
 * they can lie in a database and yet be used nowhere but inside the vault.
 *
 * <p>A wrapped root key is 24 bytes (RFC 3394). In a {@link Pkcs11Vault} it is unwrapped into a
 * session object of the token and used there; it enters this process only if it came in clear
 * ({@link #wrap}). A {@link FileVault} does the same in memory.
 *
 * <p>Labels are those of wrapping keys alone: a root key of batches may have the same one.
 * Transport KEKs, under which makers deliver, are a third kind.
 */
public interface WrappingKeys extends VaultKeys {

    /** The root key, wrapped under the key with this label. */
    byte[] wrap(KeyLabel label, AesKey rootKey);

    /**
     * A root key that came wrapped under a transport KEK of this vault, wrapped under the key with
     * this label instead. In a token it is not in clear outside on the way either.
     *
     * @param wrapped 24 bytes (RFC 3394)
     */
    byte[] receive(KeyLabel label, KeyLabel transportKek, byte[] wrapped);

    /**
     * A wrapped root key, wrapped under another key of this vault instead. In a token it is not in
     * clear outside on the way either.
     *
     * @throws VaultException also if export of the former key was forbidden, since what it wraps is
     *     then to stay where it is
     */
    byte[] rewrap(KeyLabel from, KeyLabel to, byte[] wrapped);

    /**
     * Uses a wrapped root key; in a token it is unwrapped when it is first used, and destroyed
     * right after. A function that keeps the key finds it useless.
     *
     * @throws VaultException also if the bytes were changed or wrapped under another key; this may
     *     come out of the function, when it first uses the key
     */
    <T> T use(KeyLabel label, byte[] wrapped, Function<Aes128, T> use);

    /**
     * Takes a KEK that a maker wraps root keys under on the way here, AES of 128, 192 or 256 bits.
     *
     * @param wrapped the KEK, wrapped for this vault's transport key; the format is in docs/keys.md
     */
    void importTransportKek(KeyLabel label, byte[] wrapped);

    /** The labels of all transport KEKs, in order. */
    List<KeyLabel> transportKeks();

    /** Destroys a transport KEK. The root keys that came under it stay as they are. */
    void deleteTransportKek(KeyLabel label);
}
