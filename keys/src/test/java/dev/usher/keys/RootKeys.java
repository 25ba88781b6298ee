package dev.usher.keys;

import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Cipher;

/** Puts known root keys into vaults, the way a maker brings his own: wrapped. */
final class RootKeys {

    private RootKeys() {}

    static void put(Vault vault, KeyLabel label, byte[] key) {
        vault.importWrapped(label, wrap(key, vault.transportKey()));
    }

    static byte[] wrap(byte[] key, TransportKey vault) {
        byte[] check = new HmacSha256(key).of(WrappedKey.CHECK_INPUT);
        try {
            Cipher cipher = Cipher.getInstance(TransportKey.CIPHER);
            cipher.init(Cipher.ENCRYPT_MODE, vault.key());
            return WrappedKey.write(
                    vault,
                    HexFormat.of().formatHex(check, 0, WrappedKey.CHECK_BYTES),
                    cipher.doFinal(key));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
