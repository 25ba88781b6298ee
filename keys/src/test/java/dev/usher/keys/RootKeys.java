package dev.usher.keys;

import dev.usher.lorawan.Kek;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Cipher;

/** Puts known keys into vaults, the way a maker brings his own: wrapped. */
final class RootKeys {

    private RootKeys() {}

    static void put(Vault vault, KeyLabel label, byte[] key) {
        vault.importWrapped(label, wrap(key, vault.transportKey()));
    }

    static byte[] wrap(byte[] key, TransportKey vault) {
        return wrap(
                WrappedKey.Kind.ROOT, key, new HmacSha256(key).of(WrappedKey.CHECK_INPUT), vault);
    }

    /** A KEK, or a wrapping key. */
    static byte[] wrap(Kek kek, TransportKey vault) {
        byte[] check = kek.wrap(WrappedKey.CHECK_KEY);
        return wrap(WrappedKey.Kind.WRAPPING, kek.bytes(), check, vault);
    }

    private static byte[] wrap(WrappedKey.Kind kind, byte[] key, byte[] check, TransportKey vault) {
        try {
            Cipher cipher = Cipher.getInstance(TransportKey.CIPHER);
            cipher.init(Cipher.ENCRYPT_MODE, vault.key());
            return WrappedKey.write(
                    kind,
                    vault,
                    HexFormat.of().formatHex(check, 0, WrappedKey.CHECK_BYTES),
                    cipher.doFinal(key));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
