package dev.usher.keys;

import java.util.HexFormat;

/**
 * Holds the root keys everything else is derived from, and uses them without giving them away.
 *
 * <p>Every key is a 256-bit HMAC-SHA-256 key, but for the {@link #wrappingKeys}.
 */
public interface Vault extends VaultKeys, AutoCloseable {

    /** HMAC-SHA-256 of the data under the key: 32 bytes. */
    byte[] hmacSha256(KeyLabel label, byte[] data);

    /** The public key others wrap keys for this vault with; its pair is made on first use. */
    TransportKey transportKey();

    @Override
    default String checkValue(KeyLabel label) {
        byte[] mac = hmacSha256(label, WrappedKey.CHECK_INPUT);
        return HexFormat.of().formatHex(mac, 0, WrappedKey.CHECK_BYTES);
    }

    /** Seals what the database keeps; its keys come from this vault. */
    Sealer sealer();

    /** The keys that root keys of devices are wrapped under; they are none of {@link #labels}. */
    WrappingKeys wrappingKeys();

    @Override
    void close();
}
