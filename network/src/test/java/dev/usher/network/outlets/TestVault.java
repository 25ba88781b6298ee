package dev.usher.network.outlets;

import dev.usher.keys.FileVault;
import dev.usher.keys.MasterKey;
import dev.usher.keys.Sealer;
import dev.usher.keys.Vault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A vault for the tests of a JVM. */
final class TestVault {

    static final Vault VAULT = open();
    static final Sealer SEALER = VAULT.sealer();

    private TestVault() {}

    private static Vault open() {
        try {
            Path home = Files.createTempDirectory("usher-vault-");
            home.toFile().deleteOnExit();
            return FileVault.open(home.resolve("vault"), MasterKey.file(home.resolve("key")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
